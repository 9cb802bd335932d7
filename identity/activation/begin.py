"""Step 1: the code from the notice, typed or scanned. It opens a sitting and sends the code to the phone on file."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Account, Act, check_may
from identity.activation.code import code_digest
from identity.activation.journey import Journey, Step, step_done, step_failed, visit_digest
from identity.activation.model import Activation, ActivationVisit
from identity.activation.phone import send_code
from identity.base import Refused
from identity.credentials.throttle import Bucket, forgive, network_of, take_try
from identity.deadlines import rule, today_in_vietnam


@dataclass(frozen=True, slots=True)
class Begun:
    """A sitting; `token` goes into the cookie of this browser. `unsent` says why no code has left for the phone."""

    token: str
    journey: Journey
    unsent: Refused | None = None


def begin(
    db: Session, typed: str, *, address: str, now: datetime, locale: str = "vi", test_otp: str = ""
) -> Begun | Refused:
    """Open a sitting for the code. A wrong code is counted for the address; the refusal is a result and is kept."""
    buckets = [Bucket("activation", network_of(address))]
    wait = take_try(db, buckets, now=now)
    if wait is not None:
        return Refused("too-many-codes", field="code", seconds=ceil(wait.total_seconds()))
    found = db.execute(
        select(Account, Activation)
        .join(Activation, Activation.account_id == Account.id)
        .where(Activation.code_digest == code_digest(db, typed))
    ).one_or_none()
    if found is None:
        return Refused("activation-code-unknown", field="code")
    forgive(db, buckets, now=now)
    account, activation = found
    try:
        check_may(db, account.id, Act.ACTIVATE, now=now)
    except Refused as refusal:
        return step_failed(db, account, Step.CODE, Refused(refusal.code, field="code", **refusal.facts), now=now)
    token, visit = _open_visit(db, activation, now)
    journey = Journey(account, activation, visit)
    step_done(db, journey, Step.CODE, now=now)
    return Begun(token, journey, send_code(db, journey, now=now, locale=locale, test_otp=test_otp))


def _open_visit(db: Session, activation: Activation, now: datetime) -> tuple[str, ActivationVisit]:
    token = secrets.token_urlsafe(32)
    life = timedelta(minutes=rule("activation_journey_minutes", today_in_vietnam(now)))
    visit = ActivationVisit(
        activation_id=activation.id, token_digest=visit_digest(db, token), begun_at=now, expires_at=now + life
    )
    db.add(visit)
    return token, visit
