"""What differs between the published figures and what a receiver has: only that is sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.deadlines import today_in_vietnam
from identity.places import Unit
from onboarding.feeds.formats import KINDS, Format
from onboarding.feeds.model import FeedFigure, FeedSubscription
from onboarding.feeds.rows import (
    Action,
    Rest,
    Row,
    Spot,
    as_row,
    day_of_units,
    id_of,
    place_of,
    rest_below,
    rest_rows,
    row_of,
    spots_below,
)
from onboarding.feeds.subscriptions import periods_of
from onboarding.figures.many import published_many
from onboarding.figures.model import NATION
from onboarding.figures.periods import Period, read_period
from onboarding.figures.published import Status
from onboarding.figures.registry import Indicator, get_indicator

TOLD_FOR = timedelta(days=730)
"""How long after a period a receiver is told that its figures changed; as long as receipts are kept."""
Key = tuple[str, UUID, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A row to be sent, and what it is about."""

    row: Row
    spot: Spot


def differences(db: Session, feed: FeedSubscription, first: int, most: int, *, now: datetime) -> list[Difference]:
    """Those among `most` of the subscription's figures, from the one numbered `first` on."""
    held = _held(db, feed)
    cells = islice(_cells(db, feed, now=now), first, first + most)
    found = (_difference(feed, held, row_of(db, *cell), cell[1]) for cell in cells)
    return [one for one in found if one is not None]


def differences_of_before(db: Session, feed: FeedSubscription, *, now: datetime) -> list[Difference]:
    """Those among what the receiver has of older times, or of units that are no more: late records restate them too."""
    held, cells = _held(db, feed), _cells(db, feed, now=now)
    asked = {(one.code, id_of(spot), period.code) for one, spot, period in cells}
    rest = id_of(Rest(_unit_of(db, feed)))
    wanted: dict[str, dict[UUID, list[Indicator]]] = defaultdict(lambda: defaultdict(list))
    for code, unit_id, period_code in sorted(held.keys() - asked):
        wanted[period_code][unit_id].append(get_indicator(code))
    units = {unit.id: unit for unit in db.scalars(select(Unit).where(Unit.id.in_({key[1] for key in held})))}
    found: list[Difference | None] = []
    for period_code, places in wanted.items():
        period = read_period(period_code, on=date.min)
        if period.last < today_in_vietnam(now) - TOLD_FOR:
            continue
        codes = {one.code for one in places.pop(rest, [])}
        for (code, unit_id), figure in published_many(db, places, period).items():
            row = as_row(get_indicator(code), units.get(unit_id), period, figure)
            found.append(one := _difference(feed, held, row, units.get(unit_id)))
            codes |= {code} if one else set()
        found += _of_rest(db, feed, held, codes, period)
    return [one for one in found if one is not None]


def _of_rest(
    db: Session, feed: FeedSubscription, held: dict[Key, FeedFigure], codes: set[str], period: Period
) -> list[Difference | None]:
    """What a restated whole or part leaves for the rest."""
    rest = rest_below(db, _unit_of(db, feed), period.last) if feed.with_below and codes else None
    rows = rest_rows(db, [get_indicator(code) for code in sorted(codes)], rest, period) if rest else []
    return [_difference(feed, held, row, rest) for row in rows]


def count_figures(db: Session, feed: FeedSubscription, *, now: datetime) -> int:
    """How many figures the subscription is about."""
    return sum(1 for _cell in _cells(db, feed, now=now))


def _cells(db: Session, feed: FeedSubscription, *, now: datetime) -> Iterable[tuple[Indicator, Spot, Period]]:
    unit = _unit_of(db, feed)
    for period in periods_of(feed, now=now):
        spots = [unit, *(spots_below(db, unit, day_of_units(period, now)) if feed.with_below else [])]
        for code in feed.indicators:
            yield from ((get_indicator(code), one, period) for one in spots)


def _unit_of(db: Session, feed: FeedSubscription) -> Unit | None:
    return None if feed.unit_id is None else db.get_one(Unit, feed.unit_id)


def _held(db: Session, feed: FeedSubscription) -> dict[Key, FeedFigure]:
    query = select(FeedFigure).where(FeedFigure.subscription_id == feed.id)
    return {(one.indicator, one.unit_id, one.period): one for one in db.scalars(query)}


def _difference(feed: FeedSubscription, held: dict[Key, FeedFigure], row: Row, spot: Spot) -> Difference | None:
    one, before = row.indicator, held.get((row.indicator.code, id_of(spot), row.period.code))
    if before is None:
        told = row.numerator is not None or (KINDS[Format(feed.format)].carries_status and _is_suppressed(row))
        told = told and not (isinstance(spot, Rest) and row.status is Status.ZERO and not row.denominator)
        return Difference(replace(row, action=Action.REPLACE), spot) if told else None
    same = (before.version, before.status) == (one.version, row.status.value)
    same = same and (before.numerator, before.denominator) == (row.numerator, row.denominator)
    if same and not before.is_due:
        return None
    if not same and row.numerator is None and before.numerator is not None:
        return Difference(_withdrawn(row, before), spot)
    if row.numerator is None and not KINDS[Format(feed.format)].carries_status:
        return None
    return Difference(replace(row, action=Action.REPLACE, revision=before.revision + (not same)), spot)


def _withdrawn(row: Row, before: FeedFigure) -> Row:
    """What is to be deleted, by its last numbers; why it is withdrawn stays with us."""
    return replace(
        row,
        action=Action.DELETE,
        revision=before.revision + 1,
        numerator=before.numerator,
        denominator=before.denominator,
    )


def _is_suppressed(row: Row) -> bool:
    return row.status is Status.SUPPRESSED


def kept(one: Difference) -> dict[str, Any]:
    """A difference as it lies in a delivery."""
    row = one.row
    rest_of = {"rest_of": str(id_of(one.spot.of))} if isinstance(one.spot, Rest) else {}
    return {
        **rest_of,
        "indicator": row.indicator.code,
        "version": row.indicator.version,
        "unit": str(id_of(one.spot)),
        "period": row.period.code,
        "status": row.status.value,
        "numerator": row.numerator,
        "denominator": row.denominator,
        "through": row.through.isoformat() if row.through else None,
        "as_of": row.as_of.isoformat() if row.as_of else None,
        "action": row.action,
        "revision": row.revision,
        "edition": row.edition,
    }


def read_again(db: Session, told: dict[str, Any]) -> Row:
    """The row that `kept` wrote."""
    unit_id = UUID(told.get("rest_of") or told["unit"])
    unit = None if unit_id == NATION else db.get_one(Unit, unit_id)
    as_of = datetime.fromisoformat(told["as_of"]) if told["as_of"] else None
    through = date.fromisoformat(told["through"]) if told["through"] else None
    return Row(
        indicator=get_indicator(told["indicator"]),
        place=place_of(Rest(unit) if "rest_of" in told else unit),
        period=read_period(told["period"], on=date.min),
        status=Status(told["status"]),
        numerator=told["numerator"],
        denominator=told["denominator"],
        through=through,
        as_of=as_of,
        action=Action(told["action"]),
        revision=told["revision"],
        edition=told["edition"],
    )
