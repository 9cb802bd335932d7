"""Rules with numbers are changed by two people: one proposes a value from a day on, another confirms it.

A confirmed change stands beside the rules of the release (`identity/data/rules.json`) and wins where its day is later.
It begins on a later day than it was confirmed on, so that every process has read it by then (`deadlines.amend`).
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import JSON, Date, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused
from identity.deadlines import newest_rules, today_in_vietnam
from identity.operation.rule_values import can_be_meant
from identity.turns import take_turns

LONGEST_SOURCE, LONGEST_VALUE = 300, 4000


class RuleChange(Keyed, Base):
    """One proposal. Open until it is confirmed or turned down."""

    __tablename__ = "rule_change"

    name: Mapped[str] = mapped_column(String(60), index=True)
    wrapped: Mapped[dict[str, Any]] = mapped_column("value", JSON)
    """Within an object: SQLite would make a number of a column that holds one bare."""
    starts_on: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(LONGEST_SOURCE))
    proposed_by: Mapped[UUID]
    proposed_at: Mapped[datetime]
    answered_by: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None]
    turned_down_at: Mapped[datetime | None]

    @property
    def value(self) -> Any:
        return self.wrapped["is"]

    @property
    def is_open(self) -> bool:
        return self.confirmed_at is None and self.turned_down_at is None


def propose(
    db: Session, name: str, value: str, starts_on: date, source: str, actor: Actor, *, now: datetime
) -> RuleChange:
    """Ask for a new value, written as JSON like the one before. Refused with the field that is wrong."""
    take_turns(db, hashlib.sha256(name.encode()).digest())
    current = newest_rules(today_in_vietnam(now)).get(name)
    if current is None or actor.account_id is None:
        raise Refused("rule-unknown")
    wanted = _read(value)
    if not can_be_meant(name, wanted, current["value"], current["unit"]):
        raise Refused("rule-other-kind", field="value")
    _check_day(starts_on, now)
    if not source.strip():
        raise Refused("rule-source", field="source")
    if db.scalar(_open().where(RuleChange.name == name).limit(1)) is not None:
        raise Refused("rule-proposed-already")
    change = RuleChange(
        name=name,
        wrapped={"is": wanted},
        starts_on=starts_on,
        source=source.strip()[:LONGEST_SOURCE],
        proposed_by=actor.account_id,
        proposed_at=now,
    )
    db.add(change)
    db.flush()
    record(db, Event.RULE_PROPOSED, actor, now=now, subject=("rule-change", change.id), rule=name, on=str(starts_on))
    return change


def confirm(db: Session, change_id: UUID, actor: Actor, *, now: datetime) -> None:
    """The second person agrees. Refused "four-eyes" to the first, "rule-day" once its day has come."""
    change = _take(db, change_id)
    if change.proposed_by == actor.account_id:
        raise Refused("rule-own", audited=True)
    _check_day(change.starts_on, now)
    change.answered_by, change.confirmed_at = actor.account_id, now
    subject = ("rule-change", change.id)
    record(db, Event.RULE_CONFIRMED, actor, now=now, subject=subject, rule=change.name, on=str(change.starts_on))


def turn_down(db: Session, change_id: UUID, actor: Actor, *, now: datetime) -> None:
    """Either person lets it drop."""
    change = _take(db, change_id)
    change.answered_by, change.turned_down_at = actor.account_id, now
    record(db, Event.RULE_TURNED_DOWN, actor, now=now, subject=("rule-change", change.id), rule=change.name)


def open_changes(db: Session) -> list[RuleChange]:
    """What waits for a second person, the oldest first."""
    return list(db.scalars(_open().order_by(RuleChange.proposed_at)))


def confirmed_changes(db: Session) -> list[dict[str, Any]]:
    """As rows of the rule data, for `deadlines.amend`; for the same day the later one takes the earlier one's place."""
    query = (
        select(RuleChange).where(RuleChange.confirmed_at.is_not(None)).order_by(RuleChange.confirmed_at, RuleChange.id)
    )
    return [
        {"name": row.name, "value": row.value, "from": row.starts_on.isoformat(), "source": row.source}
        for row in db.scalars(query)
    ]


def _open() -> Any:
    return select(RuleChange).where(RuleChange.confirmed_at.is_(None), RuleChange.turned_down_at.is_(None))


def _take(db: Session, change_id: UUID) -> RuleChange:
    change = db.scalar(select(RuleChange).where(RuleChange.id == change_id).with_for_update())
    if change is None or not change.is_open:
        raise Refused("rule-answered")
    return change


def _check_day(starts_on: date, now: datetime) -> None:
    if starts_on <= today_in_vietnam(now):
        raise Refused("rule-day", field="starts_on")


def _read(text: str) -> Any:
    try:
        return orjson.loads(text[:LONGEST_VALUE])
    except orjson.JSONDecodeError:
        raise Refused("rule-no-json", field="value") from None
