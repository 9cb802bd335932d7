"""The map of now, made of figures as they were counted: each place is a sum and difference of cells.

A unit that ended counts now in what followed it, or, where several did, in the lowest unit that holds them all
(`maps`). Above a ward villages are not published, so what was split goes there as a whole. Made of published cells
alone, the map of now tells nothing that a reader could not reckon; a place whose cells are suppressed is suppressed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.places import Unit, UnitKind
from onboarding.figures.many import Cell, Wanted
from onboarding.figures.maps import Atlas
from onboarding.figures.protection import threshold_on
from onboarding.figures.published import Published, Status, status_of
from onboarding.figures.registry import Indicator, get_indicator

KNOWN = frozenset({Status.VALUE, Status.ZERO})


class Redrawn:
    """Of which cells each place is made now, and how often each counts: one for itself, where nothing else is said."""

    def __init__(self, parts: Mapping[UUID, Mapping[UUID, int]]) -> None:
        self._parts = parts

    def of(self, unit: UUID) -> Mapping[UUID, int]:
        """The cells of a place as it is now."""
        return self._parts.get(unit, {unit: 1})

    def wanted(self, wanted: Wanted) -> Wanted:
        """What must be known to draw these."""
        found: dict[UUID, dict[str, Indicator]] = defaultdict(dict)
        for unit, chosen in wanted.items():
            for part in {unit, *self.of(unit)}:
                found[part].update({one.code: one for one in chosen})
        return {unit: list(chosen.values()) for unit, chosen in found.items()}

    def figures(self, wanted: Wanted, cells: Mapping[Cell, Published]) -> dict[Cell, Published]:
        """The same cells by the map of now."""
        places = ((one.code, unit) for unit, chosen in wanted.items() for one in chosen)
        return {(code, unit): self._figure(code, unit, cells) for code, unit in places}

    def _figure(self, code: str, unit: UUID, cells: Mapping[Cell, Published]) -> Published:
        """A number from a paper is of the place as the paper drew it, and does not move."""
        own, parts = cells[code, unit], self.of(unit)
        if get_indicator(code).numerator.is_imported or parts == {unit: 1}:
            return own
        found = added((cells[code, part], times) for part, times in parts.items())
        if own.source is None or found.numerator is None or own.denominator is None:
            return found
        moment = found.as_of or own.as_of
        status = status_of(found.numerator)
        return Published(status, found.numerator, own.denominator, found.through, moment, own.source, own.vintage)


def redrawn(db: Session, *, on: date, with_villages: bool = False) -> Redrawn | None:
    """The map of a day; None where no unit has ended by then, and both maps are one."""
    if db.scalar(select(Unit.id).where(Unit.valid_to <= on).limit(1)) is None:
        return None
    atlas = Atlas(db, on=on)
    villages = set[UUID]() if with_villages else set(db.scalars(select(Unit.id).where(Unit.kind == UnitKind.VILLAGE)))
    moved = atlas.moved() - villages
    return Redrawn(_parts(atlas, moved))


def _parts(atlas: Atlas, moved: set[UUID]) -> dict[UUID, dict[UUID, int]]:
    """What each moved unit counts by itself leaves where it lay and comes where it lies now."""
    within: dict[UUID, list[UUID]] = defaultdict(list)
    for unit in moved:
        within[atlas.above[unit]].append(unit)
    sums: dict[UUID, Counter[UUID]] = defaultdict(Counter)
    for unit in moved:
        then, now = set(atlas.then(unit)), set(atlas.now(unit))
        for place in then ^ now:
            sign = 1 if place in now else -1
            sums[place][unit] += sign
            for inner in within[unit]:
                sums[place][inner] -= sign
    for place, cells in sums.items():
        cells[place] += 1
    return {place: {cell: times for cell, times in cells.items() if times} for place, cells in sums.items()}


def added(parts: Iterable[tuple[Published, int]]) -> Published:
    """Cells added and taken away; suppressed where one is, missing where none is known."""
    cells = list(parts)
    as_of = max((cell.as_of for cell, _times in cells if cell.as_of), default=None)
    if any(cell.status is Status.SUPPRESSED for cell, _times in cells):
        return Published(Status.SUPPRESSED, as_of=as_of)
    known = [(cell, times) for cell, times in cells if cell.status in KNOWN]
    if not known:
        return Published(Status.MISSING, as_of=as_of)
    some = sum((cell.numerator or 0) * times for cell, times in known)
    all_ = sum((cell.denominator or 0) * times for cell, times in known)
    through = min((cell.through for cell, _times in known if cell.through), default=None)
    if not some and not all_:
        return Published(Status.MISSING, as_of=as_of)
    return Published(status_of(some), some, all_, through, as_of)


def unallocated(whole: Published, rows: Iterable[Published], *, guarded: bool) -> Published | None:
    """What the place has beyond its rows: of no unit, of several, or hidden in a row; None where there is nothing.

    Too few to be shown (unless one's own) are suppressed, as they are everywhere. No paper says of how many it is.
    """
    if whole.status not in KNOWN:
        return None
    known = [row for row in rows if row.status in KNOWN]
    some = (whole.numerator or 0) - sum(row.numerator or 0 for row in known)
    all_ = None if whole.source else (whole.denominator or 0) - sum(row.denominator or 0 for row in known)
    if not some and not all_:
        return None
    least = threshold_on(whole.through) if guarded and whole.through else 1
    if any(0 != part < least for part in ((some,) if all_ is None else (some, all_, all_ - some))):
        return Published(Status.SUPPRESSED, as_of=whole.as_of)
    return Published(status_of(some), some, all_, whole.through, whole.as_of)
