"""What one team did in a period, exact, for its own people and those who coordinate it; and its visits week by week."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.deadlines import today_in_vietnam
from onboarding.assistance import AssistanceEvent
from onboarding.catalogue import ACTIVATION_TASKS, Mode, Result
from onboarding.indicators import Ratio
from onboarding.records import day_span, with_outcome

IN_TIME = timedelta(hours=24)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class TeamFigures:
    """Visits, and of how many of them each is true. `confirmed` is of the activations that the system can check."""

    visits: int
    own_hand: Ratio
    confirmed: Ratio
    in_time: Ratio
    blocked: Ratio
    weeks: tuple[tuple[date, int], ...]


def team_figures(
    db: Session, team_id: UUID, first: date, last: date, *, known_before: datetime | None = None
) -> TeamFigures:
    """From the day `first` to the day `last`. `known_before`: only what the server had by then."""
    event = AssistanceEvent
    query = with_outcome(known_before=known_before).where(event.team_id == team_id)
    query = query.where(event.happened_at >= day_span(first)[0], event.happened_at < day_span(last)[1])
    counts, weeks = Counter[str](), Counter[date]()
    rows = query.subquery()
    columns = (rows.c.happened_at, rows.c.received_at, rows.c.mode, rows.c.result, rows.c.task, rows.c.is_known)
    for row in db.execute(select(*columns, rows.c.activated_at)):
        weeks[_monday(today_in_vietnam(row.happened_at))] += 1
        claimed = row.result == Result.DONE and row.task in ACTIVATION_TASKS and row.is_known
        holds = {
            "visits": True,
            "own_hand": row.mode == Mode.GUIDED,
            "claimed": claimed,
            "confirmed": claimed and row.activated_at is not None,
            "in_time": row.received_at - row.happened_at <= IN_TIME,
            "blocked": row.result == Result.BLOCKED,
        }
        counts.update(name for name, it_holds in holds.items() if it_holds)
    visits = counts["visits"]
    return TeamFigures(
        visits,
        Ratio(counts["own_hand"], visits),
        Ratio(counts["confirmed"], counts["claimed"]),
        Ratio(counts["in_time"], visits),
        Ratio(counts["blocked"], visits),
        _filled(weeks, first, last),
    )


def _filled(weeks: Counter[date], first: date, last: date) -> tuple[tuple[date, int], ...]:
    """Every week of the period, also those without a visit."""
    begin, end = _monday(first), _monday(last)
    return tuple((begin + WEEK * number, weeks[begin + WEEK * number]) for number in range((end - begin).days // 7 + 1))


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())
