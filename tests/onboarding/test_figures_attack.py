"""All families as they are really published: what is shown of parts and wholes gives no small count away.

A small country of facts is published by the worker's own job. The attacker knows every published figure, that reasons
add up to what got stuck, that those reached and those left make up the adults, and that no count is below zero.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from itertools import pairwise, product
from typing import Any

import pytest
from sqlalchemy import select

from identity.deadlines import VIETNAM
from identity.places import Unit, UnitKind
from onboarding.figures.facts import DAY, MONTH
from onboarding.figures.many import published_many
from onboarding.figures.model import NATION, IndicatorFact, PublishedSpan
from onboarding.figures.periods import month_of, read_period
from onboarding.figures.published import Status, published
from onboarding.figures.reference import Line, import_lines
from onboarding.figures.registry import get_family, get_indicator
from tests.onboarding.bounds import Sums
from tests.onboarding.figures_scene import publish
from tests.onboarding.test_published import Attacker

FIRST, DAYS, THRESHOLD = date(2025, 7, 1), 15, 10
EVERY_DAY = [FIRST + timedelta(days=number) for number in range(DAYS)]
NOW = datetime.combine(FIRST + timedelta(days=DAYS), datetime.min.time(), VIETNAM)
REASONS = ("no-phone", "late-code", "other")
PARTS = tuple(f"blocked-{reason}" for reason in REASONS)
GROUPS = ("disability", "60-and-over")
CODES = [day.isoformat() for day in EVERY_DAY] + ["2025-W27", "2025-W28", "2025-07", "S2025-07", "2025-Q3", "2025"]
PACES = (0.1, 0.5, 2, 8, 30)


class Country:
    """Two provinces of three communes; for each measure, commune and day so many."""

    def __init__(self, db: Any, seed: int) -> None:
        self.db, self.chance = db, random.Random(seed)
        provinces = select(Unit.id).where(Unit.kind == UnitKind.PROVINCE, Unit.valid_to.is_(None)).order_by(Unit.code)
        self.inside: dict[Any, list[Any]] = {}
        for province in db.scalars(provinces.limit(2)):
            communes = select(Unit.id).where(Unit.parent_id == province).order_by(Unit.code).limit(3)
            self.inside[province] = list(db.scalars(communes))
        self.communes = [commune for communes in self.inside.values() for commune in communes]
        self.cells: dict[tuple[str, Any, date], int] = {}
        for commune in self.communes:
            self._fill(commune, self.chance.choice(PACES))
        self.of = {commune: self._adults(commune) for commune in self.communes}

    def _fill(self, commune: Any, pace: float) -> None:
        rates = {reason: self.chance.choice([0, 0.2, 1]) for reason in REASONS}
        for day in EVERY_DAY:
            parts = {reason: self._some(pace * rate) for reason, rate in rates.items()}
            reached = self._some(pace)
            told = {f"blocked-{reason}": number for reason, number in parts.items()}
            told |= {
                "blocked": sum(parts.values()),
                "helps": sum(parts.values()) + self._some(pace),
                "reached": reached,
            }
            told |= {"reached-disability": self.chance.randint(0, reached)}
            told |= {"reached-60-and-over": max(0, reached - self.chance.choice([0, 0, 0, 1]))}
            self.cells.update({(measure, commune, day): number for measure, number in told.items()})

    def _some(self, pace: float) -> int:
        return sum(self.chance.random() < 0.5 for _ in range(int(pace * 2))) + (self.chance.random() < pace * 2 % 1)

    def _adults(self, commune: Any) -> int:
        """Hardly more than were reached, or many more."""
        reached = sum(self.cells[("reached", commune, day)] for day in EVERY_DAY)
        return reached + self.chance.choice([0, 3, 9, 40, 5000])

    def sum_of(self, measure: str, members: list[Any], days: list[date]) -> int:
        return sum(self.cells[(measure, commune, day)] for commune in members for day in days)

    def members(self) -> dict[Any, list[Any]]:
        return {NATION: self.communes, **self.inside, **{commune: [commune] for commune in self.communes}}

    def publish(self) -> None:
        """Facts as the counting would leave them, and one paper; then the job."""
        pairs = {"unmet-need": ("blocked", "helps"), "reached": ("reached", None)}
        pairs |= {f"unmet-{reason}": (f"blocked-{reason}", "blocked") for reason in REASONS}
        pairs |= {f"reached-{group}": (f"reached-{group}", None) for group in GROUPS}
        for unit, members in self.members().items():
            for kind, days in ((MONTH, EVERY_DAY), *((DAY, [day]) for day in EVERY_DAY)):
                for code, (some, all_) in pairs.items():
                    numbers = [self.sum_of(name, members, days) if name else 0 for name in (some, all_)]
                    if any(numbers):
                        self.db.add(_fact(code, unit, days[0], *numbers, kind=kind))
        lines = [Line("adults", unit, FIRST, number, "Census", "2025") for unit, number in self.of.items()]
        import_lines(self.db, lines, now=NOW - timedelta(hours=1))
        self.db.flush()
        publish(self.db, NOW)

    def equations(self, measure: str, family: str) -> Any:
        """A row for each published gap of a measure, and one for each cell of a gap of zero."""
        for unit, members in self.members().items():
            for first, end in gaps(self.db, family, unit):
                days = [day for day in EVERY_DAY if first <= day < end]
                row = {(measure, commune, day): 1 for commune in members for day in days}
                if self.sum_of(measure, members, days):
                    yield row
                else:
                    yield from ({cell: 1} for cell in row)

    def targets(self, measures: tuple[str, ...]) -> Any:
        for measure in measures:
            for unit, members in self.members().items():
                for code in CODES:
                    period = read_period(code, on=FIRST)
                    days = [day for day in EVERY_DAY if period.first <= day < period.end]
                    if 0 < self.sum_of(measure, members, days) < THRESHOLD:
                        cells = [(measure, commune, day) for commune in members for day in days]
                        yield (measure, unit, code), dict.fromkeys(cells, 1)

    def surely_small(self, measures: tuple[str, ...], rows: list[Any], at_least: list[Any]) -> list[Any]:
        """Which of some small counts are known to be small from all sums together."""
        truth = {cell: number for cell, number in self.cells.items() if cell[0] in measures}
        sums, small = Sums(truth, rows, at_least), list(self.targets(measures))
        some = self.chance.sample(small, min(40, len(small)))
        return [name for name, row in some if sums.surely_below(row, THRESHOLD)]


def province_of(db):
    province = db.scalars(select(Unit.id).where(Unit.kind == UnitKind.PROVINCE, Unit.valid_to.is_(None))).first()
    return db.scalars(select(Unit.id).where(Unit.parent_id == province)).all()


@pytest.mark.any_engine
def test_a_later_paper_does_not_give_away_those_who_were_left_by_the_one_before(db, now):
    units = province_of(db)
    months = {1: 95, 3: 190}
    lines = [Line("officials", unit, date(2026, 1, 1), 100, "List", "2026") for unit in units]
    lines += [Line("officials", unit, date(2026, 3, 1), 300, "List", "2026-03") for unit in units]
    for month, number in months.items():
        lines += [Line("skilled-officials", unit, date(2026, month, 28), number, "R", "1") for unit in units]
    import_lines(db, lines, now=now)
    publish(db, now)
    indicator = get_indicator("skilled-officials")
    shown = {month: published(db, indicator, units[0], read_period(f"2026-0{month}", on=FIRST)) for month in months}
    assert shown[1].status == Status.SUPPRESSED, "five of a hundred are left"
    assert (shown[3].numerator, shown[3].denominator) == (190, 300)


@pytest.mark.any_engine
def test_a_paper_that_is_younger_than_what_is_cut_out_divides_nothing(db):
    unit, days = province_of(db)[0], [FIRST.isoformat(), (FIRST + timedelta(days=7)).isoformat()]
    db.add(_fact("reached", unit, FIRST, 50, 0))
    db.add(PublishedSpan(family="reach", unit_id=unit, boundaries=days, as_of=NOW))
    import_lines(db, [Line("adults", unit, EVERY_DAY[-1], 4000, "Census", "2025")], now=NOW - timedelta(hours=1))
    found = published(db, get_indicator("reached"), unit, read_period("2025", on=FIRST))
    assert (found.status, found.numerator) == (Status.MISSING, None), "fifty of nobody knows how many"


def _fact(code: str, unit: Any, day: date, some: int, all_: int, *, kind: str = DAY) -> IndicatorFact:
    place = {"indicator": code, "version": get_indicator(code).version, "unit_id": unit, "kind": kind, "starts": day}
    return IndicatorFact(**place, as_of=NOW - timedelta(hours=1), numerator=some, denominator=all_)


def gaps(db: Any, family: str, unit: Any) -> list[tuple[date, date]]:
    span = db.get(PublishedSpan, (family, unit))
    return list(pairwise(map(date.fromisoformat, span.boundaries))) if span else []


def check_nested(db: Any) -> None:
    """A family within another is cut only where that one is: else the two would be subtracted."""
    spans = {(row.family, row.unit_id): set(row.boundaries) for row in db.scalars(select(PublishedSpan))}
    inner = {key: get_family(key[0]).within for key in spans}
    assert any(inner.values())
    for (name, unit), outer in inner.items():
        assert outer is None or spans[(name, unit)] <= spans.get((outer, unit), set())


@pytest.mark.any_engine
def test_what_is_published_is_the_whole_of_what_is_asked_for(db):
    """Late facts of an earlier year make places give up their first cuts: what lies before the others belongs to it."""
    provinces = db.scalars(select(Unit.id).where(Unit.kind == UnitKind.PROVINCE, Unit.valid_to.is_(None))).all()
    members = {province: [province] for province in provinces[:3]}
    members[NATION] = list(members)
    told = {date(2026, 1, 10): (40, 50, 60), date(2026, 2, 10): (40, 50, 60)}
    for late in ({}, {date(2025, 7, 1): (5, 20, 30), date(2025, 9, 9): (0, 40, 0)}):
        for unit, parts in members.items():
            for day, counts in (late or told).items():
                some = sum(count for part, count in zip(members[NATION], counts, strict=True) if part in parts)
                if some:
                    starts = {DAY: day, MONTH: month_of(day)}
                    db.add_all(_fact("unmet-need", unit, starts[kind], some, 2 * some, kind=kind) for kind in starts)
        told |= late
        db.flush()
        publish(db, datetime(2026, 3, 1, 9, tzinfo=VIETNAM))
    seen = set()
    for period in (
        read_period(code, on=FIRST) for code in ("2025", "2025-Q3", "2025-09", "2025-07-01", "2026", "2024")
    ):
        at_once = published_many(db, {unit: [get_indicator("unmet-need")] for unit in members}, period)
        for unit, parts in members.items():
            shown = published(db, get_indicator("unmet-need"), unit, period)
            days = [counts for day, counts in told.items() if period.first <= day < period.end]
            inside = [members[NATION].index(part) for part in parts]
            whole = sum(counts[at] for counts in days for at in inside)
            assert shown == at_once["unmet-need", unit]
            assert shown.numerator in (None, whole), (unit, period)
            assert shown.status != Status.MISSING or not whole, (unit, period)
            seen.add(shown.status)
    assert seen == {Status.VALUE, Status.SUPPRESSED, Status.MISSING}


@pytest.mark.any_engine
@pytest.mark.parametrize("seed", range(3))
def test_reasons_give_nothing_small_away_beside_what_got_stuck(db, seed):
    country = Country(db, seed)
    country.publish()
    check_nested(db)
    rows = [row for part in PARTS for row in country.equations(part, "reason")]
    for measure, family in (("blocked", "help"), ("blocked", "reason"), ("helps", "help")):
        rows += country.equations(measure, family)
    whole = [{("blocked", commune, day): -1} for commune in country.communes for day in EVERY_DAY]
    rows += [row | {(part, *cell[1:]): 1 for part in PARTS for cell in row} for row in whole]
    attacker = Attacker(rows)
    measures = (*PARTS, "blocked", "helps")
    small = list(country.targets(measures))
    assert small
    assert [name for name, row in small if attacker.knows(row)] == []
    others = [({("helps", *cell): 1, ("blocked", *cell): -1}, 0) for cell in product(country.communes, EVERY_DAY)]
    assert country.surely_small(measures, rows, others) == []


@pytest.mark.any_engine
@pytest.mark.parametrize("seed", range(3))
def test_groups_give_nothing_small_away_and_nor_do_those_who_are_left(db, seed):
    country = Country(db, seed)
    country.publish()
    check_nested(db)
    groups = tuple(f"reached-{group}" for group in GROUPS)
    rows = [row for group in groups for row in country.equations(group, "priority")]
    rows += country.equations("reached", "reach")
    attacker = Attacker(rows)
    for name, row in country.targets((*groups, "reached")):
        assert not attacker.knows(row), name
    cells = [(group, commune, day) for group in groups for commune in country.communes for day in EVERY_DAY]
    others = [({("reached", *cell[1:]): 1, cell: -1}, 0) for cell in cells]
    assert country.surely_small((*groups, "reached"), rows, others) == []
    for group in groups:
        for unit, members in country.members().items():
            for first, end in gaps(db, "priority", unit):
                days = [day for day in EVERY_DAY if first <= day < end]
                others = country.sum_of("reached", members, days) - country.sum_of(group, members, days)
                assert others == 0 or others >= THRESHOLD
    for commune, all_ in country.of.items():
        for _first, end in gaps(db, "reach", commune):
            days = [day for day in EVERY_DAY if day < end]
            left = all_ - country.sum_of("reached", [commune], days)
            assert left == 0 or left >= THRESHOLD


@pytest.mark.any_engine
def test_typed_numbers_are_not_shown_by_their_small_steps(db, now):
    province = db.scalars(select(Unit.id).where(Unit.kind == UnitKind.PROVINCE, Unit.valid_to.is_(None))).first()
    first, second, third, *others = db.scalars(select(Unit.id).where(Unit.parent_id == province)).all()
    lines = [Line("officials", unit, date(2026, 1, 1), 100, "List", "2026") for unit in (first, second, third, *others)]
    typed = {first: [20, 23, 60], second: [30, 60, 90], third: [4, 4, 40]}
    typed |= {unit: [40, 60, 80] for unit in others}
    for unit, numbers in typed.items():
        for month, number in enumerate(numbers, start=1):
            lines.append(Line("skilled-officials", unit, date(2026, month, 28), number, "Report", f"2026-{month:02}"))
    import_lines(db, lines, now=now)
    publish(db, now)
    shown = {
        (unit, month): published(db, get_indicator("skilled-officials"), unit, read_period(month, on=FIRST))
        for unit in (province, first, second, third, *others[:3])
        for month in ("2026-01", "2026-02", "2026-03")
    }
    assert shown[(first, "2026-02")].status == Status.SUPPRESSED, "three more than in January"
    assert shown[(third, "2026-01")].status == Status.SUPPRESSED, "only four"
    assert shown[(first, "2026-03")].numerator == 60
    assert (shown[(first, "2026-03")].denominator, shown[(first, "2026-03")].vintage) == (100, "2026")
    for month in ("2026-01", "2026-02"):
        hidden = [
            unit for unit in (first, second, third, *others[:3]) if shown[(unit, month)].status == Status.SUPPRESSED
        ]
        assert shown[(province, month)].status == Status.SUPPRESSED or len(hidden) != 1


RECORDS = {
    "own-hand": (60, 120),
    "unmet-need": (20, 120),
    "sent-in-time": (100, 120),
    "assisted-activation": (40, 60),
    "confirmed-of-claimed": (30, 50),
    "returned": (20, 80),
    "data-correct": (100, 140),
    "data-clean": (120, 120),
}
"""Records of help of one day: claimed within consented within coded within helps within taken."""


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"confirmed-of-claimed": (30, 57)},  # 60 had a code and agreed: 3 of them claimed nothing
        {"confirmed-of-claimed": (37, 50)},  # 40 were seen to be active: 3 of them were no claims
        {"assisted-activation": (40, 117)},  # 120 helps: 3 had no code
        {"returned": (20, 63)},  # 63 had a code: 3 were not for an activation
        {"returned": (20, 116)},  # 120 helps: 4 had no code
        {"data-correct": (100, 123)},  # 123 were taken in: 3 were corrected
        {"data-correct": (97, 140)},  # 120 count: beside 20 claims that were not confirmed 3 more are contradicted
        {"assisted-activation": (40, 63)},  # of 63, 50 claimed and 10 more were seen to be active: 3 neither
        {"unmet-need": (67, 120)},  # 120 helps, 50 claims: 3 neither got stuck nor claimed
        {"own-hand": (107, 120), "unmet-need": (0, 120)},  # of 110 who claimed, or of whom nobody knows: 3 not guided
    ],
)
def test_indicators_of_one_place_cannot_be_subtracted_from_each_other(db: Any, changed: dict[str, Any]) -> None:
    [province, *_] = Country(db, 0).inside
    for code, (some, all_) in (RECORDS | changed).items():
        for unit, kind in product((province, NATION), (DAY, MONTH)):
            db.add(_fact(code, unit, FIRST, some, all_, kind=kind))
    publish(db, datetime(2025, 9, 10, 9, tzinfo=VIETNAM))
    july = read_period("2025-07", on=FIRST)
    shown = {code for code in RECORDS if published(db, get_indicator(code), province, july).status == Status.VALUE}
    assert shown == set(RECORDS) if not changed else not shown & set(changed)


def test_who_joins_the_hidden_stays_the_same_from_publication_to_publication(db: Any) -> None:
    """Else July is told once with this commune shown and once with that one, and the third is what is left."""
    [province, *_] = country = Country(db, 0).inside
    large, small, growing = country[province]
    for day, counts in {date(2025, 7, 10): (60, 3, 20), date(2025, 8, 10): (20, 0, 200)}.items():
        told = [*zip((large, small, growing), counts, strict=True), (province, sum(counts)), (NATION, sum(counts))]
        for (unit, number), kind in product(told, (DAY, MONTH)):
            starts = day if kind == DAY else month_of(day)
            db.add(_fact("issued-of-applied", unit, starts, number, number, kind=kind))
    shown = []
    for now in (datetime(2025, 8, 2, 1, tzinfo=VIETNAM), datetime(2025, 9, 2, 1, tzinfo=VIETNAM)):
        publish(db, now)
        july = read_period("2025-07", on=FIRST)
        found = (published(db, get_indicator("issued-of-applied"), unit, july) for unit in (large, small, growing))
        shown.append([one.numerator for one in found])
    assert shown == [[60, None, None]] * 2
