"""Who calls the people who wait: colleagues to whom they are handed, and how far each has come."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from identity.account import Account
from identity.audit import Actor
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.staff import Role, at_work_on, roles_of
from onboarding.map import within_today
from onboarding.outreach import OutreachCall, is_due, take_over
from onboarding.team import COORDINATING


@dataclass(frozen=True, slots=True)
class Caller:
    """How far one colleague has come. `due`: to be called today, or never called yet."""

    name: str
    taken: int
    called: int
    due: int


def callers(db: Session, unit_ids: Collection[UUID], *, on: date) -> list[Caller]:
    """Everybody who has people of these units to call, who has most to do first."""
    number = func.count(case((is_due(on), 1)))
    query = (
        select(Account, func.count(), func.count(OutreachCall.result), number)
        .join(OutreachCall, OutreachCall.assigned_to_id == Account.id)
        .where(OutreachCall.unit_id.in_(unit_ids))
        .group_by(Account.id)
        .order_by(number.desc(), Account.id)
    )
    return [Caller(row[0].display_name or "", row[1], row[2], row[3]) for row in db.execute(query)]


def colleagues(db: Session, unit_ids: Collection[UUID], by: Actor, *, on: date) -> list[tuple[UUID, str]]:
    """Coordinators and leaders of these units on a day, without the one who asks, by name."""
    query = (
        select(Account)
        .join(Role, Role.account_id == Account.id)
        .where(Role.role.in_(COORDINATING), Role.unit_id.in_(unit_ids), Role.account_id != by.account_id)
        .where(at_work_on(on))
    )
    found = {account.id: account.display_name or "" for account in db.scalars(query)}
    return sorted(found.items(), key=lambda pair: (pair[1], pair[0]))


def hand_over(
    db: Session, handles: Collection[bytes], to: UUID, by: Actor, unit_ids: Collection[UUID], *, now: datetime
) -> int:
    """Give people to a colleague to call, those alone who live where the colleague works. How many were taken."""
    today = today_in_vietnam(now)
    if to not in dict(colleagues(db, unit_ids, by, on=today)):
        raise Refused("not-found")
    held = {role.unit_id for role in roles_of(db, to, today) if role.role in COORDINATING and role.unit_id is not None}
    return take_over(db, handles, to, by, within_today(db, held, on=today) & set(unit_ids), now=now)
