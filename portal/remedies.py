"""From where an application stands to the page of help (the table of failures in law.md, section 5.4)."""

from __future__ import annotations

from typing import Any

from identity.application import Application, State
from portal.language import _l

WORRIES: dict[str, Any] = {
    "no-activation-message": _l("The activation message did not come"),
    "window-over": _l("More than 7 days have passed"),
    "new-number": _l("I have a new phone number"),
    "wrong-details": _l("My details in the register are wrong"),
    "sim-other-name": _l("The number is not in my name"),
    "operator-mismatch": _l("The operator does not know me by my new number"),
    "face-not-matched": _l("My face was not recognised"),
    "forgot-password": _l("I cannot get into my account"),
    "child": _l("I apply for a child"),
}
BY_STATE: dict[str, tuple[str, ...]] = {
    State.SUBMITTED: ("wrong-details", "new-number"),
    State.ISSUED: ("no-activation-message", "window-over", "new-number"),
}
BY_REASON: dict[str, tuple[str, ...]] = {
    "phone-proof": ("sim-other-name", "operator-mismatch"),
    "name-differs": ("wrong-details",),
    "register-correction": ("wrong-details",),
    "bring-guardian": ("child",),
    "identity-not-matched": ("face-not-matched", "wrong-details"),
    "second-account": ("forgot-password",),
    "guardian-missing": ("child",),
}
"""Reasons of a supplement and of a refusal."""


def remedies(application: Application, *, with_reasons: bool) -> list[tuple[str, Any]]:
    """Help pages for this file, each once. What the office found is shown to the applicant alone (`with_reasons`)."""
    slugs = list(BY_STATE.get(application.state, ()))
    if with_reasons:
        asked = (application.supplement or {}).get("reasons", ())
        open_reasons = asked if application.state == State.SUPPLEMENT_REQUESTED else ()
        for reason in (*open_reasons, application.refusal_reason or ""):
            slugs += BY_REASON.get(reason, ())
    return [(slug, WORRIES[slug]) for slug in dict.fromkeys(slugs)]
