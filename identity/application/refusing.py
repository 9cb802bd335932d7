"""Which reasons a file may be refused for: what a refusal says must have happened.

The applicant reads the reason, brings what it names and may appeal: "did not match" is untrue where nobody compared.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from identity.application.eligibility import check_documents
from identity.application.model import Application, may
from identity.application.reasons import PAPERS_OF, REFUSAL_REASONS, SUPPLEMENT_REASONS
from identity.application.registered import from_facts
from identity.base import Refused
from identity.deadlines import today_in_vietnam

Holds = Callable[[Application, datetime], bool]
EXPECTED: list[Holds] = []
"""What says that the applicant has a time to come yet; `identity.appointments` adds its part."""


def was_seen(application: Application) -> bool:
    """Whether somebody compared the person: at the counter for level 2, by the portrait sent online for level 1."""
    return application.level == 1 or application.captured_at is not None


def stayed_away(application: Application, now: datetime) -> bool:
    """Whether the last day to decide has come, and nobody was seen or is expected; until then there is time to come."""
    due = application.decision_due_at
    if was_seen(application) or due is None or today_in_vietnam(now) < today_in_vietnam(due):
        return False
    return not any(is_expected(application, now) for is_expected in EXPECTED)


def trouble_with_papers(application: Application, now: datetime) -> str | None:
    """Why nobody with these papers could apply today: what the register named may have ended since."""
    try:
        check_documents(from_facts(application.record or {}), now=now)
    except Refused as refusal:
        return refusal.code
    return None


def names_ended_papers(*codes: str) -> Holds:
    """Holds where one of these stands in the way today."""
    return lambda application, now: trouble_with_papers(application, now) in codes


ON_A_VISIT = ("identity-not-matched", "document-not-genuine")
"""What only a visit can show."""
OF_SOME_FILES: dict[str, Holds] = {
    "identity-not-matched": lambda application, _now: was_seen(application) and not application.matched,
    "document-not-genuine": lambda application, _now: was_seen(application),
    "not-appeared": stayed_away,
    "guardian-missing": lambda application, _now: application.guardian_id is not None,
    "document-expired": names_ended_papers("card-expired", "passport-expired", "residence-card-expired"),
    "no-right-of-residence": names_ended_papers("residence-card-expired", "residence-document-kind"),
    "supplement-not-given": lambda application, _now: application.supplement is not None,
}
"""What is not true of every file. The other reasons may be true of any."""


def possible_reasons(application: Application, *, now: datetime) -> list[str]:
    """In the order of the list."""
    return [reason for reason in REFUSAL_REASONS if OF_SOME_FILES.get(reason, _always)(application, now)]


def possible_supplements(application: Application) -> list[str]:
    """What this person can be asked for, in the order of the list: papers of their kind, a guardian of a ward."""
    others = frozenset().union(*(papers for kind, papers in PAPERS_OF.items() if kind != application.person_kind))
    left_out = others if application.guardian_id is not None else others | {"bring-guardian"}
    return [reason for reason in SUPPLEMENT_REASONS if reason not in left_out]


def check_reason(application: Application, reason: str | None, *, now: datetime) -> None:
    """Refused "reason-missing", "reason-needs-visit" before anybody was seen, "reason-does-not-fit".

    Whoever doubts a match has the person come again: the register's answer stands until it gives another.
    """
    if reason not in REFUSAL_REASONS:
        raise Refused("reason-missing", field="reason")
    if reason not in possible_reasons(application, now=now):
        unseen = reason in ON_A_VISIT and not was_seen(application)
        raise Refused("reason-needs-visit" if unseen else "reason-does-not-fit", field="reason")


def check_visited(application: Application) -> None:
    """Level 2 is proven in person (Decree 69/2024 Art. 10, 11): refused "visit-missing" before anybody was seen."""
    if may(application, "refuse") and not was_seen(application):
        raise Refused("visit-missing", field="outcome")


def _always(_application: Application, _now: datetime) -> bool:
    return True
