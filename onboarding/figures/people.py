"""People, each counted once: on the day and in the place where something was first true of them.

So the people of a period are those who were new in it, a quarter is the sum of its months, and a province the sum of
its communes. Who is behind a pseudonym is not asked; two helpers who record the same person have recorded one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from identity.helping import HelpConsent
from onboarding.assistance import AssistanceEvent
from onboarding.attendance import Attendance, AttendanceWithdrawal
from onboarding.catalogue import ACTIVATION_TASKS, AgeBand, Mode, Trait
from onboarding.figures.tally import Counts, on_day
from onboarding.learner import Learner
from onboarding.records import day_span
from onboarding.skill_check import ADULTS, SkillCheck
from onboarding.skills import current_skills

CHILDREN = (AgeBand.UNDER_14, AgeBand.FROM_14)
OLDER = "60-and-over"


def count_people(db: Session, day: date) -> Counts:
    """All measures whose unit is the person."""
    found: Counts = {f"reached-{trait}": _first_helped(db, day, _has(trait)) for trait in Trait}
    found[f"reached-{OLDER}"] = _first_helped(db, day, lambda row: row.age_band == AgeBand.FROM_60)
    found["reached"] = _first_helped(db, day, _is_adult) + _first_trained(db, day)
    found["guided"] = _first_helped(db, day, _is_guided)
    found["skilled"] = _first_skilled(db, day)
    return found


def _has(trait: Trait) -> Any:
    return lambda row: cast(row.traits, String).contains(f'"{trait.value}"')


def _is_adult(row: Any) -> ColumnElement[bool]:
    """Unless the record says otherwise: most say nothing about age."""
    return or_(row.age_band.is_(None), row.age_band.not_in(CHILDREN))


def _is_guided(row: Any) -> ColumnElement[bool]:
    """With their own hand, in what their account needs before it can be used."""
    return _is_adult(row) & (row.mode == Mode.GUIDED) & row.task.in_(ACTIVATION_TASKS)


def _first_helped(db: Session, day: date, condition: Any) -> Counter[UUID]:
    """People with a help code of whom a record of that day is the first that says so."""
    row, earlier = AssistanceEvent, aliased(AssistanceEvent)
    before = exists().where(
        earlier.pseudonym == row.pseudonym,
        earlier.happened_at < day_span(day)[0],
        condition(earlier),
        _stands(earlier),
    )
    query = select(row.pseudonym, func.coalesce(row.village_id, row.unit_id))
    query = query.join(HelpConsent, HelpConsent.pseudonym == row.pseudonym)
    query = query.where(on_day(row.happened_at, day), condition(row), _stands(row), ~before)
    return _once_each(db.execute(query.order_by(row.happened_at, row.id)))


def _stands(row: Any) -> ColumnElement[bool]:
    later = aliased(AssistanceEvent)
    return ~exists().where(later.supersedes == row.id)


def _first_trained(db: Session, day: date) -> Counter[UUID]:
    """Learners whose first session is of that day; a slip that became somebody's is theirs."""
    row, learner, earlier, same = Attendance, aliased(Learner), aliased(Attendance), aliased(Learner)
    person = func.coalesce(learner.linked_to, learner.id)
    before = exists().where(
        earlier.learner_id == same.id,
        or_(same.id == person, same.linked_to == person),
        earlier.happened_at < day_span(day)[0],
        _is_adult(earlier),
        _was_there(earlier),
    )
    query = select(person, row.unit_id).join(learner, learner.id == row.learner_id)
    query = query.where(on_day(row.happened_at, day), _is_adult(row), _was_there(row), ~before)
    return _once_each(db.execute(query.order_by(row.happened_at, row.id)))


def _was_there(row: Any) -> ColumnElement[bool]:
    return ~exists().where(AttendanceWithdrawal.attendance_id == row.id)


def _first_skilled(db: Session, day: date) -> Counter[UUID]:
    """Adults whose last skill of all was first witnessed that day; where, says that check."""
    row, learner, touched = SkillCheck, aliased(Learner), aliased(Learner)
    person = func.coalesce(learner.linked_to, learner.id)
    of_day = select(func.coalesce(touched.linked_to, touched.id)).join(SkillCheck, SkillCheck.learner_id == touched.id)
    of_day = of_day.where(on_day(SkillCheck.seen_at, day), SkillCheck.passed)
    checks = select(person, row.skill, row.seen_at, row.unit_id).join(learner, learner.id == row.learner_id)
    checks = checks.where(row.passed, row.age_band.in_(ADULTS), ~_was_corrected(row))
    checks = checks.where(or_(learner.id.in_(of_day), learner.linked_to.in_(of_day)))
    begins, _ends = day_span(day)
    first: dict[UUID, dict[str, tuple[bool, UUID]]] = {}
    for who, skill, seen_at, unit in db.execute(checks.order_by(row.seen_at, row.id)):
        if seen_at < _ends:
            first.setdefault(who, {}).setdefault(skill, (seen_at >= begins, unit))
    wanted = len(current_skills().skills)
    complete = (list(skills.values())[-1] for skills in first.values() if len(skills) == wanted)
    return Counter(unit for is_new, unit in complete if is_new)


def _was_corrected(row: Any) -> ColumnElement[bool]:
    later = aliased(SkillCheck)
    return exists().where(later.supersedes == row.id)


def _once_each(rows: Iterable[Any]) -> Counter[UUID]:
    first: dict[Any, UUID] = {}
    for who, unit in rows:
        first.setdefault(who, unit)
    return Counter(first.values())
