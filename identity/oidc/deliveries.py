"""What became of the logout tokens: for each message the service, how often it was tried, and what it answered last.

Of the message itself only what the operator needs: payloads stay sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.names import fold
from identity.oidc.clients import RelyingParty
from identity.outbox import UNSEALABLE, Lane, OutboxMessage, send_again

PAGE = 25


class Filter(StrEnum):
    """Which messages are wanted."""

    ALL = "all"
    OPEN = "open"
    FAILED = "failed"
    DELIVERED = "delivered"


class State(StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    SENDING = "sending"
    TRYING_AGAIN = "trying-again"
    DELIVERED = "delivered"
    DECLINED = "declined"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message. `name` is empty when the service is no longer known."""

    id: UUID
    client_id: str
    name: Mapping[str, str]
    state: State
    posted_at: datetime
    attempts: int
    answer: str | None
    next_try: datetime | None
    delivered_at: datetime | None
    may_be_sent: bool


def deliveries(
    db: Session, wanted: Filter, *, now: datetime, service: str = "", before: UUID | None = None
) -> tuple[list[Delivery], UUID | None]:
    """A page of messages, the newest first, and where the next page begins (None: it is the last).

    `service` is a part of the name or of the identifier of those that are wanted, without marks and case.
    """
    query = (
        select(OutboxMessage, RelyingParty.client_id, RelyingParty.name)
        .outerjoin(RelyingParty, RelyingParty.id == OutboxMessage.recipient_id)
        .where(OutboxMessage.lane == Lane.LOGOUT.value, _matches(wanted))
        .order_by(OutboxMessage.id.desc())
        .limit(PAGE + 1)
    )
    if service:
        query = query.where(OutboxMessage.recipient_id.in_(_called(db, service)))
    if before is not None:
        query = query.where(OutboxMessage.id < before)
    rows = db.execute(query).all()
    shown = [_delivery(row, now) for row in rows[:PAGE]]
    return shown, shown[-1].id if len(rows) > PAGE else None


def send_logout_again(db: Session, message: UUID, actor: Actor, *, now: datetime) -> None:
    """Try now. Refused `message-not-sendable` when it has arrived, is on its way, or was wiped."""
    row = db.get(OutboxMessage, message)
    if row is None or row.lane != Lane.LOGOUT.value or not send_again(db, message, now=now):
        raise Refused("message-not-sendable")
    record(db, Event.LOGOUT_SENT_AGAIN, actor, now=now, subject=("message", message))


def _called(db: Session, text: str) -> list[UUID]:
    """The services of this name, closed ones too; a few hundred at most, and names are kept by language in JSON."""
    rows = db.execute(select(RelyingParty.id, RelyingParty.client_id, RelyingParty.name))
    return [row.id for row in rows if fold(text) in fold(" ".join((row.client_id, *row.name.values())))]


def _matches(wanted: Filter) -> ColumnElement[bool]:
    if wanted is Filter.OPEN:
        return and_(OutboxMessage.delivered_at.is_(None), OutboxMessage.gave_up_at.is_(None))
    if wanted is Filter.FAILED:
        failing = and_(OutboxMessage.delivered_at.is_(None), OutboxMessage.last_error.is_not(None))
        return or_(OutboxMessage.gave_up_at.is_not(None), failing)
    if wanted is Filter.DELIVERED:
        return OutboxMessage.delivered_at.is_not(None)
    return OutboxMessage.lane == Lane.LOGOUT.value


def _delivery(row: Row[OutboxMessage, str, dict[str, str]], now: datetime) -> Delivery:
    message, client_id, name = row
    state = _state(message, now)
    waits = state in {State.WAITING, State.TRYING_AGAIN}
    return Delivery(
        id=message.id,
        client_id=client_id or "",
        name=name or {},
        state=state,
        posted_at=message.posted_at,
        attempts=message.attempts,
        answer=message.last_error,
        next_try=max(message.due_at, now) if waits else None,
        delivered_at=message.delivered_at,
        may_be_sent=waits or (message.gave_up_at is not None and _is_kept(message, now)),
    )


def _state(message: OutboxMessage, now: datetime) -> State:
    if message.delivered_at is not None:
        return State.DELIVERED
    if not _is_kept(message, now):
        return State.GIVEN_UP
    if message.gave_up_at is not None:
        return State.GIVEN_UP if message.last_error == UNSEALABLE else State.DECLINED
    if message.leased_until is not None and message.leased_until > now:
        return State.SENDING
    return State.TRYING_AGAIN if message.attempts else State.WAITING


def _is_kept(message: OutboxMessage, now: datetime) -> bool:
    return message.payload_sealed is not None and message.expires_at > now
