"""Which reasons a file may be refused for: what a refusal says must have happened.

The applicant reads the reason, brings what it names and may appeal: "did not match" is untrue where nobody compared.
"""

from __future__ import annotations

from collections.abc import Callable

from identity.application.model import Application, may
from identity.application.reasons import REFUSAL_REASONS
from identity.base import Refused

Holds = Callable[[Application], bool]


def was_seen(application: Application) -> bool:
    """Whether somebody compared the person: at the counter for level 2, by the portrait sent online for level 1."""
    return application.level == 1 or application.captured_at is not None


ON_A_VISIT: dict[str, Holds] = {"identity-not-matched": was_seen, "document-not-genuine": was_seen}
"""What only a visit can show."""
OF_SOME_FILES: dict[str, Holds] = {
    "not-appeared": lambda application: not was_seen(application),
    "guardian-missing": lambda application: application.guardian_id is not None,
    "no-right-of-residence": lambda application: application.person_kind == "foreigner",
    "supplement-not-given": lambda application: application.supplement is not None,
}
"""What cannot be true of every file. The other reasons may be true of any."""


def possible_reasons(application: Application) -> list[str]:
    """In the order of the list."""
    return [reason for reason in REFUSAL_REASONS if (ON_A_VISIT | OF_SOME_FILES).get(reason, _always)(application)]


def check_reason(application: Application, reason: str | None) -> None:
    """Refused "reason-missing", "reason-needs-visit" before anybody was seen, "reason-does-not-fit"."""
    if reason not in REFUSAL_REASONS:
        raise Refused("reason-missing", field="reason")
    if reason not in possible_reasons(application):
        raise Refused("reason-needs-visit" if reason in ON_A_VISIT else "reason-does-not-fit", field="reason")


def check_visited(application: Application) -> None:
    """Level 2 is proven in person (Decree 69/2024 Art. 10, 11): refused "visit-missing" before anybody was seen."""
    if may(application, "refuse") and not was_seen(application):
        raise Refused("visit-missing", field="outcome")


def _always(_application: Application) -> bool:
    return True
