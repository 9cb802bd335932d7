"""Counting one Vietnamese day from the events themselves: measure → unit → how many.

The unit is that of the day of the event: where an applicant lives, where a team works. What has no unit is UNALLOCATED.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from identity.account import Account
from identity.application.model import Application, State
from onboarding.assistance import AssistanceEvent
from onboarding.catalogue import ACTIVATION_TASKS, Mode, Result
from onboarding.figures.model import UNALLOCATED
from onboarding.records import day_span, with_outcome
from onboarding.skill_check import SkillCheck

Counts = dict[str, Counter[UUID]]
IN_TIME = timedelta(hours=24)


def count_day(db: Session, day: date) -> Counts:
    """Every measure of that day."""
    begins, ends = day_span(day)
    return {**_funnel(db, begins, ends), **_helps(db, begins, ends), **_checks(db, begins, ends)}


def _funnel(db: Session, begins: datetime, ends: datetime) -> Counts:
    """Level 2 only. Who was active before level 2 was issued counts as activated on the day of issue."""
    by_home = select(Application.home_unit_id, func.count(Application.id)).where(Application.level == 2)
    by_home = by_home.group_by(Application.home_unit_id)
    issued = by_home.where(Application.state == State.ISSUED)
    with_account = issued.join(Account, (Account.person_id == Application.person_id) & (Account.kind == "resident"))
    at_once = with_account.where(
        _in(Application.closed_at, begins, ends), Account.activated_at <= Application.closed_at
    )
    later = with_account.where(_in(Account.activated_at, begins, ends), Account.activated_at > Application.closed_at)
    return {
        "applied": _counted(db, by_home.where(_in(Application.submitted_at, begins, ends))),
        "issued": _counted(db, issued.where(_in(Application.closed_at, begins, ends))),
        "activated": _counted(db, at_once) + _counted(db, later),
    }


def _helps(db: Session, begins: datetime, ends: datetime) -> Counts:
    rows = with_outcome().where(_in(AssistanceEvent.happened_at, begins, ends)).subquery()
    consented = rows.c.pseudonym.is_not(None) & rows.c.task.in_(ACTIVATION_TASKS)
    seen, claimed = rows.c.activated_at.is_not(None), consented & (rows.c.result == Result.DONE)
    wanted = {
        "own-hand": rows.c.mode == Mode.GUIDED,
        "blocked": rows.c.result == Result.BLOCKED,
        "consented": consented,
        "assisted": consented & seen,
        "claimed": claimed,
        "confirmed": claimed & seen,
    }
    found = _many(db, rows.c.unit_id, rows.c.id, wanted, "helps")
    lag = select(AssistanceEvent.unit_id, AssistanceEvent.happened_at, AssistanceEvent.received_at)
    later = aliased(AssistanceEvent)
    lag = lag.where(
        _in(AssistanceEvent.happened_at, begins, ends), ~exists().where(later.supersedes == AssistanceEvent.id)
    )
    in_time = Counter(row.unit_id for row in db.execute(lag) if row.received_at - row.happened_at <= IN_TIME)
    return {**found, "in-time": in_time}


def _checks(db: Session, begins: datetime, ends: datetime) -> Counts:
    later = aliased(SkillCheck)
    rows = select(SkillCheck).where(
        _in(SkillCheck.seen_at, begins, ends), ~exists().where(later.supersedes == SkillCheck.id)
    )
    held = rows.subquery()
    return _many(db, held.c.unit_id, held.c.id, {"passed": held.c.passed.is_(True)}, "checked")


def _many(db: Session, unit: Any, id_: Any, wanted: dict[str, ColumnElement[bool]], all_: str) -> Counts:
    columns = (func.count(case((condition, 1))) for condition in wanted.values())
    found: Counts = {name: Counter() for name in (*wanted, all_)}
    for row in db.execute(select(unit, *columns, func.count(id_)).group_by(unit)):
        for name, number in zip((*wanted, all_), row[1:], strict=True):
            found[name][row[0] or UNALLOCATED] += int(number)
    return found


def _counted(db: Session, query: Select[Any, Any]) -> Counter[UUID]:
    return Counter({unit or UNALLOCATED: int(number) for unit, number in db.execute(query)})


def _in(moment: Any, begins: datetime, ends: datetime) -> ColumnElement[bool]:
    return and_(moment >= begins, moment < ends)
