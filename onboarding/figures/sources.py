"""Counting one Vietnamese day from the events themselves: measure → unit → how many.

The unit is that of the day of the event: where an applicant lives, where a team works. What has no unit is UNALLOCATED.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from uuid import UUID

from sqlalchemy import Select, exists, extract, func, or_, select
from sqlalchemy.orm import Session, aliased

from identity.account import Account
from identity.application.model import Application, State
from identity.deadlines import rule
from identity.oidc.meetings import ClientSession
from identity.session import SignInSession
from onboarding.figures.activity import count_teams
from onboarding.figures.people import count_people
from onboarding.figures.tally import Counts, counted, many, on_day
from onboarding.figures.visits import count_visits
from onboarding.skill_check import SkillCheck


def count_day(db: Session, day: date) -> Counts:
    """Every measure of that day."""
    return {
        **_funnel(db, day),
        **count_visits(db, day),
        **_checks(db, day),
        **count_people(db, day),
        **count_teams(db, day),
    }


def _funnel(db: Session, day: date) -> Counts:
    """Level 2 only. Who was active before level 2 was issued counts as activated on the day of issue."""
    by_home = select(Application.home_unit_id, func.count(Application.id)).where(Application.level == 2)
    by_home = by_home.group_by(Application.home_unit_id)
    issued = by_home.where(Application.state == State.ISSUED)
    with_account = issued.join(Account, (Account.person_id == Application.person_id) & (Account.kind == "resident"))
    at_once = with_account.where(on_day(Application.closed_at, day), Account.activated_at <= Application.closed_at)
    later = with_account.where(on_day(Account.activated_at, day), Account.activated_at > Application.closed_at)
    return {
        "applied": counted(db, by_home.where(on_day(Application.submitted_at, day))),
        "issued": counted(db, issued.where(on_day(Application.closed_at, day))),
        "activated": counted(db, at_once) + counted(db, later),
        "used": _used(db, at_once, day) + _used(db, later, day),
    }


def _used(db: Session, active: Select[UUID | None, int], day: date) -> Counter[UUID]:
    """Of the accounts that became active, those in whose first days the holder signed in again, or met a service.

    The session that the activation itself opened is no use; a service met in it is one.
    """
    rules = rule("figures_count", day)
    first, last = rules["use_after_minutes"] * 60, rules["used_days"] * 24 * 3600
    own = select(SignInSession.id).where(SignInSession.account_id == Account.id).correlate(Account)
    after = extract("epoch", SignInSession.created_at) - extract("epoch", Account.activated_at)
    met = extract("epoch", ClientSession.first_at) - extract("epoch", Account.activated_at)
    services = own.join(ClientSession, ClientSession.session_id == SignInSession.id)
    was_used = or_(own.where(after.between(first, last)).exists(), services.where(met.between(0, last)).exists())
    return counted(db, active.where(was_used))


def _checks(db: Session, day: date) -> Counts:
    later = aliased(SkillCheck)
    rows = select(SkillCheck).where(on_day(SkillCheck.seen_at, day), ~exists().where(later.supersedes == SkillCheck.id))
    held = rows.subquery()
    return many(db, held.c.unit_id, {"passed": held.c.passed.is_(True)}, "checked")
