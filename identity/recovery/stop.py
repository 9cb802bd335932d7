"""Stopping a recovery, by the code of a notice or from a signed-in device: it pauses, and leads to the counter.

Whoever holds a notice may stop; nobody gains anything by it. For some weeks afterwards trusted contacts cannot recover
this account: the counter can, with the person and the document in front of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from identity import once
from identity.account import Account, get_account
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.credentials.codes import clean_code, new_code
from identity.deadlines import rule, today_in_vietnam
from identity.freeze import pause_now
from identity.locks import LOSSES
from identity.recovery.model import Recovery, Rung
from identity.recovery.trusted import who_may_vouch
from identity.telling import tell
from identity.turns import take_turns

STOP, NOTICE = "recovery-stop", "recovery-stopped"
SOURCE = "recovery"
STOPPED = (Rung.CONTACT.value, Rung.CODE.value)
"""The rungs that a stranger may have climbed: with friends of the owner, or with a stolen sheet."""


def stop_code(db: Session, recovery: Recovery, *, now: datetime) -> str:
    """A code for a notice, good as long as the recovery."""
    code = new_code(3)
    facts: dict[str, object] = {"recovery": str(recovery.id)}
    ends = recovery.expires_at
    once.issue(db, STOP, recovery.account_id, now=now, expires_at=ends, payload=facts, secret=clean_code(code))
    return code


def find_to_stop(db: Session, code: str, *, now: datetime) -> Recovery | None:
    """The recovery that a notice was about, while it can be stopped. A look: links are opened by scanners."""
    found = once.look(db, STOP, clean_code(code), now=now)
    recovery = db.get(Recovery, UUID(str(found.payload["recovery"]))) if found else None
    return recovery if recovery is not None and recovery.is_alive(now) else None


def stop(db: Session, code: str, *, now: datetime) -> None:
    """Stop it, by the code of a notice. Refused "stop-over" when there is nothing to stop."""
    recovery = find_to_stop(db, code, now=now)
    if recovery is None or recovery.account_id is None or once.redeem(db, STOP, clean_code(code), now=now) is None:
        raise Refused("stop-over")
    account = get_account(db, recovery.account_id)
    _stop_all(db, account, Actor(account.id, account.kind), now)


def stop_own(db: Session, account: Account, *, now: datetime) -> None:
    """The same from a signed-in device. Refused "stop-over"."""
    if not moving(db, account.id, now=now):
        raise Refused("stop-over")
    _stop_all(db, account, Actor(account.id, account.kind), now)


def moving(db: Session, account_id: UUID, *, now: datetime) -> list[Recovery]:
    """Recoveries by contacts or a recovery code that have not ended, the nearest to new keys first and then the oldest:
    the owner must see them, and anybody may have asked for one that goes nowhere."""
    query = select(Recovery).where(Recovery.account_id == account_id, Recovery.rung.in_(STOPPED))
    query = query.where(Recovery.cancelled_at.is_(None), Recovery.finished_at.is_(None), Recovery.expires_at > now)
    found = list(db.scalars(query.order_by(Recovery.opens_at.is_(None), Recovery.opens_at, Recovery.begun_at)))
    # Anybody may ask about anybody: without people who could agree, it is nothing that the owner must see.
    has_people = bool(found) and bool(who_may_vouch(db, account_id, now=now))
    return [row for row in found if row.rung == Rung.CODE or has_people or row.opens_at is not None]


def is_closed(db: Session, account_id: UUID, *, now: datetime) -> bool:
    """Whether a recovery was stopped lately, so that only the counter recovers."""
    since = now - timedelta(days=int(rule("recovery_closed_days", today_in_vietnam(now))))
    query = select(Recovery.id).where(Recovery.account_id == account_id, Recovery.cancelled_at > since)
    return db.scalar(query.where(Recovery.rung == Rung.CONTACT.value).limit(1)) is not None


def cancel_others(db: Session, account_id: UUID, keep: UUID | None, *, now: datetime) -> None:
    """End every other recovery that is under way, without closing the rung: the owner is in."""
    db.execute(
        update(Recovery)
        .where(Recovery.account_id == account_id, Recovery.id != keep)
        .where(Recovery.finished_at.is_(None), Recovery.cancelled_at.is_(None), Recovery.expires_at > now)
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )


def _stop_all(db: Session, account: Account, actor: Actor, now: datetime) -> None:
    take_turns(db, account.id.bytes)
    stopped = db.scalars(
        update(Recovery)
        .where(Recovery.account_id == account.id, Recovery.rung.in_(STOPPED))
        .where(Recovery.finished_at.is_(None), Recovery.cancelled_at.is_(None), Recovery.expires_at > now)
        .values(cancelled_at=now)
        .returning(Recovery.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not stopped:
        raise Refused("stop-over")
    record(db, Event.RECOVERY_STOPPED, actor, now=now, subject=("account", account.id), count=len(stopped))
    pause_now(db, account, SOURCE, actor, now=now)
    tell(db, account, NOTICE, now=now)


def _drop(db: Session, account_id: UUID, now: datetime) -> None:
    """A lock ends what is half done: a thief who had begun is not first when the account opens."""
    cancel_others(db, account_id, None, now=now)


if _drop not in LOSSES:
    LOSSES.append(_drop)
