"""For administrators: how much each agent looks up, and who was warned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import Response
from sqlalchemy import func, select

from identity.account import get_account
from identity.audit import AuditEvent, Event
from identity.deadlines import rule, today_in_vietnam
from identity.hotline.find import looks_of
from identity.staff import Role, RoleName, held_on
from portal.database import db
from portal.hotline import blueprint
from portal.pages import page
from portal.security import guarded, staff
from portal.services import now

A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Agent:
    """Figures of one agent, no call and nobody who called."""

    name: str
    looks_lately: int
    looks: int
    missed: int
    warnings: int


@blueprint.get("/agents")
@guarded(staff("operator", "auditor"))
def agents() -> Response:
    limits = rule("hotline", today_in_vietnam(now()))
    today = today_in_vietnam(now())
    held = select(Role.account_id).where(Role.role == RoleName.HOTLINE_AGENT.value, held_on(today))
    ids = db.scalars(held.distinct()).all()
    found = sorted((_agent(one, now(), limits) for one in ids), key=lambda one: (-one.warnings, -one.looks, one.name))
    return page("hotline/agents.html", agents=found, limits=limits)


def _agent(account_id: UUID, moment: datetime, limits: dict[str, int]) -> Agent:
    since = moment - timedelta(hours=limits["lookup_hours"])
    return Agent(
        name=get_account(db, account_id).display_name or "",
        looks_lately=looks_of(db, account_id, since=since),
        looks=looks_of(db, account_id, since=moment - A_WEEK),
        missed=_count(account_id, Event.HOTLINE_MISSED, moment),
        warnings=_count(account_id, Event.HOTLINE_WARNED, moment),
    )


def _count(account_id: UUID, event: Event, moment: datetime) -> int:
    mine = select(func.count()).where(AuditEvent.actor_id == account_id, AuditEvent.at > moment - A_WEEK)
    return db.scalar(mine.where(AuditEvent.name == event.value)) or 0
