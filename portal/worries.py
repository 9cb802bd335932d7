"""From a refusal to the page of help about it: one click from where the trouble happens (law.md, section 5.4)."""

from __future__ import annotations

from typing import Any

from portal.language import _l

WORRIES: dict[str, Any] = {
    "number-used": _l("The number is used already"),
    "sim-other-name": _l("The number is not in my name"),
    "operator-mismatch": _l("The operator does not know me by my new number"),
    "wrong-details": _l("My details in the register are wrong"),
    "forgot-password": _l("I cannot get into my account"),
    "account-locked": _l("The account is locked"),
    "no-activation-message": _l("The activation message did not come"),
    "window-over": _l("More than 7 days have passed"),
    "new-number": _l("I have a new phone number"),
    "new-phone": _l("New or broken phone"),
    "code-late": _l("The confirmation code does not arrive"),
    "code-refused": _l("The code is refused"),
    "child": _l("I apply for a child"),
}
BY_REFUSAL: dict[str, tuple[str, ...]] = {
    "phone-used": ("number-used",),
    "sim-not-own": ("sim-other-name", "operator-mismatch"),
    "register-mismatch": ("wrong-details",),
    "account-exists": ("forgot-password",),
    "sign-in-wrong": ("forgot-password",),
    "account-locked": ("account-locked",),
    "activation-code-unknown": ("no-activation-message",),
    "activation-window-over": ("window-over",),
    "activation-no-phone": ("new-number",),
    "contact-no-old": ("new-number",),
    "recover-no-phone": ("new-number",),
    "passkey-wrong": ("new-phone",),
    "otp-not-sent": ("code-late",),
    "otp-wait": ("code-late",),
    "otp-too-many": ("code-late",),
    "otp-too-many-today": ("code-late",),
    "otp-expired": ("code-late",),
    "otp-used": ("code-late",),
    "otp-ended": ("code-late",),
    "otp-wrong": ("code-refused",),
    "second-step-wrong": ("code-refused",),
    "totp-wrong": ("code-refused",),
    "guardian-needed": ("child",),
    "too-young": ("child",),
}
"""Code of a refusal → pages of help, the likeliest first."""


def worries_of(code: str) -> list[tuple[str, Any]]:
    """What to offer beside the sentence of this refusal: the page's name and what it is about."""
    return [(slug, WORRIES[slug]) for slug in BY_REFUSAL.get(code, ())]
