"""What shifts prove for pay: the days of each member in a month, and what the province's rule makes of them.

A person-day is a day on which a member had at least one approved shift, counted once however many there were. What a
province pays is dated data (`data/pay_rules.json`); one without a rule counts days only.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from identity.account import Account
from identity.places import Unit, UnitKind, ancestors
from onboarding.shift import Shift, ShiftState
from onboarding.team import Team

RULES = Path(__file__).parent / "data" / "pay_rules.json"


@dataclass(frozen=True, slots=True)
class PayRule:
    """One province's rule from a first day on, in VND. `confirmed`: whether we read the resolution itself."""

    province: str
    valid_from: date
    valid_to: date | None
    per_day: int
    per_member_month: int
    per_team_month: int
    most_per_team_month: int | None
    confirmed: bool
    source: str

    def of_member(self, days: int) -> int:
        """For a month in which the member worked on that many days."""
        return days * self.per_day + (self.per_member_month if days else 0)

    def of_team(self, members: int) -> int:
        """For a month in which its members together come to that sum."""
        whole = members + self.per_team_month
        return whole if self.most_per_team_month is None else min(whole, self.most_per_team_month)


@dataclass(frozen=True, slots=True)
class MemberDays:
    """One member's month; `amount` None where the province has no rule."""

    name: str
    days: int
    shifts: int
    amount: int | None


@dataclass(frozen=True, slots=True)
class TeamSheet:
    """One team's month. `amount` is for the whole team: never more than the rule's most."""

    team_name: str
    unit_name: str
    members: list[MemberDays]
    rule: PayRule | None

    @property
    def days(self) -> int:
        return sum(member.days for member in self.members)

    @property
    def amount(self) -> int | None:
        return None if self.rule is None else self.rule.of_team(sum(member.amount or 0 for member in self.members))


def pay_sheets(db: Session, unit_ids: Collection[UUID], month: date) -> list[TeamSheet]:
    """The teams of these units that had an approved shift in the month that begins on `month`."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    rows = db.execute(
        select(
            Team.id,
            Team.name,
            Unit.id,
            Unit.name,
            Shift.account_id,
            func.count(distinct(Shift.day)),
            func.count(Shift.id),
        )
        .select_from(Shift)
        .join(Team, Team.id == Shift.team_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .where(Shift.unit_id.in_(unit_ids), Shift.state == ShiftState.APPROVED)
        .where(Shift.day >= month, Shift.day < following)
        .group_by(Team.id, Team.name, Unit.id, Unit.name, Shift.account_id)
        .order_by(Unit.name, Team.name, Team.id, Shift.account_id)
    ).all()
    rules = {unit_id: pay_rule(db, unit_id, on=month) for unit_id in {row[2] for row in rows}}
    sheets = []
    for _team, found in groupby(rows, key=lambda row: (row[0], row[2])):
        own = list(found)
        rule = rules[own[0][2]]
        members = [_member(db, row[4], row[5], row[6], rule) for row in own]
        sheets.append(TeamSheet(own[0][1], own[0][3], members, rule))
    return sheets


def _member(db: Session, account_id: UUID, days: int, shifts: int, rule: PayRule | None) -> MemberDays:
    name = db.get_one(Account, account_id).display_name or ""
    return MemberDays(name, days, shifts, None if rule is None else rule.of_member(days))


def pay_rule(db: Session, unit_id: UUID, *, on: date) -> PayRule | None:
    """The newest rule of the unit's province that has begun and not ended."""
    above = [db.get_one(Unit, unit_id), *ancestors(db, unit_id)]
    codes = {unit.code for unit in above if unit.kind == UnitKind.PROVINCE}
    begun = [rule for rule in pay_rules() if rule.province in codes and rule.valid_from <= on]
    newest = max(begun, key=lambda rule: rule.valid_from, default=None)
    return None if newest is None or (newest.valid_to is not None and newest.valid_to <= on) else newest


@lru_cache(maxsize=1)
def pay_rules() -> tuple[PayRule, ...]:
    """All of them, as shipped."""
    return tuple(_rule(row) for row in json.loads(RULES.read_text(encoding="utf-8"))["rules"])


def _rule(row: dict[str, Any]) -> PayRule:
    return PayRule(
        province=row["province"],
        valid_from=date.fromisoformat(row["from"]),
        valid_to=date.fromisoformat(row["until"]) if "until" in row else None,
        per_day=row.get("per_day", 0),
        per_member_month=row.get("per_member_month", 0),
        per_team_month=row.get("per_team_month", 0),
        most_per_team_month=row.get("most_per_team_month"),
        confirmed=row["confirmed"],
        source=row["source"],
    )
