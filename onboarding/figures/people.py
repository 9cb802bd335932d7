"""People, each counted once: on the day and in the place where something was first true of them.

So the people of a period are those who were new in it, a quarter is the sum of its months, and a province the sum of
its communes. Two helpers who record the same person have recorded one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from functools import cache, reduce
from operator import add
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from identity.helping import HelpConsent
from onboarding.assistance import AssistanceEvent
from onboarding.catalogue import ACTIVATION_TASKS, AgeBand, Mode, Trait
from onboarding.figures.reached import First, count_reached, is_adult, stands
from onboarding.figures.tally import BEGINS, ENDS, Counts, Params, on_day
from onboarding.learner import Learner
from onboarding.skill_check import ADULTS, SkillCheck
from onboarding.skills import current_skills

ADULT, GUIDED, OLDER = "adult", "guided", "60-and-over"
GROUPS = (ADULT, GUIDED, *Trait, OLDER)


def count_people(db: Session, params: Params) -> Counts:
    """All measures whose unit is the person."""
    helped = _first_helped(db, params)
    found: Counts = {f"reached-{group}": _by_place(helped[group]) for group in (*Trait, OLDER)}
    found["guided"] = _by_place(helped[GUIDED])
    found["reached"] = count_reached(db, helped[ADULT], params)
    found["skilled"] = _first_skilled(db, params)
    return found


def _condition(group: str) -> Callable[[Any], Any]:
    if group == ADULT:
        return is_adult
    if group == GUIDED:
        return _is_guided
    if group == OLDER:
        return lambda row: row.age_band == AgeBand.FROM_60
    return lambda row: cast(row.traits, String).contains(f'"{group}"')


def _is_guided(row: Any) -> Any:
    """With their own hand, in what their account needs before it can be used."""
    return is_adult(row) & (row.mode == Mode.GUIDED) & row.task.in_(ACTIVATION_TASKS)


def _by_place(people: Iterable[First]) -> Counter[UUID]:
    return Counter(first.unit for first in people)


def _first_helped(db: Session, params: Params) -> dict[str, Collection[First]]:
    """Of each group: people with a help code of whom a record of the day is the first that says they are of it."""
    first: dict[str, dict[UUID, First]] = {group: {} for group in GROUPS}
    for who, at, unit, said, said_before in db.execute(_helped(), params):
        new = said & ~(said_before or 0)
        for place, group in enumerate(GROUPS):
            if new >> place & 1:
                first[group].setdefault(who, First(at, unit, who))
    return {group: people.values() for group, people in first.items()}


@cache
def _helped() -> Select[Any, Any, Any, Any, Any]:
    """The day's records that stand, with the groups that each names, and those that earlier ones named of the same.

    Groups are the bits of a number, so that what came before is looked up once a record, and not once a group.
    """
    row, earlier = AssistanceEvent, aliased(AssistanceEvent)
    of_same = (earlier.pseudonym == row.pseudonym) & (earlier.happened_at < BEGINS) & stands(earlier)
    before = select(_bits(earlier, func.max)).where(of_same).scalar_subquery()
    place = func.coalesce(row.village_id, row.unit_id)
    query = select(HelpConsent.person_id, row.happened_at, place, _bits(row), before)
    query = query.join(HelpConsent, HelpConsent.pseudonym == row.pseudonym)
    query = query.where(on_day(row.happened_at), stands(row))
    return query.order_by(row.happened_at, row.id)


def _bits(row: Any, of_all: Callable[[Any], Any] = lambda bit: bit) -> Any:
    """A bit for each group that a record names; with `of_all`, that any of several does."""
    bits = (case((_condition(group)(row), 1 << place), else_=0) for place, group in enumerate(GROUPS))
    return reduce(add, map(of_all, bits))


@cache
def _checked() -> Select[Any, Any, Any, Any]:
    """What was passed until the day by everybody who passed something on it."""
    row, learner, touched = SkillCheck, aliased(Learner), aliased(Learner)
    of_day = select(func.coalesce(touched.linked_to, touched.id)).join(SkillCheck, SkillCheck.learner_id == touched.id)
    of_day = of_day.where(on_day(SkillCheck.seen_at), SkillCheck.passed)
    same = select(learner.id).where(or_(learner.id.in_(of_day), learner.linked_to.in_(of_day)))
    person = func.coalesce(learner.linked_to, learner.id)
    query = select(person, row.skill, row.seen_at, row.unit_id).join(learner, learner.id == row.learner_id)
    query = query.where(row.learner_id.in_(same), row.passed, row.age_band.in_(ADULTS), ~_was_corrected(row))
    return query.where(row.seen_at < ENDS).order_by(row.seen_at, row.id)


def _first_skilled(db: Session, params: Params) -> Counter[UUID]:
    """Adults whose last skill of all was first witnessed that day; where, says that check."""
    first: dict[UUID, dict[str, tuple[bool, UUID]]] = {}
    for who, skill, seen_at, unit in db.execute(_checked(), params):
        first.setdefault(who, {}).setdefault(skill, (seen_at >= params["begins"], unit))
    wanted = len(current_skills().skills)
    complete = (list(skills.values())[-1] for skills in first.values() if len(skills) == wanted)
    return Counter(unit for is_new, unit in complete if is_new)


def _was_corrected(row: Any) -> ColumnElement[bool]:
    later = aliased(SkillCheck)
    return exists().where(later.supersedes == row.id)
