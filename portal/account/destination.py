"""Where a person goes after signing in: where they wanted to go, else home to their account or their work."""

from __future__ import annotations

from uuid import UUID

from flask import request, url_for

from identity.deadlines import today_in_vietnam
from identity.staff import FOR_THE_COUNTRY, RoleHeld, roles_of
from portal.database import db
from portal.pages import local_path
from portal.services import now

FIRST_PAGES = {
    "receiving_officer": "office.queue",
    "approving_officer": "office.queue",
    "supervisor": "office.queue",
    "member": "team.today",
    "lead": "team.today",
    "coordinator": "coordination.overview",
    "leader": "coordination.overview",
    "operator": "staff.people",
    "auditor": "trail.search",
    "hotline_agent": "hotline.start",
    "data_protection_officer": "rights.waiting",
}
"""Role → endpoint of its first page."""


def wanted() -> str | None:
    """The local path in `next`, or None; never another site's address."""
    target = request.values.get("next")
    return target if target and local_path(target) == target else None


def after_sign_in(account_id: UUID, target: str | None) -> str:
    """`target`, else the first page of the first role held today, else the account."""
    if target:
        return target
    roles = roles_of(db, account_id, on=today_in_vietnam(now()))
    return url_for(next((_first_page(held) for held in roles if held.role in FIRST_PAGES), "account.overview"))


def _first_page(held: RoleHeld) -> str:
    return "figures.nation" if held.unit_id is None and held.role in FOR_THE_COUNTRY else FIRST_PAGES[held.role]
