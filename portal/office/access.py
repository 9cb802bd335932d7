"""Which officer may touch which case: a role reaches its unit and the units below, nothing else."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from flask import abort, g
from sqlalchemy.orm import Session

from identity.application import Application
from identity.application.desks import check_may_open
from identity.application.supervising import SUPERVISOR
from identity.audit import Actor
from identity.base import Refused
from identity.places import line_of
from identity.staff import check_scope, has_scope
from portal.security import SignedIn, me
from portal.services import now

RECEIVING = "receiving_officer"
APPROVING = "approving_officer"
OFFICERS = (RECEIVING, APPROVING, SUPERVISOR)


def officer() -> SignedIn:
    """The officer who asks; the slice's guard let nobody else in."""
    visitor = me()
    if visitor is None:
        raise Refused("not-allowed")
    return visitor


def case_for(db: Session, application_id: UUID, *roles: str) -> tuple[Application, Actor]:
    """The application and as whom the officer acts on it.

    Out of scope, somebody else's, free but not taken, or of somebody the officer is tied to: refused and recorded.
    """
    application, actor, held = _reached(db, application_id, roles)
    check_may_open(db, application, actor, held, now=now())
    return application, actor


def reach(db: Session, application_id: UUID, *roles: str) -> tuple[Application, Actor]:
    """By scope alone: what the lists of the office and the counter show of it."""
    application, actor, _held = _reached(db, application_id, roles)
    return application, actor


def roles_on(db: Session, application: Application) -> frozenset[str]:
    """The officer's roles that reach this application; found once a request."""
    known: dict[UUID, frozenset[str]] = g.setdefault("roles_in_units", {})
    if application.unit_id not in known:
        line = line_of(db, application.unit_id)
        known[application.unit_id] = frozenset(role for role in OFFICERS if has_scope(officer().roles, role, line))
    return known[application.unit_id]


def _reached(db: Session, application_id: UUID, roles: Collection[str]) -> tuple[Application, Actor, frozenset[str]]:
    application = db.get(Application, application_id) or abort(404)
    held, wanted = roles_on(db, application), tuple(roles or OFFICERS)
    role = next((role for role in wanted if role in held), None)
    if role is None:
        if held:  # the office is the officer's; the step is for another role
            raise Refused("not-allowed", audited=True)
        check_scope((), wanted[0], ())
    return application, Actor(officer().account_id, str(role)), held
