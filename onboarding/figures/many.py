"""Many figures at once, for pages: the same numbers as `facts.fact` and `published.published`, in a few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select, union_all
from sqlalchemy.orm import Session

from identity.deadlines import today_in_vietnam
from onboarding.figures.facts import Figure, facts_of, in_range, known_at, ranges_of
from onboarding.figures.model import IndicatorFact, PublishedSpan
from onboarding.figures.periods import Period
from onboarding.figures.published import Published, Status, as_published, cut_out, published, uncut_before
from onboarding.figures.registry import Indicator

AT_ONCE = 100
"""Parts of a statement; SQLite takes 500."""
Cell = tuple[str, UUID]
Wanted = Mapping[UUID, Sequence[Indicator]]
"""Which indicators of which place."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Between which days indicators of one family are summed, by the counts of which moment."""

    codes: tuple[str, ...]
    first: date
    end: date
    as_of: datetime | None = None


def exact_many(db: Session, wanted: Wanted, period: Period) -> dict[Cell, Figure]:
    """As they are counted, for one's own scope; a place without a count is left out."""
    cuts: dict[Cut, list[UUID]] = defaultdict(list)
    papers: dict[str, list[UUID]] = defaultdict(list)
    for unit, chosen in wanted.items():
        cuts[Cut(_counted(chosen), period.first, period.end)].append(unit)
        for one in chosen:
            if one.is_fed and _is_of_papers(one):
                papers[one.code].append(unit)
    found = _sums(db, {cut: units for cut, units in cuts.items() if cut.codes})
    for code, units in papers.items():
        figures = facts_of(db, code, units, period.first, period.end)
        found.update({(code, unit): figure for unit, figure in figures.items()})
    return found


def published_many(
    db: Session, wanted: Wanted, period: Period, spans: Sequence[PublishedSpan] | None = None
) -> dict[Cell, Published]:
    """As anybody may know them: every cell that was asked for, also those that are missing."""
    nothing = Published(Status.MISSING)
    found = {(one.code, unit): nothing for unit, chosen in wanted.items() for one in chosen}
    lists = {id(chosen): chosen for chosen in wanted.values()}  # most places share one
    kinds = {one: _Kinds(chosen) for one, chosen in lists.items()}
    for unit, chosen in wanted.items():
        found.update({(one.code, unit): published(db, one, unit, period) for one in kinds[id(chosen)].of_papers})
    cuts: dict[Cut, list[UUID]] = defaultdict(list)
    uncut: dict[Cut, list[UUID]] = defaultdict(list)
    for row in spans_of(db, wanted) if spans is None else spans:
        unit, as_of = row.unit_id, row.as_of
        codes = kinds[id(wanted[unit])].counted.get(row.family) if unit in wanted else None
        if codes:
            standing, between = _standing(row.boundaries, as_of, period)
            found.update({(code, unit): standing for code in codes})
            if between is not None:
                cuts[Cut(codes, *between, as_of)].append(unit)
            if between is not None and (early := uncut_before(row.boundaries, period)) is not None:
                uncut[Cut(codes, *early, as_of)].append(unit)
    _fill_in(db, cuts, period, found)
    found.update({cell: Published(Status.SUPPRESSED, as_of=found[cell].as_of) for cell in _sums(db, uncut)})
    return found


class _Kinds:
    """Indicators of one list: those of papers, and the codes of the others by family."""

    def __init__(self, chosen: Sequence[Indicator]) -> None:
        self.of_papers = [one for one in chosen if one.is_fed and _is_of_papers(one)]
        families = dict.fromkeys(one.family for one in chosen)
        self.counted = {family: _counted([one for one in chosen if one.family == family]) for family in families}


def spans_of(db: Session, wanted: Wanted) -> Sequence[PublishedSpan]:
    """Where the figures of these places may be cut."""
    groups: dict[frozenset[str], list[UUID]] = defaultdict(list)
    for unit, chosen in wanted.items():
        groups[frozenset(one.family for one in chosen)].append(unit)
    row = PublishedSpan
    parts = [row.family.in_(sorted(families)) & row.unit_id.in_(units) for families, units in groups.items()]
    return db.scalars(select(row).where(or_(*parts))).all() if parts else []


def _counted(chosen: Sequence[Indicator]) -> tuple[str, ...]:
    return tuple(one.code for one in chosen if one.is_fed and not _is_of_papers(one))


def _is_of_papers(one: Indicator) -> bool:
    return one.numerator.is_imported or one.denominator.is_imported


def _standing(boundaries: Sequence[str], as_of: datetime, period: Period) -> tuple[Published, tuple[date, date] | None]:
    """What is known without counting, and between which days there is something to count."""
    today = today_in_vietnam(as_of)
    if period.first >= today:
        return Published(Status.MISSING, as_of=as_of), None
    first, end = cut_out(boundaries, period, today)
    if first is None or end is None:
        return Published(Status.SUPPRESSED, as_of=as_of), None
    return Published(Status.MISSING, as_of=as_of), (first, max(first, end))


def _fill_in(db: Session, cuts: Mapping[Cut, list[UUID]], period: Period, found: dict[Cell, Published]) -> None:
    """The counts between the cuts. Where there are none, but some lie behind the last cut, those are suppressed."""
    counted, behind = _sums(db, cuts), dict[Cut, list[UUID]]()
    for cut, units in cuts.items():
        empty = []
        for unit in units:
            for code in cut.codes:
                figure = counted.get((code, unit))
                if figure is not None and cut.as_of is not None:
                    last = date.fromordinal(cut.end.toordinal() - 1)
                    found[code, unit] = as_published(figure, last, cut.as_of)
                else:
                    empty.append(unit)
        if empty and cut.as_of is not None and period.end > today_in_vietnam(cut.as_of):
            behind.setdefault(Cut(cut.codes, period.first, period.end, cut.as_of), []).extend(dict.fromkeys(empty))
    for cell in _sums(db, behind):
        if found[cell].status is Status.MISSING:
            found[cell] = Published(Status.SUPPRESSED, as_of=found[cell].as_of)


def _sums(db: Session, cuts: Mapping[Cut, Collection[UUID]]) -> dict[Cell, Figure]:
    """Few statements for all places, whatever the days between which each is summed.

    A part for each run of rows, not one condition of all: SQLite looks through an index for a few of several "or" only.
    """
    found: dict[Cell, Figure] = {}
    parts = [_sum_of(cut, units, days) for cut, units in cuts.items() for days in ranges_of(cut.first, cut.end)]
    for at in range(0, len(parts), AT_ONCE):
        for code, unit, some, all_, moment in db.execute(union_all(*parts[at : at + AT_ONCE])):
            before = found.get((code, unit))
            base = (before.numerator, before.denominator, before.as_of) if before else (0, 0, moment)
            found[code, unit] = Figure(base[0] + int(some), base[1] + int(all_), max(base[2], moment))
    return {cell: figure for cell, figure in found.items() if figure.numerator or figure.denominator}


def _sum_of(cut: Cut, units: Collection[UUID], days: tuple[str, date, date]) -> Select[str, UUID, int, int, datetime]:
    row = IndicatorFact
    sums = func.sum(row.numerator), func.sum(row.denominator), func.max(row.as_of)
    query = select(row.indicator, row.unit_id, *sums).where(row.indicator.in_(cut.codes), row.unit_id.in_(units))
    return query.where(in_range(*days), known_at(cut.as_of)).group_by(row.indicator, row.unit_id)
