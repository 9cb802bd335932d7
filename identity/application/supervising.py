"""Who supervises an office: a role of its own, held in a unit and for days like every other.

Whoever approves does not thereby supervise (ISO/IEC 27001:2022, A.5.3). A supervisor asks for a second supplement,
opens every file of the office, gives a file to the next officer, hears appeals, answers complaints, opens a file to
another office, and is told of what is late. Deciding takes the role of an approving officer besides.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.audit import Actor
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import ancestors
from identity.staff.model import Role, RoleName
from identity.staff.roles import at_work_on

SUPERVISOR = RoleName.SUPERVISOR.value


def check_supervises(officer: Actor) -> None:
    """Refused "supervisor-only", and the attempt is recorded."""
    if officer.role != SUPERVISOR:
        raise Refused("supervisor-only", audited=True)


def supervisors_of(db: Session, unit_id: UUID, *, now: datetime) -> list[UUID]:
    """Who supervises a unit and is at work today; where it has nobody, those of the nearest unit above."""
    today = today_in_vietnam(now)
    for unit in (unit_id, *(above.id for above in ancestors(db, unit_id))):
        query = select(Role.account_id).where(Role.role == SUPERVISOR, Role.unit_id == unit, at_work_on(today))
        found = list(db.scalars(query.distinct()))
        if found:
            return found
    return []
