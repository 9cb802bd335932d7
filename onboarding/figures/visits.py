"""Records of help of one day: each is a visit. Where a village is known they are counted there, else in the unit.

What needs the person (a help code) counts while the consent stands: a withdrawn one leads from no record to anybody,
so there is nothing left to confirm or to recognise.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, extract, func, or_, select
from sqlalchemy.orm import Session, aliased

from identity.helping import beside_outcome
from identity.places import Unit
from onboarding.assistance import AssistanceEvent
from onboarding.catalogue import ACTIVATION_TASKS, Mode, Obstacle, Result
from onboarding.figures.tally import (
    BEGINS,
    CLOCK_OFF,
    RETURNS_FROM,
    THE_DAY,
    Counts,
    Params,
    Tally,
    between,
    on_day,
    tally,
    there_is,
)

IN_TIME = timedelta(hours=24)


def count_visits(db: Session, params: Params) -> Counts:
    """All measures whose unit is the record."""
    return _visits().count(db, params)


@cache
def _visits() -> Tally:
    rows = _with_doubles().subquery()
    counts = rows.c.is_superseded == 0
    named, done = rows.c.is_known == 1, rows.c.result == Result.DONE
    consented = counts & named & rows.c.task.in_(ACTIVATION_TASKS)
    claimed, seen = consented & done, rows.c.is_seen == 1
    wanted = {
        "helps": counts,
        "own-hand": counts & (rows.c.mode == Mode.GUIDED),
        "blocked": counts & (rows.c.result == Result.BLOCKED),
        "in-time": counts & (rows.c.is_in_time == 1),
        "coded": counts & named,
        "consented": consented,
        "assisted": consented & seen,
        "claimed": claimed,
        "confirmed": claimed & seen,
        "returns": counts & named & (rows.c.is_return == 1),
        "correct": counts & (rows.c.is_skewed == 0) & ~(claimed & ~seen),
        "clean": counts & or_(~named, rows.c.number == 1) & (rows.c.is_placed == 1),
    }
    wanted |= {f"blocked-{reason}": counts & (rows.c.obstacle == reason) for reason in Obstacle}
    return tally(rows.c.place, wanted, "taken")


def _with_doubles() -> Select[Any]:
    """Numbered where several say the same of the same person that day: the first one is not a double."""
    rows = _records().subquery()
    same = (rows.c.is_superseded, rows.c.pseudonym, rows.c.task)
    return select(rows, func.row_number().over(partition_by=same, order_by=rows.c.id).label("number"))


def _records() -> Select[Any]:
    """Every record of the day, superseded ones too, with what is to be known of it; conditions as 0 and 1."""
    row, later, unit = AssistanceEvent, aliased(AssistanceEvent), aliased(Unit)
    place = func.coalesce(row.village_id, row.unit_id).label("place")
    plain = select(place, row.id, row.pseudonym, row.task, row.mode, row.result, row.obstacle)
    query: Select[Any]
    query, known = beside_outcome(plain, row.pseudonym)
    seen = and_(known.activated_at.between(row.outcome_from, row.outcome_until), row.task.in_(ACTIVATION_TASKS))
    late = extract("epoch", row.received_at) - extract("epoch", row.happened_at)
    exists_then = (unit.valid_from <= THE_DAY) & or_(unit.valid_to.is_(None), unit.valid_to > THE_DAY)
    told = {
        "is_superseded": there_is(later.supersedes == row.id),
        "is_known": known.is_known,
        "is_seen": seen,
        "is_in_time": late <= IN_TIME.total_seconds(),
        "is_return": _was_helped_before(),
        "is_skewed": func.abs(func.coalesce(row.clock_skew, 0)) > CLOCK_OFF,
        "is_placed": exists_then,
    }
    query = query.add_columns(*(case((condition, 1), else_=0).label(name) for name, condition in told.items()))
    return query.join(unit, unit.id == row.unit_id).where(on_day(row.happened_at))


def _was_helped_before() -> ColumnElement[bool]:
    """Whether the same person was helped with the same task on an earlier day of those that count."""
    other, later = aliased(AssistanceEvent), aliased(AssistanceEvent)
    same = (other.pseudonym == AssistanceEvent.pseudonym) & (other.task == AssistanceEvent.task)
    within = between(other.happened_at, RETURNS_FROM, BEGINS)
    return there_is(same & within & ~exists().where(later.supersedes == other.id))
