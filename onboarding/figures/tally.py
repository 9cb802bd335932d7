"""Counting rows by unit. Statements are made once, with the day as parameters: a year asks each of them 365 times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Integer, Select, and_, bindparam, case, func, select
from sqlalchemy.orm import Session

from identity.base import UTC_DateTime
from identity.deadlines import rule
from onboarding.figures.model import UNALLOCATED
from onboarding.figures.periods import month_of
from onboarding.records import day_span

Counts = dict[str, Counter[UUID]]
Params = Mapping[str, Any]
BEGINS, ENDS = bindparam("begins", type_=UTC_DateTime()), bindparam("ends", type_=UTC_DateTime())
MONTH_BEGINS = bindparam("month_begins", type_=UTC_DateTime())
RETURNS_FROM = bindparam("returns_from", type_=UTC_DateTime())
THE_DAY, IS_FIRST = bindparam("the_day", type_=Date()), bindparam("is_first", type_=Integer())
USE_AFTER, USE_UNTIL = bindparam("use_after", type_=Integer()), bindparam("use_until", type_=Integer())
CLOCK_OFF = bindparam("clock_off", type_=Integer())


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of a unit fulfil each condition, in one GROUP BY."""

    statement: Select[Any]
    names: tuple[str, ...]

    def count(self, db: Session, params: Params) -> Counts:
        found: Counts = {name: Counter() for name in self.names}
        for row in db.execute(self.statement, params):
            for name, number in zip(self.names, row[1:], strict=True):
                if number:
                    found[name][row[0] or UNALLOCATED] += int(number)
        return found


def tally(unit: Any, wanted: Mapping[str, ColumnElement[bool]], all_: str) -> Tally:
    """Of rows by `unit`; `all_` names how many there are."""
    columns = (func.count(case((condition, 1))) for condition in wanted.values())
    return Tally(select(unit, *columns, func.count()).group_by(unit), (*wanted, all_))


def counted(db: Session, query: Select[Any, Any], params: Params) -> Counter[UUID]:
    """The result of a query for (unit, how many)."""
    found: Counter[UUID] = Counter()
    for unit, number in db.execute(query, params):
        found[unit or UNALLOCATED] += int(number)
    return found


def params_of(day: date) -> Params:
    """A Vietnamese day, and what the rules of that day say."""
    begins, ends = day_span(day)
    rules = rule("figures_count", day)
    return {
        "begins": begins,
        "ends": ends,
        "month_begins": day_span(month_of(day))[0],
        "the_day": day,
        "is_first": int(day.day == 1),
        "returns_from": begins - timedelta(days=rules["return_days"]),
        "use_after": rules["use_after_minutes"] * 60,
        "use_until": rules["used_days"] * 24 * 3600,
        "clock_off": rules["clock_minutes"] * 60,
    }


def there_is(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether any row fulfils it, looked up row by row through an index.

    As EXISTS, PostgreSQL hashes the whole table for the few thousand rows of a day; a number it can only look up.
    """
    return select(func.count()).where(condition).scalar_subquery() > 0


def on_day(moment: Any) -> ColumnElement[bool]:
    """Whether it falls on the day."""
    return between(moment, BEGINS, ENDS)


def between(moment: Any, begins: Any, ends: Any) -> ColumnElement[bool]:
    """From one moment until before another."""
    return and_(moment >= begins, moment < ends)
