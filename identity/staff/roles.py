"""What a member of staff may do, where and until when: roles held in a unit for a span of days.

A role reaches its unit and every unit below it. Outside its days or its unit it gives nothing. Days are Vietnamese
days; `valid_to` is the first day on which the role is no longer held, so that a role ended today is gone at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from identity.account import Account, AccountState, LockGround, create_account
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import units_within
from identity.staff.duties import OF_TWO_OPERATORS, check_duties, held_within
from identity.staff.model import EVERYWHERE, FOR_THE_COUNTRY, Role, RoleName
from identity.statements import Prepared
from identity.turns import take_turns


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """A role that counts today."""

    role: str
    unit_id: UUID | None


def hire(db: Session, login: str, display_name: str, *, now: datetime, state: str = "active") -> Account:
    """An account for a member of staff. It may do nothing until a role is given."""
    return create_account(db, "staff", login, display_name=display_name, now=now, state=state)


def give_role(
    db: Session,
    account_id: UUID,
    role: str,
    unit_id: UUID | None,
    by: Actor,
    *,
    now: datetime,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Role:
    """Give a role from `valid_from` (default: today) until the day before `valid_to`. Audited.

    What an operator gives of `OF_TWO_OPERATORS` waits for a second one (`identity.staff.confirmation`).
    """
    take_turns(db, account_id.bytes)
    start = valid_from or today_in_vietnam(now)
    _check_name(role, unit_id)
    if valid_to is not None and valid_to <= start:
        raise Refused("role-days", field="valid_to")
    check_duties(db, account_id, role, by, start=start, end=valid_to)
    if _overlapping(db, account_id, role, unit_id, start, valid_to):
        raise Refused("role-held", field="role")
    given = Role(
        account_id=account_id,
        role=role,
        unit_id=unit_id,
        valid_from=start,
        valid_to=valid_to,
        given_by_id=by.account_id,
        given_at=now,
        confirmed_at=None if by.account_id is not None and role in OF_TWO_OPERATORS else now,
    )
    db.add(given)
    record_role(db, Event.ROLE_GIVEN, given, by, now)
    return given


def end_role(db: Session, given: Role, by: Actor, *, now: datetime, event: Event = Event.ROLE_ENDED) -> None:
    """Take the role back from today on. Audited; ending it twice changes nothing."""
    today = today_in_vietnam(now)
    if given.valid_to is not None and given.valid_to <= today:
        return
    given.valid_to = max(today, given.valid_from)
    record_role(db, event, given, by, now)


def roles_of(db: Session, account_id: UUID, on: date) -> list[RoleHeld]:
    """The roles that this account holds on that day."""
    return [RoleHeld(row.role, row.unit_id) for row in _HELD.all(db, account=account_id, on=on)]


def held_on(on: date | BindParameter[date]) -> ColumnElement[bool]:
    """Condition: the role counts on that day; `valid_to` is the first day on which it no longer does."""
    return and_(Role.valid_from <= on, or_(Role.valid_to.is_(None), Role.valid_to > on), Role.confirmed_at.is_not(None))


def at_work_on(on: date) -> ColumnElement[bool]:
    """Condition: the role counts on that day and its holder can sign in: was not only invited, and is not shut out.

    Whom to write to, to wait for, or to hand something: what is sent to somebody who was suspended reaches nobody.
    """
    holder, ground = aliased(Account), aliased(LockGround)  # the statement around may be of accounts itself
    active = exists().where(holder.id == Role.account_id, holder.state == AccountState.ACTIVE.value)
    shut = exists().where(ground.account_id == Role.account_id, ground.ended_at.is_(None))
    return and_(held_on(on), active, ~shut)


def has_scope(roles: Iterable[RoleHeld], role: str, unit_ids: Collection[UUID]) -> bool:
    """Whether `role` reaches a matter; `unit_ids` are the matter's unit and the units above it."""
    return any(held.role == role and (held.unit_id is None or held.unit_id in unit_ids) for held in roles)


def check_scope(roles: Iterable[RoleHeld], role: str, unit_ids: Collection[UUID]) -> None:
    """Refuse (and have the attempt recorded) unless `role` reaches one of `unit_ids` (see `has_scope`)."""
    if not has_scope(roles, role, unit_ids):
        raise Refused("out-of-scope", audited=True)


def units_in_reach(db: Session, roles: Iterable[RoleHeld], *wanted: str) -> set[UUID]:
    """Every unit, those below included, in which one of the `wanted` roles is held."""
    reached: set[UUID] = set()
    for held in roles:
        if held.role in wanted and held.unit_id is not None and held.unit_id not in reached:
            reached |= units_within(db, held.unit_id)
    return reached


def _check_name(role: str, unit_id: UUID | None) -> None:
    if role not in set(RoleName):
        raise Refused("role-unknown", field="role")
    if unit_id is None and role not in EVERYWHERE | FOR_THE_COUNTRY:
        raise Refused("role-needs-unit", field="unit")
    if unit_id is not None and role in EVERYWHERE:
        raise Refused("role-has-no-unit", field="unit")


def _overlapping(
    db: Session,
    account_id: UUID,
    role: str,
    unit_id: UUID | None,
    start: date,
    end: date | None,
) -> bool:
    same_unit = Role.unit_id.is_(None) if unit_id is None else Role.unit_id == unit_id
    query = select(Role.id).where(Role.account_id == account_id, Role.role == role, same_unit, held_within(start, end))
    return db.execute(query.limit(1)).first() is not None


def record_role(db: Session, event: Event, given: Role, by: Actor, now: datetime) -> None:
    """What happened to the role, with its place and days."""
    facts = {
        "role": given.role,
        "unit": None if given.unit_id is None else str(given.unit_id),
        "valid_from": given.valid_from.isoformat(),
        "valid_to": None if given.valid_to is None else given.valid_to.isoformat(),
    }
    record(db, event, by, now=now, subject=("account", given.account_id), **facts)


_HELD = Prepared(
    select(Role.role, Role.unit_id)
    .where(Role.account_id == bindparam("account"), held_on(bindparam("on")))
    .order_by(Role.valid_from, Role.id)
)
