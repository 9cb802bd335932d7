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
    WITHDRAWN = "withdrawn"
    """By the member, before anybody decided."""


DECIDED = (ShiftState.APPROVED, ShiftState.REFUSED)


class RefusedFor(StrEnum):
    """Why a shift is not approved: what the member is told, and can put right by telling it again."""

    NOT_THERE = "not-there"
    OTHER_HOURS = "other-hours"
    OTHER_DAY = "other-day"
    TOLD_TWICE = "told-twice"


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
    refused_for: Mapped[str | None] = mapped_column(String(12))


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
    db.execute(select(Account.id).where(Account.id == account_id).with_for_update())  # pressed twice is one shift
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
    db: Session, id_: UUID, why_not: RefusedFor | None, by: Actor, unit_ids: Collection[UUID], *, now: datetime
) -> Shift:
    """Approve (no reason why not) or refuse a shift of these units; nobody decides about their own. Audited."""
    shift, approve = _of_others(db, id_, by, unit_ids), why_not is None
    if shift.state != ShiftState.PLANNED:
        raise Refused("changed-meanwhile")
    if approve and shift.day > today_in_vietnam(now):
        raise Refused("shift-not-yet")
    shift.state, shift.refused_for = ShiftState.APPROVED if approve else ShiftState.REFUSED, why_not
    shift.decided_by_id, shift.decided_at = by.account_id, now
    record(db, Event.SHIFT_DECIDED, by, now=now, subject=("shift", shift.id), state=shift.state)
    return shift


def reopen_shift(db: Session, id_: UUID, by: Actor, unit_ids: Collection[UUID], *, now: datetime) -> Shift:
    """Take a decision back: the shift waits again, and counts for nothing until somebody decides anew. Audited."""
    shift = _of_others(db, id_, by, unit_ids)
    if shift.state not in DECIDED:
        raise Refused("changed-meanwhile")
    db.execute(select(Account.id).where(Account.id == shift.account_id).with_for_update())
    if shift.state == ShiftState.REFUSED and _overlaps(db, shift.account_id, shift.day, shift.begins, shift.ends):
        raise Refused("shift-told-again")
    record(db, Event.SHIFT_REOPENED, by, now=now, subject=("shift", shift.id), state=shift.state)
    shift.state, shift.refused_for = ShiftState.PLANNED, None
    shift.decided_by_id = shift.decided_at = None
    return shift


def withdraw_shift(db: Session, id_: UUID, account_id: UUID, by: Actor, *, now: datetime) -> None:
    """The member takes back what nobody has decided yet: told by mistake, or not worked. Audited."""
    shift = db.scalar(select(Shift).where(Shift.id == id_, Shift.account_id == account_id).with_for_update())
    if shift is None:
        raise Refused("not-found")
    if shift.state != ShiftState.PLANNED:
        raise Refused("changed-meanwhile")
    shift.state = ShiftState.WITHDRAWN
    record(db, Event.SHIFT_WITHDRAWN, by, now=now, subject=("shift", shift.id))


def shifts_of(db: Session, account_id: UUID, *, since: date) -> list[Shift]:
    """A member's own shifts, the latest first."""
    query = select(Shift).where(Shift.account_id == account_id, Shift.day >= since)
    return list(db.scalars(query.order_by(Shift.day.desc(), Shift.begins.desc())))


def shifts_to_decide(
    db: Session, unit_ids: Collection[UUID], *, on: date, limit: int | None = None, offset: int = 0
) -> list[tuple[Shift, str]]:
    """Shifts that are over and wait for a decision, with the member's name, the oldest first."""
    query = select(Shift, Account).join(Account, Account.id == Shift.account_id).where(*_waits(unit_ids, on))
    rows = db.execute(query.order_by(Shift.day, Shift.begins, Shift.id).limit(limit).offset(offset))
    return [(shift, account.display_name or "") for shift, account in rows]


def decided_shifts(
    db: Session, unit_ids: Collection[UUID], *, since: date, until: date, limit: int, offset: int = 0
) -> list[tuple[Shift, str]]:
    """Shifts of these days that were decided on, with the member's name, the latest first."""
    query = (
        select(Shift, Account).join(Account, Account.id == Shift.account_id).where(*_decided(unit_ids, since, until))
    )
    rows = db.execute(query.order_by(Shift.day.desc(), Shift.begins.desc(), Shift.id).limit(limit).offset(offset))
    return [(shift, account.display_name or "") for shift, account in rows]


def count_decided(db: Session, unit_ids: Collection[UUID], *, since: date, until: date) -> int:
    """How many they are."""
    return db.scalar(select(func.count()).select_from(Shift).where(*_decided(unit_ids, since, until))) or 0


def count_to_decide(db: Session, unit_ids: Collection[UUID], *, on: date) -> int:
    """How many shifts wait for a decision."""
    return db.scalar(select(func.count()).select_from(Shift).where(*_waits(unit_ids, on))) or 0


def _waits(unit_ids: Collection[UUID], on: date) -> tuple[ColumnElement[bool], ...]:
    return Shift.unit_id.in_(unit_ids), Shift.state == ShiftState.PLANNED, Shift.day <= on


def _decided(unit_ids: Collection[UUID], since: date, until: date) -> tuple[ColumnElement[bool], ...]:
    return Shift.unit_id.in_(unit_ids), Shift.state.in_(DECIDED), Shift.day >= since, Shift.day < until


def _of_others(db: Session, id_: UUID, by: Actor, unit_ids: Collection[UUID]) -> Shift:
    shift = db.scalar(select(Shift).where(Shift.id == id_).with_for_update())
    if shift is None or shift.unit_id not in unit_ids:
        raise Refused("not-found")
    if shift.account_id == by.account_id:
        raise Refused("own-shift", audited=True)
    return shift


def _overlaps(db: Session, account_id: UUID, day: date, begins: time, ends: time) -> bool:
    query = select(Shift.id).where(Shift.account_id == account_id, Shift.day == day)
    stands = Shift.state.in_((ShiftState.PLANNED, ShiftState.APPROVED))
    query = query.where(stands, Shift.begins < ends, Shift.ends > begins)
    return db.execute(query.limit(1)).first() is not None
