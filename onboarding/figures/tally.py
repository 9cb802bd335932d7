"""Counting rows by unit: one GROUP BY for all measures of a kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from onboarding.figures.model import UNALLOCATED
from onboarding.records import day_span

Counts = dict[str, Counter[UUID]]


def many(db: Session, unit: Any, wanted: Mapping[str, ColumnElement[bool]], all_: str) -> Counts:
    """How many rows of a unit fulfil each condition, and how many there are."""
    columns = (func.count(case((condition, 1))) for condition in wanted.values())
    found: Counts = {name: Counter() for name in (*wanted, all_)}
    for row in db.execute(select(unit, *columns, func.count()).group_by(unit)):
        for name, number in zip((*wanted, all_), row[1:], strict=True):
            if number:
                found[name][row[0] or UNALLOCATED] += int(number)
    return found


def counted(db: Session, query: Select[Any, Any]) -> Counter[UUID]:
    """The result of a query for (unit, how many)."""
    found: Counter[UUID] = Counter()
    for unit, number in db.execute(query):
        found[unit or UNALLOCATED] += int(number)
    return found


def on_day(moment: Any, day: date) -> ColumnElement[bool]:
    """Whether it falls on the Vietnamese day."""
    return between(moment, *day_span(day))


def between(moment: Any, begins: datetime, ends: datetime) -> ColumnElement[bool]:
    """From one moment until before another."""
    return and_(moment >= begins, moment < ends)
