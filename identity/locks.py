"""Locking and unlocking by grounds (enrolment: locks and the end). A lock ends sessions and tokens at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from identity.account import Account, AccountState, Ground, LockGround, ended_papers
from identity.audit import Actor, Event, record
from identity.session import end_all_sessions
from identity.turns import take_turns

CLOSING = "closing"
Loss = Callable[[Session, UUID, datetime], None]
"""Something an account holds and loses with a lock."""
LOSSES: list[Loss] = []
"""What is lost beside sessions; `identity.oidc` adds its tokens when it is imported."""


@dataclass(frozen=True, slots=True)
class OpenGround:
    """What locks an account: why, who or what says so, since when."""

    ground: str
    source: str
    since: datetime


def lock(
    db: Session,
    account: Account,
    ground: Ground,
    source: str,
    actor: Actor,
    *,
    now: datetime,
) -> LockGround:
    """Add a ground; the same open ground of the same source is not added twice, by callers at once neither."""
    take_turns(db, account.id.bytes)
    found = _open_ground(db, account.id, ground, source, now)
    if found is not None:
        return found
    added = LockGround(account_id=account.id, ground=Ground(ground).value, source=source, since=now)
    db.add(added)
    subject = ("account", account.id)
    record(db, Event.ACCOUNT_LOCKED, actor, now=now, subject=subject, ground=added.ground, source=source)
    take_away(db, account.id, now=now)
    return added


def unlock(db: Session, account: Account, ground: Ground, source: str, actor: Actor, *, now: datetime) -> bool:
    """End a ground of this source; the account opens when none is left. False if there was none."""
    take_turns(db, account.id.bytes)
    found = _open_ground(db, account.id, ground, source, now)
    if found is None:
        return False
    found.ended_at = now
    record(
        db, Event.ACCOUNT_UNLOCKED, actor, now=now, subject=("account", account.id), ground=found.ground, source=source
    )
    return True


def note_paper(
    db: Session, account: Account, paper: str, ground: Ground, last_day: date | None, *, now: datetime
) -> None:
    """From the end of `last_day` the account is locked, by itself and on every path, until a longer day is noted.

    A paper without end takes an earlier one's last day out (a citizen's card of 60 years and more).
    A paper that had ended took nothing away when it did; what was held then goes now, before the account opens.
    """
    noted = account.papers_end or {}
    if any(ended.paper == paper for ended in ended_papers(noted, now)):
        take_away(db, account.id, now=now)
    others = {other: end for other, end in noted.items() if other != paper}
    ends = {} if last_day is None else {paper: [Ground(ground).value, last_day.isoformat()]}
    account.papers_end = {**others, **ends} or None


def close(
    db: Session,
    account: Account,
    actor: Actor,
    *,
    now: datetime,
    ground: Ground = Ground.DEATH,
    source: str = CLOSING,
) -> None:
    """Close for good (death, cancelled number). The row stays."""
    lock(db, account, ground, source, actor, now=now)
    account.state = AccountState.CLOSED.value


def undo_close(db: Session, account: Account, source: str, actor: Actor, *, now: datetime) -> bool:
    """A death that was none: the account is what it was before, unless another ground still says otherwise."""
    if not unlock(db, account, Ground.DEATH, source, actor, now=now):
        return False
    db.flush()
    if not any(one.ground == Ground.DEATH for one in grounds_of(db, account, now=now)):
        account.state = (AccountState.ACTIVE if account.activated_at else AccountState.ISSUED).value
    return True


def grounds_of(db: Session, account: Account, *, now: datetime) -> list[OpenGround]:
    """The grounds that lock this account now, the oldest first."""
    rows = db.scalars(_open_grounds(account.id, now))
    ended = ended_papers(account.papers_end or {}, now)
    found = [OpenGround(row.ground, row.source, row.since) for row in rows]
    found += [OpenGround(one.ground, one.paper, one.since) for one in ended]
    return sorted(found, key=lambda one: one.since)


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
