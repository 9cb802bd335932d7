"""Figures for everybody else: a snapshot of complete days, protected (`protection`). Made once a day by the worker.

Within one's own scope figures are exact (`facts`); what is shown above it, exported or fed is read here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import jobs
from identity.deadlines import rule, today_in_vietnam
from identity.places import Unit, UnitKind
from onboarding.figures.complementary import cut_together
from onboarding.figures.facts import Figure, fact, facts_of
from onboarding.figures.guarding import Guarding
from onboarding.figures.model import NATION, FigureClock, PublishedSpan
from onboarding.figures.periods import Period
from onboarding.figures.protection import Place, Vector, candidates, cut_alone
from onboarding.figures.reference import Levels
from onboarding.figures.refresh import THE_ONE, is_counting
from onboarding.figures.registry import Indicator, families

JOB = "publish-figures"
Cursor = dict[str, Any]


class Status(StrEnum):
    """Zero, missing and suppressed are three different signs."""

    VALUE = "value"
    ZERO = "zero"
    MISSING = "missing"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Published:
    """One figure as anybody may know it. `through` is its last day, before the end of a running period.

    `source` and `vintage` are of the paper that gives the denominator; None where events do.
    """

    status: Status
    numerator: int | None = None
    denominator: int | None = None
    through: date | None = None
    as_of: datetime | None = None
    source: str | None = None
    vintage: str | None = None

    @property
    def value(self) -> float | None:
        """The share, where both are known and there is something to take a share of."""
        return self.numerator / self.denominator if self.numerator is not None and self.denominator else None


def status_of(numerator: int) -> Status:
    """Of a figure that is known: none of some is zero."""
    return Status.VALUE if numerator else Status.ZERO


def published(db: Session, indicator: Indicator, unit_id: UUID, period: Period) -> Published:
    """The figure for everybody: exact where the period can be cut out harmlessly, else suppressed."""
    span = db.get(PublishedSpan, (indicator.family, unit_id))
    if not indicator.is_fed or span is None:
        return _never_cut(db, indicator, unit_id, period)
    today = today_in_vietnam(span.as_of)
    if period.first >= today:
        return Published(Status.MISSING, as_of=span.as_of)
    first, end = cut_out(span.boundaries, period, today)
    if indicator.numerator.is_imported:
        first = period.first
    if not _is_known_of_how_many(db, indicator, unit_id, period, span.as_of):
        return Published(Status.MISSING, as_of=span.as_of)
    if first is None or end is None or _was_counted_before(db, indicator, span, period):
        return Published(Status.SUPPRESSED, as_of=span.as_of)
    found = facts_of(db, indicator.code, [unit_id], first, end, span.as_of).get(unit_id) if first < end else None
    if found is None:
        behind = period.end > today and fact(db, indicator.code, unit_id, period, span.as_of) is not None
        return Published(Status.SUPPRESSED if behind else Status.MISSING, as_of=span.as_of)
    if indicator.denominator.is_imported and found.source is None:  # the paper is younger than what is cut out
        return Published(Status.MISSING, as_of=span.as_of)
    return as_published(found, date.fromordinal(end.toordinal() - 1), span.as_of)


def _was_counted_before(db: Session, indicator: Indicator, span: PublishedSpan, period: Period) -> bool:
    """Whether the period reaches into what was counted before the first boundary, and so cannot be cut out of it."""
    days = uncut_before(span.boundaries, period)
    if days is None or indicator.numerator.is_imported:
        return False
    found = facts_of(db, indicator.code, [span.unit_id], *days, span.as_of).get(span.unit_id)
    return found is not None and (found.numerator > 0 or (found.denominator > 0 and found.source is None))


def _is_known_of_how_many(db: Session, indicator: Indicator, unit_id: UUID, period: Period, as_of: datetime) -> bool:
    """A share without its denominator is missing, and never zero: whether events or a paper give it."""
    paper = indicator.denominator
    return not paper.is_imported or Levels(db, paper.measure or "", as_of).on(unit_id, period.last) is not None


def _never_cut(db: Session, indicator: Indicator, unit_id: UUID, period: Period) -> Published:
    """Where nothing was ever counted, but a paper says of how many it would be, that is an explicit zero."""
    nation = db.get(PublishedSpan, (indicator.family, NATION))
    if nation is None or indicator.numerator.is_imported or not indicator.denominator.is_imported:
        return Published(Status.MISSING)
    today = today_in_vietnam(nation.as_of)
    end = min(period.end, today)
    found = facts_of(db, indicator.code, [unit_id], period.first, end, nation.as_of).get(unit_id)
    if period.first >= today or found is None or found.numerator or not found.denominator:
        return Published(Status.MISSING, as_of=nation.as_of)
    return as_published(found, date.fromordinal(end.toordinal() - 1), nation.as_of)


def as_published(found: Figure, through: date, as_of: datetime) -> Published:
    """A count that may be known."""
    status = status_of(found.numerator)
    return Published(status, found.numerator, found.denominator, through, as_of, found.source, found.vintage)


def cut_out(known: Sequence[str], period: Period, today: date) -> tuple[date | None, date | None]:
    """Where the period begins and ends among the boundaries; one that still runs ends at the last there is.

    One that begins before them begins with the first, if nothing was counted before that (`uncut_before`).
    Boundaries stay the ISO days that they are kept as, whose order is that of time: a table asks for thousands.
    """
    if not known:
        return None, None
    first, end = max(period.first.isoformat(), known[0]), period.end.isoformat()
    if period.end > today:
        end = known[bisect_right(known, today.isoformat()) - 1]
    begins = date.fromisoformat(first) if first in known else None
    return begins, (date.fromisoformat(end) if end in known or end <= first else None)


def uncut_before(known: Sequence[str], period: Period) -> tuple[date, date] | None:
    """All the time before the first boundary, where the period begins in it: what was counted then stays hidden."""
    is_early = bool(known) and period.first.isoformat() < known[0]
    return (date.min, date.fromisoformat(known[0])) if is_early else None


def publish_once_a_day(db: Session, *, now: datetime) -> None:
    """Chore: begin the day's publication, once all that waits was counted."""
    clock, today = db.get(FigureClock, THE_ONE, with_for_update=True), today_in_vietnam(now)
    if clock is not None and clock.published_on != today and not is_counting(db):
        clock.published_on = today
        jobs.enqueue(db, JOB, {}, now=now)


