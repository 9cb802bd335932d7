"""The review of rights: once a quarter somebody looks at each role and keeps or ends it. Nobody reviews their own.

What nobody looked at in its quarter is overdue from the first day of the next until somebody does (ISO/IEC 27001:2022,
A.5.18: access rights are reviewed at planned intervals).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import first_day_of_quarter, today_in_vietnam
from identity.staff.model import Role
from identity.staff.record import RoleReview
from identity.staff.roles import end_role, held_on


def quarter_of(day: date) -> str:
    """2026-Q4."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def end_of_last_quarter(today: date) -> date:
    """Until when its roles were to be looked at."""
    return first_day_of_quarter(today) - timedelta(days=1)


def due(db: Session, *, now: datetime, limit: int = 50, offset: int = 0) -> list[Role]:
    """Roles to be looked at this quarter: held today, since before it began, not yet looked at; overdue ones first."""
    today = today_in_vietnam(now)
    query = _due(today).order_by(_is_overdue(today).desc(), Role.valid_from, Role.id)
    return list(db.scalars(query.limit(limit).offset(offset)))


def count_due(db: Session, *, now: datetime) -> int:
    """How many there are."""
    return db.scalar(select(func.count()).select_from(_due(today_in_vietnam(now)).subquery())) or 0


def overdue(db: Session, *, now: datetime) -> set[UUID]:
    """Roles that are still due and were due in the last quarter already."""
    today = today_in_vietnam(now)
    return {role.id for role in db.scalars(_due(today).where(_is_overdue(today)))}


def keep(db: Session, role_id: UUID, by: Actor, *, now: datetime) -> None:
    """The role is still needed."""
    role = _to_review(db, role_id, by)
    quarter = quarter_of(today_in_vietnam(now))
    seen = select(RoleReview.id).where(RoleReview.role_id == role.id, RoleReview.quarter == quarter)
    if db.scalar(seen) is not None:
        return
    db.add(RoleReview(role_id=role.id, quarter=quarter, by_id=by.account_id, at=now))
    subject = ("account", role.account_id)
    record(db, Event.ROLE_REVIEWED, by, now=now, subject=subject, role=role.role, quarter=quarter)


def end(db: Session, role_id: UUID, by: Actor, *, now: datetime) -> None:
    """The role is not needed any more."""
    end_role(db, _to_review(db, role_id, by), by, now=now)


def _to_review(db: Session, role_id: UUID, by: Actor) -> Role:
    role = db.get(Role, role_id, with_for_update=True)
    if role is None:
        raise Refused("not-found")
    if role.account_id == by.account_id:
        raise Refused("own-role", audited=True)
    return role


def _due(today: date) -> Select[Role]:
    return select(Role).where(held_on(today), _was_due(today))


def _is_overdue(today: date) -> ColumnElement[bool]:
    return _was_due(end_of_last_quarter(today))


def _was_due(day: date) -> ColumnElement[bool]:
    """Given before the quarter of `day`, and not looked at in it."""
    seen = select(RoleReview.id).where(RoleReview.role_id == Role.id, RoleReview.quarter == quarter_of(day)).exists()
    return and_(Role.valid_from < first_day_of_quarter(day), ~seen)
