"""Children and wards: who acts for them, what that person confirms, and the day on which it ends.

`guardianship` says who is whose guardian, on what paper and until when; `confirming` asks the guardian about each use;
`hand_over` is the end: the young person takes the account over with a phone and secrets of their own.
"""

from identity.guardians.confirming import (
    Purpose,
    answer,
    ask,
    find_mine,
    find_question,
    is_confirmed,
    open_questions,
    state_of,
)
from identity.guardians.guardianship import (
    Basis,
    Shown,
    begin,
    check_guardian,
    end,
    guardians_of,
    has_guardian,
    is_of_age,
    last_day_for,
    past_wards_of,
    wards_of,
)
from identity.guardians.hand_over import is_handed_over, take_over
from identity.guardians.model import Confirmation, Guardianship

__all__ = [
    "Basis",
    "Confirmation",
    "Guardianship",
    "Purpose",
    "Shown",
    "answer",
    "ask",
    "begin",
    "check_guardian",
    "end",
    "find_mine",
    "find_question",
    "guardians_of",
    "has_guardian",
    "is_confirmed",
    "is_handed_over",
    "is_of_age",
    "last_day_for",
    "open_questions",
    "past_wards_of",
    "state_of",
    "take_over",
    "wards_of",
]
