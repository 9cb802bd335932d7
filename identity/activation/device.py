"""Step 5 the other way: the lock of the person's own device is the second factor, and no app is needed.

What the device made waits in the activation, as the app's key does, and belongs to the account when all is finished.
The question is made for one sitting: an answer given in another one, left or taken up elsewhere, does not count.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from identity.activation.journey import Journey, Step, check_step, step_done, step_failed
from identity.base import Refused
from identity.credentials import new_passkey
from identity.credentials.passkey import Site
from identity.credentials.recovery import Sheet

PURPOSE = "passkey-activate"


def options_to_make(db: Session, site: Site, journey: Journey, *, now: datetime) -> str:
    """What the browser needs to make one, as JSON. Of keys of an earlier life none is left to be named."""
    check_step(db, journey, Step.TOTP, now=now)
    return new_passkey.options(db, site, journey.account, PURPOSE, journey.visit.id, (), now=now)


def confirm_passkey(
    db: Session, site: Site, journey: Journey, answer: str, name: str, *, now: datetime
) -> Refused | None:
    """Keep what the browser made, until the end. Draws the recovery codes. A failure is recorded, also a dialog that
    the person closed (an empty answer)."""
    check_step(db, journey, Step.TOTP, now=now)
    try:
        made = new_passkey.read(db, site, PURPOSE, journey.visit.id, answer, name, now=now)
    except Refused as refusal:
        return step_failed(db, journey.account, Step.TOTP, refusal, now=now)
    journey.activation.passkey = made
    journey.activation.recovery = Sheet.draw(now).as_json()
    step_done(db, journey, Step.TOTP, now=now, by="passkey")
    return None
