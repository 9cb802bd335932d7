"""Figures of places by the map that was asked for: as they were when it happened, or as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from identity.deadlines import today_in_vietnam
from onboarding.figures.facts import Figure
from onboarding.figures.many import Cell, Wanted, exact_many, published_many
from onboarding.figures.model import PublishedSpan
from onboarding.figures.periods import Period
from onboarding.figures.published import Published, Status, as_published
from onboarding.figures.redrawn import redrawn
from portal.database import db
from portal.figures.scope import NOW, Place
from portal.services import now


def figures_of(
    place: Place, wanted: Wanted, period: Period, spans: Sequence[PublishedSpan] | None = None
) -> dict[Cell, Published]:
    """Every cell that is wanted, in one shape; exact or published as the place is."""
    drawn = redrawn(db, on=today_in_vietnam(now()), with_villages=place.is_exact) if place.map == NOW else None
    if drawn is None:
        return _counted(place, wanted, period, spans)
    return drawn.figures(wanted, _counted(place, drawn.wanted(wanted), period))


def _counted(
    place: Place, wanted: Wanted, period: Period, spans: Sequence[PublishedSpan] | None = None
) -> dict[Cell, Published]:
    if not place.is_exact:
        return published_many(db, wanted, period, spans)
    exact, today = exact_many(db, wanted, period), today_in_vietnam(now())
    cells = ((one.code, unit) for unit, chosen in wanted.items() for one in chosen)
    return {cell: _as_shown(exact.get(cell), min(period.last, today)) for cell in cells}


def _as_shown(figure: Figure | None, through: date) -> Published:
    return Published(Status.MISSING) if figure is None else as_published(figure, through, figure.as_of)
