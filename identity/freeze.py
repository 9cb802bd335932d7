"""Stopping an account in a hurry: frozen with a proof, paused for a day without one.

*Frozen* (by the sheet's freeze code or from a signed-in device) is a lock on the owner's own request: everything ends
at once, and the office opens it again. *Paused* takes no proof, so anybody may ask for it about anybody: it stops new
sign-ins and changes only, for a day, once a week, and a signed-in device lifts it (`identity.pausing` takes the wish).
Answers about unknown numbers are the same as about known ones.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from identity.account import Account, Ground, LockGround, find_account, login_index
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.credentials.recovery import is_freeze_code
from identity.credentials.throttle import Bucket, network_of, take_try
from identity.deadlines import rule, today_in_vietnam
from identity.locks import lock
from identity.telling import tell
from identity.turns import take_turns

OWNER, ANYBODY, HOTLINE = "owner", "anybody", "hotline"
WITHOUT_PROOF = (ANYBODY, HOTLINE)
NOBODY = UUID(int=0)
FROZEN, PAUSED = "account-frozen", "account-paused"


def freeze(db: Session, account: Account, actor: Actor, *, now: datetime) -> None:
    """Shut at once, on the owner's own request. Twice is once."""
    lock(db, account, Ground.OWN_REQUEST, OWNER, actor, now=now)
    tell(db, account, FROZEN, now=now)


def freeze_with_code(db: Session, login: str, code: str, address: str, *, now: datetime) -> Refused | None:
    """The same for whoever holds the sheet. "freeze-wrong" for an unknown number and for a wrong code alike.

    Tries count by address, never by account: 60 random bits need no more, and a stranger's guesses must not keep the
    owner from the sheet.
    """
    account = find_account(db, login)
    network = network_of(address)
    buckets = [Bucket("address", network), Bucket("pair", f"freeze:{login_index(db, login).hex()}:{network}")]
    wait = take_try(db, buckets, now=now)
    if wait is not None:
        return Refused("sign-in-wait", seconds=ceil(wait.total_seconds()))
    right = is_freeze_code(db, account.id if account else NOBODY, code)
    if account is None or not right:
        return Refused("freeze-wrong")
    freeze(db, account, Actor(account.id, account.kind), now=now)
    return None


def pause_once(db: Session, account: Account, source: str, actor: Actor, *, now: datetime) -> bool:
    """Paused and told, unless somebody without a proof had it paused within the week; False then."""
    take_turns(db, account.id.bytes)
    if _paused_lately(db, account.id, now):
        return False
    pause_now(db, account, source, actor, now=now)
    tell(db, account, PAUSED, now=now)
    return True


def paused_until(db: Session, account_id: UUID, *, now: datetime) -> datetime | None:
    """Until when the account is paused."""
    return db.scalar(select(pause_end_of(account_id, now)))


def pause_end_of(
    account: UUID | ColumnElement[UUID], now: datetime | ColumnElement[datetime]
) -> ColumnElement[datetime | None]:
    """The same as a column of a larger statement."""
    running = _pauses(account).where(LockGround.ended_at > now)
    return running.with_only_columns(func.max(LockGround.ended_at)).scalar_subquery()


def lift(db: Session, account_id: UUID, actor: Actor, *, now: datetime) -> bool:
    """A signed-in device ends the pause. False if there was none."""
    found = db.scalars(_pauses(account_id).where(LockGround.ended_at > now)).all()
    for pause_ in found:
        pause_.ended_at = now
        facts = {"ground": pause_.ground, "source": pause_.source}
        record(db, Event.ACCOUNT_UNLOCKED, actor, now=now, subject=("account", account_id), **facts)
    return bool(found)


def pause_now(db: Session, account: Account, source: str, actor: Actor, *, now: datetime) -> None:
    """The same for whoever has proved something: at once, however lately it was asked for."""
    ends = now + timedelta(hours=int(rule("pause_hours", today_in_vietnam(now))))
    ground = Ground.PAUSE.value
    db.add(LockGround(account_id=account.id, ground=ground, source=source, since=now, ended_at=ends))
    record(db, Event.ACCOUNT_LOCKED, actor, now=now, subject=("account", account.id), ground=ground, source=source)


def _paused_lately(db: Session, account_id: UUID, now: datetime) -> bool:
    since = now - timedelta(days=int(rule("pause_every_days", today_in_vietnam(now))))
    asked = _pauses(account_id).where(LockGround.source.in_(WITHOUT_PROOF), LockGround.since > since)
    return db.scalar(asked.limit(1)) is not None


def _pauses(account: UUID | ColumnElement[UUID]) -> Select[LockGround]:
    return select(LockGround).where(LockGround.account_id == account, LockGround.ground == Ground.PAUSE.value)
