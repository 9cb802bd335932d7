"""Shifts of members: planned, approved by somebody else, and what they prove for pay.

A person-day is a day on which a member had at least one approved shift, counted once however many there were. What a
province pays for it is dated data (`data/pay_rules.json`).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, distinct, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.account import Account
from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused
from identity.deadlines import rule, today_in_vietnam
from identity.places import Unit, UnitKind, ancestors
from onboarding.team import Team, get_membership

RULES = Path(__file__).parent / "data" / "pay_rules.json"


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


@dataclass(frozen=True, slots=True)
class PersonDays:
    """One member's days in a span; `amount` in VND, None where the province has no rule."""

    name: str
    team_name: str
    unit_name: str
    days: int
    shifts: int
    amount: int | None


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


def shifts_to_decide(db: Session, unit_ids: Collection[UUID], *, on: date) -> list[tuple[Shift, str]]:
    """Shifts that are over and wait for a decision, with the member's name, the oldest first."""
    query = (
        select(Shift, Account)
        .join(Account, Account.id == Shift.account_id)
        .where(Shift.unit_id.in_(unit_ids), Shift.state == ShiftState.PLANNED, Shift.day <= on)
        .order_by(Shift.day, Shift.begins, Shift.id)
    )
    return [(shift, account.display_name or "") for shift, account in db.execute(query)]


def person_days(db: Session, unit_ids: Collection[UUID], since: date, until: date) -> list[PersonDays]:
    """Days with an approved shift from `since` until the day before `until`, one row a member and team."""
    days = func.count(distinct(Shift.day))
    rows = db.execute(
        select(Shift.account_id, Team.name, Unit.id, Unit.name, days, func.count(Shift.id))
        .join(Team, Team.id == Shift.team_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .where(Shift.unit_id.in_(unit_ids), Shift.state == ShiftState.APPROVED)
        .where(Shift.day >= since, Shift.day < until)
        .group_by(Shift.account_id, Team.id, Team.name, Unit.id, Unit.name)
        .order_by(Unit.name, Team.name, Shift.account_id)
    ).all()
    rates = {unit_id: pay_per_day(db, unit_id, on=since) for unit_id in {row[2] for row in rows}}
    found = []
    for account_id, team_name, unit_id, unit_name, number, shifts in rows:
        name, rate = db.get_one(Account, account_id).display_name or "", rates[unit_id]
        found.append(PersonDays(name, team_name, unit_name, number, shifts, None if rate is None else rate * number))
    return found


def pay_per_day(db: Session, unit_id: UUID, *, on: date) -> int | None:
    """What the unit's province pays for a person-day, by the newest rule that has begun."""
    above = [db.get_one(Unit, unit_id), *ancestors(db, unit_id)]
    codes = {unit.code for unit in above if unit.kind == UnitKind.PROVINCE}
    begun = [row for row in _pay_rules() if row["province"] in codes and row["from"] <= on.isoformat()]
    return int(max(begun, key=lambda row: str(row["from"]))["per_day"]) if begun else None


def _overlaps(db: Session, account_id: UUID, day: date, begins: time, ends: time) -> bool:
    query = select(Shift.id).where(Shift.account_id == account_id, Shift.day == day)
    query = query.where(Shift.state != ShiftState.REFUSED, Shift.begins < ends, Shift.ends > begins)
    return db.execute(query.limit(1)).first() is not None


@lru_cache(maxsize=1)
def _pay_rules() -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = json.loads(RULES.read_text(encoding="utf-8"))["rules"]
    return rules
