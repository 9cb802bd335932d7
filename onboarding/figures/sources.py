"""Counting one Vietnamese day from the events themselves: measure → unit → how many.

The unit is that of the day of the event: where an applicant lives, where a team works. What has no unit is UNALLOCATED.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, exists, extract, func, or_, select
from sqlalchemy.orm import Session, aliased

from identity.account import Account
from identity.application.model import Application, State
from identity.oidc.meetings import ClientSession
from identity.session import SignInSession
from onboarding.figures.activity import count_teams
from onboarding.figures.people import count_people
from onboarding.figures.tally import (
    USE_AFTER,
    USE_UNTIL,
    Counts,
    Params,
    Tally,
    counted,
    on_day,
    params_of,
    tally,
)
from onboarding.figures.visits import count_visits
from onboarding.skill_check import SkillCheck


def count_day(db: Session, day: date) -> Counts:
    """Every measure of that day."""
    params = params_of(day)
    return {
        **_funnel(db, params),
        **count_visits(db, params),
        **_checks().count(db, params),
        **count_people(db, params),
        **count_teams(db, params),
    }


def _funnel(db: Session, params: Params) -> Counts:
    """Level 2 only. Who was active before level 2 was issued counts as activated on the day of issue."""
    return {
        "applied": counted(db, _by_home().where(on_day(Application.submitted_at)), params),
        "issued": counted(db, _issued().where(on_day(Application.closed_at)), params),
        "activated": counted(db, _active(at_once=True), params) + counted(db, _active(at_once=False), params),
        "used": counted(db, _used(at_once=True), params) + counted(db, _used(at_once=False), params),
    }


@cache
def _by_home() -> Select[Any, Any]:
    by_home = select(Application.home_unit_id, func.count(Application.id)).where(Application.level == 2)
    return by_home.group_by(Application.home_unit_id)


@cache
def _issued() -> Select[Any, Any]:
    return _by_home().where(Application.state == State.ISSUED)


@cache
def _active(*, at_once: bool) -> Select[Any, Any]:
    active = _issued().join(Account, (Account.person_id == Application.person_id) & (Account.kind == "resident"))
    if at_once:
        return active.where(on_day(Application.closed_at), Account.activated_at <= Application.closed_at)
    return active.where(on_day(Account.activated_at), Account.activated_at > Application.closed_at)


@cache
def _used(*, at_once: bool) -> Select[Any, Any]:
    """Of the accounts that became active, those in whose first days the holder signed in again, or met a service.

    The session that the activation itself opened is no use; a service met in it is one.
    """
    own = select(SignInSession.id).where(SignInSession.account_id == Account.id).correlate(Account)
    after = extract("epoch", SignInSession.created_at) - extract("epoch", Account.activated_at)
    met = extract("epoch", ClientSession.first_at) - extract("epoch", Account.activated_at)
    services = own.join(ClientSession, ClientSession.session_id == SignInSession.id)
    came_back = own.where(after.between(USE_AFTER, USE_UNTIL)).exists()
    return _active(at_once=at_once).where(or_(came_back, services.where(met.between(0, USE_UNTIL)).exists()))


@cache
def _checks() -> Tally:
    later = aliased(SkillCheck)
    held = select(SkillCheck.unit_id, SkillCheck.passed).where(on_day(SkillCheck.seen_at))
    rows = held.where(~exists().where(later.supersedes == SkillCheck.id)).subquery()
    return tally(rows.c.unit_id, {"passed": rows.c.passed.is_(True)}, "checked")
