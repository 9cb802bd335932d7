"""The second operator: a role that decides, supervises, operates or audits counts once two have agreed on it.

Source: ISO/IEC 27001:2022, A.5.3 and A.8.2 (segregation of duties; privileged rights are given under control). The
operators who may answer are written to when it is given, and so is the giver once it was answered.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from identity.account import get_account
from identity.application.warnings import tell_officer
from identity.audit import Actor, Event
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.staff.model import Role, RoleName
from identity.staff.roles import at_work_on, end_role, held_on, record_role

WAITS = "role-waits"
"""The letter to those who may confirm it."""
CONFIRMED, TURNED_DOWN = "role-confirmed", "role-turned-down"
"""What the one who gave it is told."""


def waiting(db: Session, *, now: datetime, limit: int = 50, offset: int = 0) -> list[Role]:
    """Roles that nobody has confirmed yet, the oldest first."""
    return list(db.scalars(_waiting(now).order_by(Role.given_at, Role.id).limit(limit).offset(offset)))


def count_waiting(db: Session, *, now: datetime) -> int:
    """How many there are."""
    return db.scalar(select(func.count()).select_from(_waiting(now).subquery())) or 0


def is_waited_for(db: Session, account_id: UUID, *, now: datetime) -> bool:
    """Whether a role was given to this account that does not count yet."""
    return db.scalar(_waiting(now).where(Role.account_id == account_id).limit(1)) is not None


def count_to_answer(db: Session, operator: Actor, *, now: datetime) -> int:
    """How many of them this operator may answer."""
    return sum(_may_answer(db, role, operator.account_id, now) for role in db.scalars(_waiting(now)))


def ask_others(db: Session, role: Role, *, now: datetime) -> int:
    """Write to every operator who may confirm it, when it is given. Returns how many there are."""
    if role.confirmed_at is not None or role.given_by_id is None:
        return 0
    names = {
        "name": get_account(db, role.account_id).display_name or "",
        "giver": get_account(db, role.given_by_id).display_name or "",
    }
    operators = select(Role.account_id).where(Role.role == RoleName.OPERATOR.value, at_work_on(today_in_vietnam(now)))
    others = [one for one in db.scalars(operators.distinct()) if _may_answer(db, role, one, now)]
    for account_id in others:
        tell_officer(db, WAITS, account_id, now=now, **names)
    return len(others)


def confirm(db: Session, role_id: UUID, by: Actor, *, now: datetime) -> None:
    """The role counts from its first day on, today at the earliest."""
    role = _take(db, role_id, by, now)
    role.confirmed_at, role.confirmed_by_id = now, by.account_id
    role.valid_from = max(role.valid_from, today_in_vietnam(now))
    record_role(db, Event.ROLE_CONFIRMED, role, by, now)
    _tell(db, CONFIRMED, role, now)


def turn_down(db: Session, role_id: UUID, by: Actor, *, now: datetime) -> None:
    """The role never counts. Whoever gave it takes it back by ending it."""
    role = _take(db, role_id, by, now)
    end_role(db, role, by, now=now, event=Event.ROLE_TURNED_DOWN)
    _tell(db, TURNED_DOWN, role, now)


def _waiting(now: datetime) -> Select[Role]:
    goes_on = and_(Role.valid_to > today_in_vietnam(now), Role.valid_to > Role.valid_from)
    return select(Role).where(Role.confirmed_at.is_(None), or_(Role.valid_to.is_(None), goes_on))


def _take(db: Session, role_id: UUID, by: Actor, now: datetime) -> Role:
    """Refused to whoever it is for or from (the attempt is recorded), and once it was answered."""
    role = db.scalar(_waiting(now).where(Role.id == role_id).with_for_update())
    if role is None:
        raise Refused("role-answered")
    if role.account_id == by.account_id:
        raise Refused("own-role", audited=True)
    if not _is_second(db, role, by.account_id, now):
        raise Refused("role-second", audited=True)
    return role


def _may_answer(db: Session, role: Role, operator_id: UUID | None, now: datetime) -> bool:
    return role.account_id != operator_id and _is_second(db, role, operator_id, now)


def _is_second(db: Session, role: Role, operator_id: UUID | None, now: datetime) -> bool:
    """An operator, not the one who gave it, and none whom that one made an operator alone."""
    of_two = or_(Role.given_by_id.is_(None), Role.given_by_id != role.given_by_id, Role.confirmed_by_id.is_not(None))
    own = (Role.account_id == operator_id, Role.role == RoleName.OPERATOR.value, of_two)
    held = select(Role.id).where(*own, held_on(today_in_vietnam(now))).limit(1)
    return operator_id != role.given_by_id and db.scalar(held) is not None


def _tell(db: Session, message: str, role: Role, now: datetime) -> None:
    if role.given_by_id is not None:
        held_by = get_account(db, role.account_id)
        tell_officer(
            db, message, role.given_by_id, now=now, name=held_by.display_name or "", account=str(role.account_id)
        )
