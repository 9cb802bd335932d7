"""Staff accounts that nobody uses are shut, and opened again by an administrator only."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from identity import locks
from identity.account import Account, AccountState, Ground, Kind, LockGround, get_account
from identity.audit import SYSTEM, Actor, AuditEvent, Event
from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from identity.staff.invitation import staff_record
from identity.staff.record import StaffRecord

SOURCE = "idle"
MOST = 100


def shut_idle(db: Session, *, now: datetime) -> int:
    """Called by the worker: shut what was not used for as many days as the rule says. Returns how many."""
    before = now - timedelta(days=rule("staff_idle_days", today_in_vietnam(now)))
    ids = db.scalars(_idle(before).limit(MOST)).all()
    for account_id in ids:
        locks.lock(db, get_account(db, account_id), Ground.IDLE, SOURCE, SYSTEM, now=now)
    return len(ids)


def reopen(db: Session, account: Account, by: Actor, *, now: datetime) -> None:
    """An administrator opens an idle account; its days are counted anew. Nobody opens their own."""
    _check_other(account, by)
    if not locks.unlock(db, account, Ground.IDLE, SOURCE, by, now=now):
        raise Refused("not-idle")
    kept = staff_record(db, account.id)
    if kept is not None:
        kept.back_since = now


def suspend(db: Session, account: Account, by: Actor, *, now: datetime) -> None:
    """Shut at once: somebody left, or is suspected. Sessions end."""
    _check_other(account, by)
    locks.lock(db, account, Ground.SUSPENDED, SOURCE_OF_ADMINISTRATORS, by, now=now)


def lift(db: Session, account: Account, by: Actor, *, now: datetime) -> None:
    """Open again what an administrator shut."""
    _check_other(account, by)
    if not locks.unlock(db, account, Ground.SUSPENDED, SOURCE_OF_ADMINISTRATORS, by, now=now):
        raise Refused("not-suspended")


def last_used(db: Session, account_id: UUID) -> datetime | None:
    """When this account last signed in."""
    return db.scalar(_last_sign_in(account_id))


def _idle(before: datetime) -> Select[UUID]:
    """Active staff whose last sign-in, activation and return all lie before that moment, and who are open.

    An account without a record (older than records) came back when its ground ended.
    """
    used = (
        select(AuditEvent.id)
        .where(AuditEvent.subject_id == Account.id, AuditEvent.name == Event.SIGNED_IN, AuditEvent.at >= before)
        .exists()
    )
    back = select(StaffRecord.id).where(StaffRecord.account_id == Account.id, StaffRecord.back_since >= before).exists()
    idle = select(LockGround.id).where(LockGround.account_id == Account.id, LockGround.ground == Ground.IDLE)
    shut = idle.where(or_(LockGround.ended_at.is_(None), LockGround.ended_at >= before)).exists()
    query = select(Account.id).where(Account.kind == Kind.STAFF, Account.state == AccountState.ACTIVE)
    return query.where(Account.activated_at < before, ~used, ~back, ~shut)


def _last_sign_in(account_id: UUID) -> Select[datetime]:
    query = select(func.max(AuditEvent.at)).where(AuditEvent.subject_id == account_id)
    return query.where(AuditEvent.name == Event.SIGNED_IN)


def _check_other(account: Account, by: Actor) -> None:
    if by.account_id == account.id:
        raise Refused("own-role", audited=True)


SOURCE_OF_ADMINISTRATORS = "administrator"
