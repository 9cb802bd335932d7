"""How the outbox stands, lane by lane, and the messages that need somebody's hand.

No address and no word of a message is read here: a kind, times and the failure's kind are all that an operator sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from identity import outbox
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.outbox import Lane, OutboxMessage

OPEN = (OutboxMessage.delivered_at.is_(None), OutboxMessage.gave_up_at.is_(None))
TRIES = 3
"""From so many attempts on a message is shown as one in trouble."""


class GiveUp(StrEnum):
    """Why an operator gives a message up."""

    WRONG_ADDRESS = "wrong-address"
    OUT_OF_DATE = "out-of-date"
    TOLD_OTHERWISE = "told-otherwise"


@dataclass(frozen=True, slots=True)
class LaneState:
    """One lane: how many wait, how many of them failed before, since when the oldest is due."""

    lane: Lane
    waiting: int
    failing: int
    oldest: datetime | None

    def delay(self, now: datetime) -> int:
        """Seconds by which the oldest is late."""
        return max(int((now - self.oldest).total_seconds()), 0) if self.oldest else 0


def lanes(db: Session) -> list[LaneState]:
    """All lanes, also those in which nothing waits."""
    failing = func.count().filter(OutboxMessage.attempts >= TRIES)
    query = select(OutboxMessage.lane, func.count(), failing, func.min(OutboxMessage.due_at)).where(*OPEN)
    rows = db.execute(query.group_by(OutboxMessage.lane))
    found = {lane: LaneState(Lane(lane), waiting, failed, oldest) for lane, waiting, failed, oldest in rows}
    return [found.get(lane.value) or LaneState(lane, 0, 0, None) for lane in Lane]


def in_trouble(db: Session, *, now: datetime, limit: int, offset: int = 0) -> list[OutboxMessage]:
    """Dead letters that can still be sent, and messages that failed several times; the newest first."""
    query = _in_trouble(now).order_by(OutboxMessage.posted_at.desc(), OutboxMessage.id.desc())
    return list(db.scalars(query.limit(limit).offset(offset)))


def count_in_trouble(db: Session, *, now: datetime) -> int:
    """How many there are."""
    return db.scalar(select(func.count()).select_from(_in_trouble(now).subquery())) or 0


def send_again(db: Session, message_id: UUID, actor: Actor, *, now: datetime) -> None:
    """Try at once. Refused "message-gone" for one that was delivered, wiped, or is on its way."""
    if not outbox.send_again(db, message_id, now=now):
        raise Refused("message-gone")
    record(db, Event.MESSAGE_SENT_AGAIN, actor, now=now, subject=("message", message_id))


def give_up(db: Session, message_id: UUID, reason: str, actor: Actor, *, now: datetime) -> None:
    """Wipe a message for good. Refused "message-gone" for one that is delivered, wiped or on its way."""
    if reason not in set(GiveUp):
        raise Refused("give-up-reason", field="reason")
    ended = db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id, OutboxMessage.delivered_at.is_(None))
        .where(OutboxMessage.payload_sealed.is_not(None))
        .where(or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until < now))
        .values(gave_up_at=now, payload_sealed=None, last_error=reason, leased_until=None)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if ended is None:
        raise Refused("message-gone")
    record(db, Event.MESSAGE_GIVEN_UP, actor, now=now, subject=("message", message_id), reason=reason)


def _in_trouble(now: datetime) -> Select[OutboxMessage]:
    dead = OutboxMessage.gave_up_at.is_not(None)
    failing = OutboxMessage.attempts >= TRIES
    query = select(OutboxMessage).where(OutboxMessage.delivered_at.is_(None), OutboxMessage.payload_sealed.is_not(None))
    return query.where(OutboxMessage.expires_at > now, or_(dead, failing))
