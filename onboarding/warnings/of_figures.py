"""Odd weeks and days in the figures of a province and its communes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.deadlines import calendar
from onboarding.figures.facts import DAY
from onboarding.figures.model import IndicatorFact
from onboarding.warnings.detectors import is_jump, outlier
from onboarding.warnings.finding import Finding
from onboarding.warnings.model import Kind

NUMERATOR, DENOMINATOR = "numerator", "denominator"
WATCHED = (
    ("issued-of-applied", DENOMINATOR),
    ("issued-of-applied", NUMERATOR),
    ("activated-of-issued", NUMERATOR),
    ("own-hand", DENOMINATOR),
    ("checks-passed", DENOMINATOR),
)
"""Volumes: how many applied, were issued, activated, were helped, were checked. Shares follow from them."""
WEEKS, DAYS = 13, 29
FEW_WORKING_DAYS = 3
"""A week with fewer is a week of holidays: little is not odd in it."""
Numbers = dict[date, int]


def odd_figures(db: Session, unit_ids: Collection[UUID], *, today: date) -> list[Finding]:
    """The last complete week beside the twelve before it, and yesterday beside the four weeks before it."""
    found: list[Finding] = []
    for (unit_id, code, part), numbers in sorted(_numbers(db, unit_ids, today).items(), key=lambda item: str(item[0])):
        found += _odd_week(unit_id, code, part, numbers, today)
        found += _odd_day(unit_id, code, part, numbers, today)
    return found


def _odd_week(unit_id: UUID, code: str, part: str, numbers: Numbers, today: date) -> Iterator[Finding]:
    monday = today - timedelta(days=today.weekday())
    starts = [monday - timedelta(weeks=back) for back in range(WEEKS, 0, -1)]
    weeks = [sum(numbers.get(start + timedelta(days=day), 0) for day in range(7)) for start in starts]
    begun = next((index for index, number in enumerate(weeks) if number), len(weeks))
    odd = outlier(weeks[begun:]) if begun < len(weeks) else None
    if odd is None or (odd.score < 0 and _is_quiet(starts[-1])):
        return
    facts = {"part": part, "week": starts[-1].isoformat(), "number": odd.number, "middle": odd.middle}
    rows = [[start.isoformat(), number] for start, number in zip(starts, weeks, strict=True)][begun:]
    facts |= {"score": odd.score, "rows": rows}
    yield Finding(Kind.OUTLIER, f"{part}:{starts[-1].isoformat()}", unit_id, facts, indicator=code)


def _odd_day(unit_id: UUID, code: str, part: str, numbers: Numbers, today: date) -> Iterator[Finding]:
    days = [today - timedelta(days=back) for back in range(DAYS, 0, -1)]
    counts = [numbers.get(day, 0) for day in days]
    if is_jump(counts):
        rows = [[day.isoformat(), number] for day, number in zip(days, counts, strict=True)]
        facts = {"part": part, "day": days[-1].isoformat(), "number": counts[-1], "most": max(counts[:-1])}
        about = f"{part}:{days[-1].isoformat()}"
        yield Finding(Kind.JUMP, about, unit_id, {**facts, "rows": rows}, indicator=code)


def _is_quiet(monday: date) -> bool:
    works = calendar().is_working_day
    return sum(works(monday + timedelta(days=day)) for day in range(5)) < FEW_WORKING_DAYS


def _numbers(db: Session, unit_ids: Collection[UUID], today: date) -> dict[tuple[UUID, str, str], Numbers]:
    row, since = IndicatorFact, today - timedelta(weeks=WEEKS + 1)
    query = select(row.unit_id, row.indicator, row.starts, row.numerator, row.denominator).where(
        row.indicator.in_({code for code, _part in WATCHED}), row.unit_id.in_(unit_ids), row.kind == DAY
    )
    query = query.where(row.starts >= since, row.starts < today, row.replaced_at.is_(None))
    found: dict[tuple[UUID, str, str], Numbers] = defaultdict(dict)
    for unit_id, code, day, numerator, denominator in db.execute(query):
        for part, number in ((NUMERATOR, numerator), (DENOMINATOR, denominator)):
            if (code, part) in WATCHED:
                found[unit_id, code, part][day] = number
    return found
