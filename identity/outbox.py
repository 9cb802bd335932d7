"""Messages that must leave, written in the transaction of their cause (architecture, invariant 8).

The row holds what to say (kind, facts, locale) and where to, sealed; the worker words it and sends it. Payloads are
wiped on delivery and on expiry. A one-time code travels in a lane of its own and is never sent after it expired.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import (
    ColumnElement,
    Index,
    LargeBinary,
    Select,
    String,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed, new_id
from identity.sealed import vault
from identity.statements import Prepared
from identity.vault import Unsealable
from identity.writing import write_together

WAITING = "delivered_at IS NULL AND gave_up_at IS NULL"
"""What a worker looks through stays small, however much was sent before."""
KEPT = "gave_up_at IS NOT NULL AND payload_sealed IS NOT NULL"
"""Given up, not yet expired; few, so that the chore that wipes them reads few."""
TO_SERVICES = "lane = 'logout'"
UNSEALABLE = "unsealable"
PARTS = ("address", "locale", "facts")
COLUMN = "outbox_message.payload_sealed"
LEASE = timedelta(seconds=60)
FIRST_RETRY = timedelta(seconds=15)
LONGEST_RETRY = timedelta(hours=1)


class Lane(StrEnum):
    """Queues that do not wait for one another."""

    CODE = "code"
    NOTICE = "notice"
    LOGOUT = "logout"
    FEED = "feed"


class Channel(StrEnum):
    """How it leaves."""

    SMS = "sms"
    EMAIL = "email"
    BACK_CHANNEL = "logout"
    FEED = "feed"


class Declined(Exception):
    """The receiver does not want this message, now or later: it is not tried again."""


class OutboxMessage(Keyed, Base):
    """One message. `id` is the Message-ID or idempotency key of every attempt."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index(
            "ix_outbox_message_waiting", "lane", "due_at", sqlite_where=text(WAITING), postgresql_where=text(WAITING)
        ),
        Index("ix_outbox_message_kept", "expires_at", sqlite_where=text(KEPT), postgresql_where=text(KEPT)),
        Index(
            "ix_outbox_message_to_services", "id", sqlite_where=text(TO_SERVICES), postgresql_where=text(TO_SERVICES)
        ),
    )

    lane: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(40))
    recipient_id: Mapped[UUID | None] = mapped_column(index=True)
    payload_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    posted_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    gave_up_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(200))


_TABLE = cast(Table, OutboxMessage.__table__)
_DELIVERED = Prepared(
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("message"), _TABLE.c.delivered_at.is_(None))
    .values(delivered_at=bindparam("now"), payload_sealed=None, leased_until=None, last_error=None)
)


@dataclass(frozen=True, slots=True)
class Leased:
    """A message that this worker may send until the lease ends."""

    id: UUID
    channel: Channel
    kind: str
    address: str
    locale: str
    facts: dict[str, Any]
    attempts: int


def post(  # noqa: PLR0913 - a message has that many parts
    db: Session,
    channel: Channel,
    kind: str,
    address: str,
    *,
    now: datetime,
    recipient: UUID | None = None,
    locale: str = "vi",
    lane: Lane = Lane.NOTICE,
    expires_at: datetime | None = None,
    due_at: datetime | None = None,
    **facts: Any,
) -> UUID:
    """Queue one message; `facts` fill its sentence and may hold personal data (they are sealed)."""
    row_id = new_id()
    payload = orjson.dumps({"address": address, "locale": locale, "facts": facts})
    row = {
        "id": row_id,
        "lane": lane.value,
        "channel": channel.value,
        "kind": kind,
        "recipient_id": recipient,
        "payload_sealed": vault(db).seal(COLUMN, row_id, payload),
        "posted_at": now,
        "due_at": due_at or now,
        "expires_at": expires_at or now + timedelta(days=7),
        "attempts": 0,
    }
    write_together(db, (_TABLE, row))
    return row_id


def is_waiting(db: Session, lane: Lane, *, now: datetime) -> bool:
    """Whether a message of the lane is due; a look that takes no lock, for a worker with nothing to do."""
    return db.scalar(select(OutboxMessage.id).where(_is_due(lane, now)).limit(1)) is not None


