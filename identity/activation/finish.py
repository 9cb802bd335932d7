"""Step 6: the recovery codes are confirmed by typing one back, and the account becomes active. One winner."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from identity import inbox
from identity.account import Account, AccountState
from identity.activation.journey import Journey, Step, check_step, step_done, step_failed
from identity.activation.model import Activation
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.credentials import new_passkey
from identity.credentials.passkey import passkeys_of
from identity.credentials.recovery import Sheet, keep_sheet
from identity.credentials.sign_in import PASSWORD_ONLY, TWO_FACTORS
from identity.telling import tell

NOTICE, ISSUED = "account-activated", "account-issued"


def confirm_recovery(db: Session, journey: Journey, typed: str, *, now: datetime) -> Account | Refused:
    """Finish: the account gets its credentials and is active; what waited in the activation is wiped."""
    check_step(db, journey, Step.RECOVERY, now=now)
    sheet = Sheet.read(journey.activation.recovery)
    if not sheet.has(typed):
        return step_failed(
            db, journey.account, Step.RECOVERY, Refused("recovery-code-wrong", field="recovery"), now=now
        )
    if not _win(db, journey.activation, now):
        raise Refused("account-already-active")
    if journey.account.activated_at is None:  # from now on there is somebody to read what was told before
        inbox.put(db, journey.account.id, ISSUED, {}, now=journey.account.issued_at)
    _hand_over(db, journey, now)
    keep_sheet(db, journey.account.id, sheet, now=now)
    step_done(db, journey, Step.RECOVERY, now=now)
    _tell(db, journey, now)
    journey.visit.ended_at = now
    return journey.account


def methods_of(db: Session, account: Account) -> tuple[str, ...]:
    """How the person of a finished activation or recovery has just proved who they are: what the first session says."""
    if account.totp_secret_sealed is not None:
        return TWO_FACTORS
    return (*PASSWORD_ONLY, *passkeys_of(db, account.id)[-1].methods)


def _win(db: Session, activation: Activation, now: datetime) -> bool:
    won = db.execute(
        update(Activation)
        .where(Activation.id == activation.id, Activation.finished_at.is_(None))
        .values(finished_at=now)
        .returning(Activation.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return won is not None


def _hand_over(db: Session, journey: Journey, now: datetime) -> None:
    account, activation = journey.account, journey.activation
    account.password_hash = activation.password_hash
    if activation.totp_step is not None:  # a key that no app has confirmed is nobody's
        account.totp_secret, account.totp_step = activation.totp_secret, activation.totp_step
    if activation.passkey is not None:
        new_passkey.keep(db, account.id, activation.passkey, now=now)
        about = ("account", account.id)
        record(db, Event.PASSKEY_ADDED, Actor(account.id, "resident"), now=now, subject=about)
    account.state = AccountState.ACTIVE.value
    account.activated_at = now
    activation.password_hash = activation.totp_secret_sealed = None
    activation.passkey_sealed = activation.recovery_sealed = None


def _tell(db: Session, journey: Journey, now: datetime) -> None:
    account = journey.account
    actor, about = Actor(account.id, "resident"), ("account", account.id)
    record(db, Event.ACCOUNT_ACTIVATED, actor, now=now, subject=about)
    record(db, Event.RECOVERY_CODES_MADE, actor, now=now, subject=about)
    tell(db, account, NOTICE, now=now)
