"""The activation code: 60 random bits in the notice, stored as a keyed digest, good until the account is active.

The code alone opens nothing but the question for the phone. It is not used up at the first sight, because an activation
may be taken up again on another device; the finished activation is the one winner.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from identity.account import Account, AccountState
from identity.activation.model import Activation, ActivationVisit
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.credentials.codes import clean_code, new_code
from identity.deadlines import activate_by
from identity.outbox import Channel, post
from identity.person import Person
from identity.sealed import vault
from identity.writing import write_row

GROUPS = 3
NOTICE = "activation-code"


def make_first_code(db: Session, account: Account, *, now: datetime) -> str:
    """The code of an account that is being made: there is no earlier activation, and its window is open already."""
    code = new_code(GROUPS)
    write_row(db, Activation(account_id=account.id, code_digest=code_digest(db, code), made_at=now))
    return code


def make_activation_code(db: Session, account: Account, *, now: datetime) -> str:
    """A code for an issued account; opens its window of 7 days (Decree 69/2024 Art. 14)."""
    db.flush()  # the account's row comes first: the activation refers to it
    code = new_code(GROUPS)
    account.activate_by = activate_by(now)
    activation = db.scalars(select(Activation).where(Activation.account_id == account.id)).one_or_none()
    if activation is None:
        db.add(Activation(account_id=account.id, code_digest=code_digest(db, code), made_at=now))
    else:
        _begin_again(db, activation, code, now=now)
    return code


def _begin_again(db: Session, activation: Activation, code: str, *, now: datetime) -> None:
    """An account that is taken over, or issued again before it was activated: nothing of the last time counts."""
    activation.code_digest, activation.made_at, activation.wrong_proofs = code_digest(db, code), now, 0
    activation.password_hash = activation.totp_secret_sealed = activation.totp_step = None
    activation.passkey_sealed = activation.recovery_sealed = activation.finished_at = None
    _end_visits(db, activation, now=now)


def _end_visits(db: Session, activation: Activation, *, now: datetime) -> None:
    db.execute(
        update(ActivationVisit)
        .where(ActivationVisit.activation_id == activation.id, ActivationVisit.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )


def reissue(db: Session, account: Account, actor: Actor, *, now: datetime) -> str:
    """A new code and a new window, after the desk or the hotline has checked who asks.

    The old code is worthless, and so is what somebody has chosen with it: it may have been somebody else.

    It goes to the phone on file only; it is returned for the tests and the demonstration.
    """
    if account.state != AccountState.ISSUED:
        raise Refused("account-already-active")
    activation = db.scalars(select(Activation).where(Activation.account_id == account.id)).one()
    code = new_code(GROUPS)
    account.activate_by = activate_by(now)
    _begin_again(db, activation, code, now=now)
    record(db, Event.ACTIVATION_CODE_REISSUED, actor, now=now, subject=("account", account.id))
    person = db.get(Person, account.person_id) if account.person_id else None
    if person is not None and person.phone is not None:
        to, language, ends = person.phone, account.locale, account.activate_by.isoformat()
        post(db, Channel.SMS, NOTICE, to, now=now, recipient=account.id, locale=language, code=code, activate_by=ends)
    return code


def code_digest(db: Session, typed: str) -> bytes:
    """Under what a code is stored and found."""
    return vault(db).digest("activation-code", clean_code(typed))