def lease(db: Session, lane: Lane, *, now: datetime, most: int = 20, each: int | None = None) -> list[Leased]:
    """Take up to `most` due messages of a lane; the caller commits before it sends.

    With `each` no receiver has more than so many on their way, and those who have few come first.

    A message that cannot be opened is given up alone, so that the others go. Its payload stays until it expires: a
    worker that was started with the wrong keys must not destroy what the right ones could still open.
    """
    ids = select(OutboxMessage.id).where(_is_due(lane, now))
    ids = ids.order_by(OutboxMessage.due_at) if each is None else _in_turns(ids, lane, each, now)
    rows = db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(ids.limit(most).with_for_update(skip_locked=True, of=OutboxMessage)))
        .values(leased_until=now + LEASE, attempts=OutboxMessage.attempts + 1)
        .returning(OutboxMessage)
        .execution_options(synchronize_session=False)
    ).scalars()
    opened = [(row.id, _leased(db, row)) for row in rows.all()]
    for row_id in (row_id for row_id, message in opened if message is None):
        _finish(db, row_id, gave_up_at=now, leased_until=None, last_error=UNSEALABLE)
    return [message for _id, message in opened if message is not None]


def _in_turns(ids: Select[UUID], lane: Lane, each: int, now: datetime) -> Select[UUID]:
    """One message of each receiver, then the next of each; what is on its way already counts as a turn."""
    flying = select(OutboxMessage.recipient_id.label("receiver"), func.count().label("many")).where(
        OutboxMessage.lane == lane.value,
        OutboxMessage.delivered_at.is_(None),
        OutboxMessage.gave_up_at.is_(None),
        OutboxMessage.leased_until >= now,
    )
    busy = flying.group_by(OutboxMessage.recipient_id).subquery()
    in_order = func.row_number().over(
        partition_by=OutboxMessage.recipient_id, order_by=(OutboxMessage.due_at, OutboxMessage.id)
    )
    due = select(OutboxMessage.id, OutboxMessage.recipient_id, in_order.label("place")).where(_is_due(lane, now))
    queue = due.subquery()
    turn = queue.c.place + func.coalesce(busy.c.many, 0)
    return (
        ids.join(queue, queue.c.id == OutboxMessage.id)
        .outerjoin(busy, busy.c.receiver == queue.c.recipient_id)
        .where(turn <= each)
        .order_by(turn, OutboxMessage.due_at)
    )


def _is_due(lane: Lane, now: datetime) -> ColumnElement[bool]:
    return and_(
        OutboxMessage.lane == lane.value,
        OutboxMessage.delivered_at.is_(None),
        OutboxMessage.gave_up_at.is_(None),
        OutboxMessage.due_at <= now,
        OutboxMessage.expires_at > now,
        or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until < now),
    )


def delivered(db: Session, message: UUID, *, now: datetime) -> None:
    """The receiver has it: wipe the payload."""
    _DELIVERED.run_later(db, message=message, now=now)


def failed(db: Session, message: Leased, error: str, *, now: datetime) -> None:
    """Try again later, twice as late each time; `error` is a type name or status, never content."""
    wait = min(FIRST_RETRY * 2 ** min(message.attempts - 1, 12), LONGEST_RETRY)
    _finish(db, message.id, due_at=now + wait, leased_until=None, last_error=error[:200])


def declined(db: Session, message: Leased, error: str, *, now: datetime) -> None:
    """The receiver will never take it. Its payload stays until it expires, so that it can be sent again by hand."""
    _finish(db, message.id, gave_up_at=now, leased_until=None, last_error=error[:200])


def send_again(db: Session, message: UUID, *, now: datetime) -> bool:
    """Try at once: a message that waits for its next attempt, or was given up and not wiped. False for any other."""
    row = db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message, OutboxMessage.delivered_at.is_(None), OutboxMessage.expires_at > now)
        .where(OutboxMessage.payload_sealed.is_not(None))
        .where(or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until < now))
        .values(due_at=now, gave_up_at=None)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return row is not None


def expire(db: Session, *, now: datetime) -> int:
    """Give up what is past its time and wipe it, also what was given up before; returns how many."""
    ended = db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.delivered_at.is_(None), OutboxMessage.gave_up_at.is_(None))
        .where(OutboxMessage.expires_at <= now)
        .values(gave_up_at=now, payload_sealed=None, leased_until=None)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    kept = db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.gave_up_at.is_not(None), OutboxMessage.payload_sealed.is_not(None))
        .where(OutboxMessage.expires_at <= now)
        .values(payload_sealed=None)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all()) + len(kept.all())


def _finish(db: Session, message: UUID, **values: Any) -> None:
    db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message, OutboxMessage.delivered_at.is_(None))
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _leased(db: Session, row: OutboxMessage) -> Leased | None:
    """None when the row was altered, or sealed under a key that is not here."""
    try:
        payload = orjson.loads(vault(db).open(COLUMN, row.id, row.payload_sealed or b""))
        channel, address, locale, facts = Channel(row.channel), *(payload[part] for part in PARTS)
    except (Unsealable, IndexError, KeyError, TypeError, ValueError):  # a stump of a row is no better than a forged one
        return None
    return Leased(row.id, channel, row.kind, address, locale, facts, row.attempts)
