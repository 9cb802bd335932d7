"""Step 2: the phone on file, by a confirmation code. From here on this browser is the one that goes on."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, update
from sqlalchemy.orm import Session

from identity.activation.journey import Journey, Step, check_step, step_done, step_failed
from identity.activation.model import ActivationVisit
from identity.activation.secrets import redraw
from identity.base import Refused
from identity.credentials.otp import check_otp, find_open_otp, seconds_to_wait, send_otp, why_not
from identity.person import Person
from identity.statements import Prepared

PURPOSE = "activation"


def phone_on_file(db: Session, journey: Journey) -> str | None:
    """The phone that the account was issued to."""
    person = db.get(Person, journey.account.person_id) if journey.account.person_id else None
    return person.phone if person else None


def send_code(
    db: Session, journey: Journey, *, now: datetime, locale: str = "vi", test_otp: str = ""
) -> Refused | None:
    """Send a code to the phone on file. Too soon or too often is told, and the code sent before stays good.

    Who has asked as often as one may is recorded: their messages do not come. A moment's wait stops nobody.
    """
    phone, subject = phone_on_file(db, journey), journey.activation.id
    if phone is None:
        return step_failed(db, journey.account, Step.PHONE, Refused("activation-no-phone"), now=now)
    try:
        journey.visit.challenge_id = send_otp(db, phone, PURPOSE, subject, now=now, locale=locale, test_otp=test_otp)
    except Refused as refusal:
        journey.visit.challenge_id = find_open_otp(db, PURPOSE, subject, now=now)
        if refusal.code == "otp-wait":
            return refusal
        return step_failed(db, journey.account, Step.PHONE, refusal, now=now)
    return None


def has_ended(db: Session, journey: Journey, *, now: datetime) -> bool:
    """Whether a code was sent and no longer counts: used, too old, or tried too often."""
    challenge = journey.visit.challenge_id
    return challenge is not None and why_not(db, challenge, now=now).code != "otp-wrong"


def wait_for_another(db: Session, journey: Journey, *, now: datetime) -> int:
    """How many seconds the pause after the last message to this phone still lasts; 0 once the code has ended."""
    phone = phone_on_file(db, journey)
    if phone is None or has_ended(db, journey, now=now):
        return 0
    return seconds_to_wait(db, phone, PURPOSE, now=now)


def prove_phone(db: Session, journey: Journey, typed: str, *, now: datetime) -> Refused | None:
    """Check the code. Other sittings of this activation end, so that two browsers never go on side by side."""
    check_step(db, journey, Step.PHONE, now=now)
    challenge = journey.visit.challenge_id
    if challenge is None:
        return step_failed(db, journey.account, Step.PHONE, Refused("otp-not-sent", field="otp"), now=now)
    if not check_otp(db, challenge, typed, now=now):
        return step_failed(db, journey.account, Step.PHONE, why_not(db, challenge, now=now), now=now)
    journey.visit.phone_at = now
    _END_OTHERS.run(db, activation=journey.activation.id, own=journey.visit.id, now=now)
    redraw(journey, now=now)
    step_done(db, journey, Step.PHONE, now=now)
    return None


_END_OTHERS = Prepared(
    update(cast(Table, ActivationVisit.__table__))
    .where(ActivationVisit.activation_id == bindparam("activation"), ActivationVisit.id != bindparam("own"))
    .where(ActivationVisit.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)
