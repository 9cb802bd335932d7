"""What somebody brings to the office, by kind of person (dated rule `what_to_bring`), in words."""

from __future__ import annotations

from typing import Any

from identity.application import Application, what_to_bring
from identity.deadlines import today_in_vietnam
from portal.language import _l
from portal.services import now

BRING: dict[str, Any] = {
    "identity-card": _l("Your identity card, the original"),
    "passport": _l("Your passport, the original"),
    "residence-card": _l("Your permanent or temporary residence card, the original"),
    "phone": _l("The phone with the number you gave"),
    "guardian": _l("The guardian, who comes along with their own identity card or passport"),
    "guardianship-paper": _l("The paper that shows the guardianship, such as the birth certificate"),
}


def things_to_bring(application: Application) -> list[Any]:
    """One line a thing."""
    return [BRING[thing] for thing in what_to_bring(application, on=today_in_vietnam(now()))]
