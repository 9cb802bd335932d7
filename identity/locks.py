"""Locking and unlocking by grounds (enrolment: locks and the end). A lock ends sessions and tokens at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from identity.account import Account, AccountState, Ground, LockGround
from identity.audit import Actor, Event, record
from identity.session import end_all_sessions

Loss = Callable[[Session, UUID, datetime], None]
"""Something an account holds and loses with a lock."""
LOSSES: list[Loss] = []
"""What is lost beside sessions; `identity.oidc` adds its tokens when it is imported."""


def lock(
    db: Session,
    account: Account,
    ground: Ground,
    source: str,
    actor: Actor,
    *,
    now: datetime,
    since: datetime | None = None,
) -> LockGround:
    """Add a ground; the same open ground of the same source is not added twice.

    With a `since` in the future it bites by itself then (last day of a document), at the gate.
    """
    start = since or now
    found = _open_ground(db, account.id, ground, source, now)
    if found is not None and found.since <= start:
        return found
    added = LockGround(account_id=account.id, ground=Ground(ground).value, source=source, since=start)
    db.add(added)
    facts = {"ground": added.ground, "source": source, "since": start.isoformat()}
    record(db, Event.ACCOUNT_LOCKED, actor, now=now, subject=("account", account.id), **facts)
    if start <= now:
        take_away(db, account.id, now=now)
    return added


def unlock(db: Session, account: Account, ground: Ground, source: str, actor: Actor, *, now: datetime) -> bool:
    """End a ground of this source; the account opens when none is left. False if there was none."""
    found = _open_ground(db, account.id, ground, source, now)
    if found is None:
        return False
    found.ended_at = now
    if found.since <= now:  # a ground planted for a day to come took nothing away when it bit
        take_away(db, account.id, now=now)
    record(
        db, Event.ACCOUNT_UNLOCKED, actor, now=now, subject=("account", account.id), ground=found.ground, source=source
    )
    return True


def close(db: Session, account: Account, actor: Actor, *, now: datetime, ground: Ground = Ground.DEATH) -> None:
    """Close for good (death, cancelled number). The row stays."""
    lock(db, account, ground, "closing", actor, now=now)
    account.state = AccountState.CLOSED.value


def grounds_of(db: Session, account_id: UUID, *, now: datetime) -> list[LockGround]:
    """The grounds that lock this account now, the oldest first."""
    query = _open_grounds(account_id, now).where(LockGround.since <= now)
    return list(db.scalars(query.order_by(LockGround.since, LockGround.id)))


def take_away(db: Session, account_id: UUID, *, now: datetime) -> None:
    """End what the account holds: sessions here, and whatever else is in `LOSSES`."""
    end_all_sessions(db, account_id, now=now)
    for loss in LOSSES:
        loss(db, account_id, now)


def _open_grounds(account_id: UUID, now: datetime) -> Select[LockGround]:
    still = or_(LockGround.ended_at.is_(None), LockGround.ended_at > now)
    return select(LockGround).where(LockGround.account_id == account_id, still)


def _open_ground(db: Session, account_id: UUID, ground: Ground, source: str, now: datetime) -> LockGround | None:
    query = _open_grounds(account_id, now).where(LockGround.ground == ground, LockGround.source == source)
    return db.scalars(query.order_by(LockGround.since).limit(1)).one_or_none()
