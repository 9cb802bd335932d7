"""Whether figures may be trusted: an open warning of the data of a place is a flag on what is made of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.places import Unit
from onboarding.figures.facts import facts_of
from onboarding.figures.model import NATION
from onboarding.figures.registry import Indicator, get_indicator
from onboarding.warnings.model import DATA_KINDS, FigureWarning, State

WEEKS = 8
TOO_MUCH = 0.1
"""The part of a province's or the nation's numerator that flagged units may have made before it is flagged too."""


def is_flagged(db: Session, one: Indicator, unit_id: UUID, *, today: date) -> bool:
    """Whether the place is one of `flagged_among`."""
    return unit_id in flagged_among(db, one, [unit_id], today=today)


def flagged_among(db: Session, one: Indicator, places: Collection[UUID], *, today: date) -> set[UUID]:
    """Those with an open flag of their own, or on units within that made more than a tenth of them in eight weeks.

    A flag on any indicator of the family counts: they share their measures.
    """
    units = flagged_units(db, one.family)
    found, within = units & set(places), dict[UUID, set[UUID]]()
    for unit, lies_in in _above(db, units).items():
        if not lies_in & units:  # else it is counted with the flagged unit that it lies in
            for above in lies_in & set(places):
                within.setdefault(above, set()).add(unit)
    if not within:
        return found
    facts = facts_of(db, one.code, {*within, *units}, today - timedelta(weeks=WEEKS), today)
    made = {unit: figure.numerator for unit, figure in facts.items()}
    for place, flagged in within.items():
        if sum(made.get(unit, 0) for unit in flagged) > TOO_MUCH * made.get(place, 0):
            found.add(place)
    return found


def _above(db: Session, units: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """What each unit lies in, the nation too."""
    parents: dict[UUID, UUID | None] = {}
    level = set(units)
    while level:
        rows = db.execute(select(Unit.id, Unit.parent_id).where(Unit.id.in_(level)))
        parents |= {row.id: row.parent_id for row in rows}
        level = {above for above in parents.values() if above is not None} - parents.keys()
    lines = {unit: {NATION} for unit in units}
    for unit, line in lines.items():
        above = parents.get(unit)
        while above is not None:
            line.add(above)
            above = parents.get(above)
    return lines


def flagged_units(db: Session, family: str) -> set[UUID]:
    """Units with an open flag on any indicator of the family."""
    query = select(FigureWarning.unit_id, FigureWarning.indicator).where(
        FigureWarning.state == State.OPEN, FigureWarning.kind.in_(DATA_KINDS)
    )
    return {unit for unit, code in db.execute(query.distinct()) if code is None or get_indicator(code).family == family}