@dataclass(frozen=True, slots=True)
class Cuts:
    """The boundaries of the places within one (and of the nation itself), and those of them that hold more places."""

    boundaries: Mapping[UUID, list[str]]
    below: Sequence[UUID]


def cut_some(db: Session, cursor: Mapping[str, Any] | None, *, now: datetime) -> Cuts:
    """Before a step: where the next places may be cut. Takes seconds, and only reads."""
    if not cursor or not cursor["left"]:
        return Cuts({}, ())
    family, parent = cursor["left"][0]
    return _cut_within(db, family, UUID(parent), as_of=datetime.fromisoformat(cursor["at"]))


def publish_some(
    db: Session, cursor: Mapping[str, Any] | None, *, now: datetime, found: Cuts | None = None
) -> Cursor | None:
    """Step of the job: the places within one, family by family. Begins with the nation."""
    if cursor is None:
        return {"at": now.isoformat(), "left": [[family, str(NATION)] for family in families()]}
    if not cursor["left"]:
        return None
    (family, _parent), *left = cursor["left"]
    cuts = cut_some(db, cursor, now=now) if found is None else found
    _keep(db, family, cuts.boundaries, datetime.fromisoformat(cursor["at"]))
    return {"at": cursor["at"], "left": [*left, *([family, str(unit)] for unit in cuts.below)]}


def _cut_within(db: Session, family: str, parent: UUID, *, as_of: datetime) -> Cuts:
    """The boundaries of a place's children, of the nation itself first."""
    units, today, guarding = _children(db, parent), today_in_vietnam(as_of), Guarding(family, as_of)
    places = guarding.places(db, [parent, *units], today)
    filled = [place.days[0] for place in places.values() if place.days]
    if not filled:
        return Cuts({}, _holding(db, guarding, units, ()))
    spans = _spans(db, family, list(places))
    for unit, span in spans.items():
        places[unit].published = frozenset(map(date.fromisoformat, span.boundaries))
    before = frozenset[date]().union(*(place.published for place in places.values()))
    closing, young = int(rule("state_reporting_closing_day", today)), today.replace(day=1)
    first = min(filled).replace(month=1, day=1)
    order = candidates(first, max(today, first), before, closing=closing)
    top, busy = places[parent], {unit: places[unit] for unit in units if not places[unit].is_empty}
    if parent == NATION:
        cut_alone(top, order, young)
    else:
        top.boundaries = sorted(top.published)
    if top.is_empty:
        for place in busy.values():
            cut_alone(place, order, young)
    else:
        cut_together(top, list(busy.values()), _rest(top, busy.values(), guarding.width), order, young)
    for place in busy.values():
        if guarding.is_of_papers and any(place.between(date.min, min(place.boundaries, default=date.max))):
            place.boundaries.clear()
    cut = {**({NATION: top} if parent == NATION else {}), **busy}
    boundaries = {unit: [day.isoformat() for day in place.boundaries] for unit, place in cut.items()}
    return Cuts(boundaries, _holding(db, guarding, units, busy))


def _holding(db: Session, guarding: Guarding, units: Mapping[UUID, str], busy: Collection[UUID]) -> list[UUID]:
    """Provinces to go on in: where something was counted, or of whose communes a paper tells."""
    held = guarding.told_below(db) if guarding.is_of_papers else set(busy)
    return [unit for unit, kind in units.items() if kind == UnitKind.PROVINCE and unit in held]


def _children(db: Session, parent: UUID) -> dict[UUID, str]:
    """Provinces (ended ones too) of the nation, communes of a province; nothing below is published."""
    if parent == NATION:
        return dict.fromkeys(db.scalars(select(Unit.id).where(Unit.kind == UnitKind.PROVINCE)), UnitKind.PROVINCE)
    return dict.fromkeys(db.scalars(select(Unit.id).where(Unit.parent_id == parent)), UnitKind.COMMUNE)


def _rest(parent: Place, children: Iterable[Place], width: int) -> Place:
    """What the parent has beyond its children: records of its own, or of no known unit."""
    days: dict[date, Vector] = {day: parent.on(day) for day in parent.days}
    for child in children:
        for day in child.days:
            days[day] = tuple(a - b for a, b in zip(days[day], child.on(day), strict=True))
    return Place(days, width, parent.threshold)


def _spans(db: Session, family: str, units: list[UUID]) -> dict[UUID, PublishedSpan]:
    query = select(PublishedSpan).where(PublishedSpan.family == family, PublishedSpan.unit_id.in_(units))
    return {row.unit_id: row for row in db.scalars(query)}


def _keep(db: Session, family: str, boundaries: Mapping[UUID, list[str]], as_of: datetime) -> None:
    spans = _spans(db, family, list(boundaries))
    for unit, days in boundaries.items():
        if unit in spans:
            spans[unit].boundaries, spans[unit].as_of = days, as_of
        else:
            db.add(PublishedSpan(family=family, unit_id=unit, boundaries=days, as_of=as_of))
    db.flush()
