"""Consent to be helped, the one-day code that proves it to a helper, and what became of the person.

Helpers know a person by a keyed pseudonym only. The link from pseudonym to person lives here and ends with the consent.
"""

from identity.helping.code import (
    Presented,
    forget_help_codes,
    new_help_code,
    person_of_help_code,
    present_help_code,
    resolve_help_code,
)
from identity.helping.consent import (
    ENDINGS,
    HelpConsent,
    agree_to_help,
    has_agreed,
    index_some,
    person_behind,
    withdraw_help,
)
from identity.helping.outcome import Outcome, beside_outcome, outcome_of, outcomes
from identity.helping.waiting import (
    Waiting,
    WaitingCount,
    all_waiting_by_place,
    count_waiting,
    find_waiting,
    known_as,
    phone_of_waiting,
    waiting_by_place,
    waiting_by_reason,
    waiting_people,
    what_is_in_the_way,
)

__all__ = [
    "ENDINGS",
    "HelpConsent",
    "Outcome",
    "Presented",
    "Waiting",
    "WaitingCount",
    "agree_to_help",
    "all_waiting_by_place",
    "beside_outcome",
    "count_waiting",
    "find_waiting",
    "forget_help_codes",
    "has_agreed",
    "index_some",
    "known_as",
    "new_help_code",
    "outcome_of",
    "outcomes",
    "person_behind",
    "person_of_help_code",
    "phone_of_waiting",
    "present_help_code",
    "resolve_help_code",
    "waiting_by_place",
    "waiting_by_reason",
    "waiting_people",
    "what_is_in_the_way",
    "withdraw_help",
]
