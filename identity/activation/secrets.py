"""Steps 4 and 5: a password and an authenticator app. Both wait here until the activation is finished.

A device's own lock may take the app's place: `device`."""

from __future__ import annotations

import hmac
from datetime import datetime

from sqlalchemy.orm import Session

from identity.activation.journey import Journey, Step, check_step, step_done, step_failed
from identity.base import Refused
from identity.credentials.codes import clean_digits
from identity.credentials.recovery import Sheet
from identity.credentials.totp import STEP_SECONDS, matching_step, new_secret


def set_password(db: Session, journey: Journey, password_hash: str, *, now: datetime) -> None:
    """Keep the hash (made before the transaction, of a password that passed the rules) and draw the app's secret."""
    check_step(db, journey, Step.PASSWORD, now=now)
    journey.activation.password_hash = password_hash
    journey.activation.totp_secret = new_secret()
    step_done(db, journey, Step.PASSWORD, now=now)


def refuse_password(db: Session, journey: Journey, refusal: Refused, *, now: datetime) -> Refused:
    """Record why the rules refused a password; the password itself is nowhere."""
    check_step(db, journey, Step.PASSWORD, now=now)
    return step_failed(db, journey.account, Step.PASSWORD, refusal, now=now)


def confirm_totp(db: Session, journey: Journey, typed: str, *, now: datetime, test_otp: str = "") -> Refused | None:
    """Check that the app shows the right code; its step is used up for signing in too. Draws the recovery codes."""
    check_step(db, journey, Step.TOTP, now=now)
    step = matching_step(journey.activation.totp_secret or "", typed, now=now)
    if step is None and test_otp and hmac.compare_digest(test_otp, clean_digits(typed)):
        step = int(now.timestamp()) // STEP_SECONDS - 2  # leaves the real codes of this moment unused
    if step is None:
        return step_failed(db, journey.account, Step.TOTP, Refused("totp-wrong", field="otp"), now=now)
    journey.activation.totp_step = step
    journey.activation.recovery = Sheet.draw(now).as_json()
    step_done(db, journey, Step.TOTP, now=now)
    return None


def redraw(journey: Journey, *, now: datetime) -> None:
    """In a new sitting, secrets that another screen has shown and nobody has confirmed are drawn afresh."""
    activation = journey.activation
    if activation.password_hash is not None and activation.totp_step is None:
        activation.totp_secret = new_secret()
    if activation.recovery_sealed is not None:
        activation.recovery = Sheet.draw(now).as_json()
