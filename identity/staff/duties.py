"""Duties that nobody holds together, and acts that nobody does for themselves (issue of trust, checked by the system).

Sources: Decree 69/2024/ND-CP has one officer receive and another approve; ISO/IEC 27001:2022, A.5.3 (segregation of
duties) asks that whoever runs, watches or audits a system does no other work in it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from identity.audit import Actor
from identity.base import Refused
from identity.staff.model import Role, RoleName

ALONE = frozenset({RoleName.AUDITOR, RoleName.OPERATOR, RoleName.HOTLINE_AGENT})
"""Held beside nothing else."""
APART = (
    frozenset({RoleName.RECEIVING_OFFICER, RoleName.MEMBER}),
    frozenset({RoleName.APPROVING_OFFICER, RoleName.MEMBER}),
    frozenset({RoleName.SUPERVISOR, RoleName.MEMBER}),
    frozenset({RoleName.RECEIVING_OFFICER, RoleName.LEAD}),
    frozenset({RoleName.APPROVING_OFFICER, RoleName.LEAD}),
    frozenset({RoleName.SUPERVISOR, RoleName.LEAD}),
)
"""Who helps people apply does not decide on what they applied for. Four eyes on one file are kept with the file."""

OF_TWO_OPERATORS = frozenset(
    {
        RoleName.RECEIVING_OFFICER,
        RoleName.APPROVING_OFFICER,
        RoleName.SUPERVISOR,
        RoleName.OPERATOR,
        RoleName.AUDITOR,
        RoleName.HOTLINE_AGENT,
        RoleName.DATA_PROTECTION_OFFICER,
    }
)
"""What decides, supervises, operates or audits: one operator alone would make both pairs of eyes."""


def check_duties(db: Session, account_id: UUID, role: str, by: Actor, *, start: date, end: date | None) -> None:
    """Refuse a role for oneself (the attempt is recorded), or one that does not go with another held meanwhile."""
    if by.account_id == account_id:
        raise Refused("own-role", audited=True)
    others = held_meanwhile(db, account_id, start, end) - {role}
    if others and (role in ALONE or others & ALONE):
        raise Refused("role-stands-alone", field="role")
    if any({role, other} == pair for other in others for pair in APART):
        raise Refused("roles-kept-apart", field="role")


def held_meanwhile(db: Session, account_id: UUID, start: date, end: date | None) -> set[str]:
    """The roles held on any day from `start` to before `end`."""
    return set(db.scalars(select(Role.role).where(Role.account_id == account_id, held_within(start, end))))


def held_within(start: date, end: date | None) -> ColumnElement[bool]:
    """Held on any day from `start` to before `end`. A role that ended before its first day never was."""
    goes_on = or_(Role.valid_to.is_(None), and_(Role.valid_to > start, Role.valid_to > Role.valid_from))
    return goes_on if end is None else and_(goes_on, Role.valid_from < end)


def conflicting(held: Collection[str]) -> bool:
    """Whether roles held together break the rule. Given before it, they open nothing (`portal.security.staff`)."""
    roles = set(held)
    return (len(roles) > 1 and bool(roles & ALONE)) or any(pair <= roles for pair in APART)
