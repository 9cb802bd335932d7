"""The slip of the counter: the activation secret on its way to the paper, shown once.

Between the saving of the visit and the page that is printed the secret lies sealed in the one-winner ledger for
minutes; the first look takes it out. Later only its digest remains (`identity.counter_secret`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from identity import once
from identity.application.issue import needs_activation
from identity.application.model import Application, State
from identity.application.review import check_not_own
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.counter_secret import keep_counter_secret, new_counter_secret

PURPOSE = "counter-slip"
LIFE = timedelta(minutes=10)
WITH_SLIP = frozenset({State.CAPTURED, State.MATCHED, State.APPROVED, State.ISSUED})
"""The person has been at the counter; before that there is nobody to hand a slip to."""


def hold_slip(db: Session, application: Application, officer: Actor, secret: str, *, now: datetime) -> str:
    """Put a fresh secret aside for this officer's printer; returns the ticket that shows it once."""
    once.withdraw(db, PURPOSE, application.id, now=now)
    payload: dict[str, object] = {"secret": secret, "officer": str(officer.account_id)}
    return once.issue(db, PURPOSE, application.id, now=now, expires_at=now + LIFE, payload=payload)


def open_slip(db: Session, ticket: str, application: Application, officer: Actor, *, now: datetime) -> str:
    """The secret, once. Refused "slip-shown" for a used, old or foreign ticket, which is used up by the try."""
    redeemed = once.redeem(db, PURPOSE, ticket, now=now)
    if redeemed is None or redeemed.subject != application.id:
        raise Refused("slip-shown")
    if redeemed.payload["officer"] != str(officer.account_id):
        raise Refused("slip-shown", audited=True)
    return str(redeemed.payload["secret"])


def find_unseen_slip(db: Session, application: Application, officer: Actor, *, now: datetime) -> str | None:
    """A ticket for the slip that this officer has not seen yet: sent twice, and the first answer never came."""
    held = once.waiting(db, PURPOSE, application.id, now=now)
    if held is None or held.payload["officer"] != str(officer.account_id):
        return None
    return hold_slip(db, application, officer, str(held.payload["secret"]), now=now)


def check_needs_slip(db: Session, application: Application, *, now: datetime) -> None:
    """Refused "slip-not-needed" where the account is in use: nothing has to be activated."""
    if not needs_activation(db, application, now=now):
        raise Refused("slip-not-needed")


def renew_slip(db: Session, application: Application, officer: Actor, *, now: datetime) -> str:
    """A new secret in place of a lost one, for the person at the counter; the old one stops working. Audited.

    Refused "own-file", "slip-not-needed", and "application-state" before the visit and after the end.
    """
    check_not_own(db, application, officer)
    if application.state not in WITH_SLIP:
        raise Refused("application-state")
    check_needs_slip(db, application, now=now)
    secret = new_counter_secret()
    keep_counter_secret(db, application.id, secret, now=now)
    record(db, Event.COUNTER_SECRET_RENEWED, officer, now=now, subject=application.subject)
    return hold_slip(db, application, officer, secret, now=now)
