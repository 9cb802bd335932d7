"""Does an office treat people alike? Refusals among what its officers decided, by age band, nationality and office.

Told for whole quarters that are over, which neither overlap nor change: an appeal that succeeds is a decision of its
own day, no file is emptied so early, and one that is erased stays counted. So two looks, two spans or two tables never
differ by a few people. Within one quarter small numbers are protected (`small_numbers`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from identity.application.decision_paper import DecisionPaper, Outcome
from identity.application.model import Application
from identity.application.small_numbers import Share, protected
from identity.deadlines import end_of_day, first_day_of_quarter, rule, today_in_vietnam

QUARTERS = 4
"""How many can be looked at."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Fairness:
    """The groups of one quarter."""

    first: date
    least: int
    """Smaller groups are hidden."""
    by_age: list[Share]
    by_nationality: list[Share]
    by_office: list[Share]


def quarters(now: datetime) -> list[date]:
    """First days of the last quarters that are over, the newest first."""
    found = [first_day_of_quarter(today_in_vietnam(now))]
    while len(found) <= QUARTERS:
        found.append(first_day_of_quarter(found[-1] - DAY))
    return found[1:]


def fairness(db: Session, units: Collection[UUID], first: date, *, now: datetime) -> Fairness:
    """What officers decided in the quarter that begins on `first`; by the rule alone nobody is treated unlike."""
    after = first_day_of_quarter(first + 100 * DAY)
    decided = and_(
        Application.unit_id.in_(units),
        Application.received_by_id.is_not(None),
        DecisionPaper.outcome.in_([Outcome.APPROVED.value, Outcome.REFUSED.value]),
        DecisionPaper.decided_at > end_of_day(first - DAY),
        DecisionPaper.decided_at <= end_of_day(after - DAY),
    )
    least = int(rule("small_numbers", today_in_vietnam(now)))
    groups = (Application.age_band, Application.nationality, DecisionPaper.office_id)
    return Fairness(first, least, *(_shares(db, decided, group, least) for group in groups))


def _shares(db: Session, decided: ColumnElement[bool], group: Any, least: int) -> list[Share]:
    """Counted by the database over every decision of the quarter, however many there are."""
    refused = func.count().filter(DecisionPaper.outcome == Outcome.REFUSED.value)
    counts = select(group, func.count(), refused).join_from(Application, DecisionPaper)
    rows = db.execute(counts.where(decided, group.is_not(None)).group_by(group))
    return protected((Share(str(name), many, refusals) for name, many, refusals in rows), least)
