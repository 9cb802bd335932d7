"""From a draft to an issued account: one file a concept, one verb a state change.

`draft` → `lookup` → `apply` → `review` (acknowledge, supplement) → `counter` (capture, match) → `decide` → `issue`;
`queue` is the officers' list, `status` what the applicant sees; `clocks` and `terms` keep the legal terms.
"""

from identity.application.appeal import (
    Appeal,
    appeal,
    appeal_until,
    appeals_of,
    check_may_hear,
    decide_appeal,
    may_appeal,
    open_appeal,
    take_back_appeal,
    waiting_appeals,
)
from identity.application.apply import apply, find_receipt, find_sent
from identity.application.counter import match_reference, record_capture, record_match
from identity.application.decide import check_decision, check_may_decide, decide
from identity.application.decision_paper import DecisionPaper, Outcome, find_paper, is_name_on, paper_of, signed
from identity.application.desks import hand_back, take_here, take_next
from identity.application.draft import Draft, load_draft, save_step, start_draft
from identity.application.eligibility import check_may_apply
from identity.application.helped import may_be_helped, stop_help
from identity.application.issue import Issued, issue
from identity.application.model import OPEN, Application, State, check_version, may
from identity.application.queue import Filters, Group, Line, Queue, case, queue, view_case
from identity.application.reasons import REFUSAL_REASONS, SUPPLEMENT_REASONS
from identity.application.refusing import possible_reasons, possible_supplements, was_seen
from identity.application.review import (
    Given,
    abandon_unanswered,
    acknowledge,
    check_may_ask,
    request_supplement,
    resubmit,
)
from identity.application.status import (
    PublicStatus,
    applications_for_wards,
    applications_of,
    awaits_holder,
    belongs_to,
    find_by_code,
    is_activated,
    is_still_theirs,
    public_status,
    status_of,
    what_to_bring,
    withdraw,
)

__all__ = [
    "OPEN",
    "REFUSAL_REASONS",
    "SUPPLEMENT_REASONS",
    "Appeal",
    "Application",
    "DecisionPaper",
    "Draft",
    "Filters",
    "Given",
    "Group",
    "Issued",
    "Line",
    "Outcome",
    "PublicStatus",
    "Queue",
    "State",
    "abandon_unanswered",
    "acknowledge",
    "appeal",
    "appeal_until",
    "appeals_of",
    "applications_for_wards",
    "applications_of",
    "apply",
    "awaits_holder",
    "belongs_to",
    "case",
    "check_decision",
    "check_may_apply",
    "check_may_ask",
    "check_may_decide",
    "check_may_hear",
    "check_version",
    "decide",
    "decide_appeal",
    "find_by_code",
    "find_paper",
    "find_receipt",
    "find_sent",
    "hand_back",
    "is_activated",
    "is_name_on",
    "is_still_theirs",
    "issue",
    "load_draft",
    "match_reference",
    "may",
    "may_appeal",
    "may_be_helped",
    "open_appeal",
    "paper_of",
    "possible_reasons",
    "possible_supplements",
    "public_status",
    "queue",
    "record_capture",
    "record_match",
    "request_supplement",
    "resubmit",
    "save_step",
    "signed",
    "start_draft",
    "status_of",
    "stop_help",
    "take_back_appeal",
    "take_here",
    "take_next",
    "view_case",
    "waiting_appeals",
    "was_seen",
    "what_to_bring",
    "withdraw",
]
