"""From a draft to an issued account: one file a concept, one verb a state change.

`draft` → `lookup` → `apply` → `review` (acknowledge, supplement) → `counter` (capture, match) → `decide` → `issue`;
`queue` is the officers' list, `status` what the applicant sees; `clocks` and `terms` keep the legal terms.
"""

from identity.application.apply import apply, find_receipt, find_sent
from identity.application.counter import match_reference, record_capture, record_match
from identity.application.decide import check_may_decide, decide
from identity.application.draft import Draft, load_draft, purge_drafts, save_step, start_draft
from identity.application.eligibility import check_may_apply
from identity.application.helped import may_be_helped, stop_help
from identity.application.issue import Issued, issue
from identity.application.model import OPEN, Application, State, check_version, may
from identity.application.queue import Filters, Group, Queue, case, count_states, next_case, queue, view_case
from identity.application.reasons import REFUSAL_REASONS, SUPPLEMENT_REASONS
from identity.application.review import abandon_unanswered, acknowledge, request_supplement, resubmit
from identity.application.status import PublicStatus, find_by_code, is_activated, public_status, status_of, withdraw
from identity.application.terms import keep_terms

__all__ = [
    "OPEN",
    "REFUSAL_REASONS",
    "SUPPLEMENT_REASONS",
    "Application",
    "Draft",
    "Filters",
    "Group",
    "Issued",
    "PublicStatus",
    "Queue",
    "State",
    "abandon_unanswered",
    "acknowledge",
    "apply",
    "case",
    "check_may_apply",
    "check_may_decide",
    "check_version",
    "count_states",
    "decide",
    "find_by_code",
    "find_receipt",
    "find_sent",
    "is_activated",
    "issue",
    "keep_terms",
    "load_draft",
    "match_reference",
    "may",
    "may_be_helped",
    "next_case",
    "public_status",
    "purge_drafts",
    "queue",
    "record_capture",
    "record_match",
    "request_supplement",
    "resubmit",
    "save_step",
    "start_draft",
    "status_of",
    "stop_help",
    "view_case",
    "withdraw",
]
