"""Shifts of members: planned or told afterwards, and approved by somebody else."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.account import Account
from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused
from identity.deadlines import rule, today_in_vietnam
from onboarding.team import get_membership


class ShiftState(StrEnum):
    """Where a shift stands."""

    PLANNED = "planned"
    APPROVED = "approved"
    REFUSED = "refused"


class Shift(Keyed, Base):
    """One member's time at one place on one day. Team and unit are those of that day."""

    __tablename__ = "shift"
    __table_args__ = (Index(None, "unit_id", "day"), Index(None, "account_id", "day"))

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    day: Mapped[date]
    begins: Mapped[time]
    ends: Mapped[time]
    place: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(12))
    planned_at: Mapped[datetime]
    decided_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]


def plan_shift(
    db: Session, account_id: UUID, day: date, span: tuple[time, time], place: str, by: Actor, *, now: datetime
) -> Shift:
    """Plan, or tell afterwards within the days of rule `shift_late_days`. Audited."""
    begins, ends = span
    if ends <= begins:
        raise Refused("shift-times", field="ends")
    days = rule("shift_late_days", today_in_vietnam(now))
    if day < today_in_vietnam(now) - timedelta(days=days):
        raise Refused("shift-too-late", field="day", days=days)
    member = get_membership(db, account_id, on=day)
    if _overlaps(db, account_id, day, begins, ends):
        raise Refused("shift-overlaps", field="begins")
    shift = Shift(
        account_id=account_id,
        team_id=member.team_id,
        unit_id=member.unit_id,
        day=day,
        begins=begins,
        ends=ends,
        place=place,
        state=ShiftState.PLANNED,
        planned_at=now,
    )
    db.add(shift)
    record(db, Event.SHIFT_PLANNED, by, now=now, subject=("shift", shift.id))
    return shift


def decide_shift(
    db: Session, id_: UUID, approve: bool, by: Actor, unit_ids: Collection[UUID], *, now: datetime
) -> Shift:
    """Approve or refuse a shift of these units; nobody decides about their own. Audited."""
    shift = db.scalar(select(Shift).where(Shift.id == id_).with_for_update())
    if shift is None or shift.unit_id not in unit_ids:
        raise Refused("not-found")
    if shift.account_id == by.account_id:
        raise Refused("own-shift", audited=True)
    if shift.state != ShiftState.PLANNED:
        raise Refused("changed-meanwhile")
    if approve and shift.day > today_in_vietnam(now):
        raise Refused("shift-not-yet")
    shift.state = ShiftState.APPROVED if approve else ShiftState.REFUSED
    shift.decided_by_id, shift.decided_at = by.account_id, now
    record(db, Event.SHIFT_DECIDED, by, now=now, subject=("shift", shift.id), state=shift.state)
    return shift


def shifts_of(db: Session, account_id: UUID, *, since: date) -> list[Shift]:
    """A member's own shifts, the latest first."""
    query = select(Shift).where(Shift.account_id == account_id, Shift.day >= since)
    return list(db.scalars(query.order_by(Shift.day.desc(), Shift.begins.desc())))


def shifts_to_decide(
    db: Session, unit_ids: Collection[UUID], *, on: date, limit: int | None = None
) -> list[tuple[Shift, str]]:
    """Shifts that are over and wait for a decision, with the member's name, the oldest first."""
    query = select(Shift, Account).join(Account, Account.id == Shift.account_id).where(*_waits(unit_ids, on))
    rows = db.execute(query.order_by(Shift.day, Shift.begins, Shift.id).limit(limit))
    return [(shift, account.display_name or "") for shift, account in rows]


def count_to_decide(db: Session, unit_ids: Collection[UUID], *, on: date) -> int:
    """How many shifts wait for a decision."""
    return db.scalar(select(func.count()).select_from(Shift).where(*_waits(unit_ids, on))) or 0


def _waits(unit_ids: Collection[UUID], on: date) -> tuple[ColumnElement[bool], ...]:
    return Shift.unit_id.in_(unit_ids), Shift.state == ShiftState.PLANNED, Shift.day <= on


def _overlaps(db: Session, account_id: UUID, day: date, begins: time, ends: time) -> bool:
    query = select(Shift.id).where(Shift.account_id == account_id, Shift.day == day)
    query = query.where(Shift.state != ShiftState.REFUSED, Shift.begins < ends, Shift.ends > begins)
    return db.execute(query.limit(1)).first() is not None
