"""Since when a published figure is what it is, where late events or papers changed it after its time was over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from onboarding.feeds.rows import Row
from onboarding.figures.facts import DAY
from onboarding.figures.model import IndicatorFact
from onboarding.figures.restated import restated_by_paper
from onboarding.records import day_span

USUAL = timedelta(days=1)
"""Records of the last day may come so late and are no restatement: publication waits for complete days."""


def with_restatement(db: Session, row: Row, unit_id: UUID) -> Row:
    """The row with `restated_at`; None where nothing was counted before, and for what shows no numbers."""
    if row.numerator is None or row.through is None or row.as_of is None:
        return row
    by_paper = restated_by_paper(db, row.indicator.code, unit_id, row.period, until=row.as_of)
    moments = [at for at in (by_paper, _by_events(db, row, unit_id, row.through, row.as_of)) if at is not None]
    return replace(row, restated_at=max(moments, default=None))


def _by_events(db: Session, row: Row, unit_id: UUID, through: date, as_of: datetime) -> datetime | None:
    fact = IndicatorFact
    query = select(func.min(fact.as_of), func.max(fact.as_of)).where(
        fact.indicator == row.indicator.code,
        fact.unit_id == unit_id,
        fact.kind == DAY,
        fact.starts >= row.period.first,
        fact.starts <= through,
        fact.as_of <= as_of,
    )
    first, last = db.execute(query).one()
    over = day_span(through)[1] + USUAL
    return last if first is not None and first <= over < last else None
