"""Whether figures may be trusted: an open warning of the data of a place is a flag on what is made of them."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.places import units_within
from onboarding.figures.facts import facts_of
from onboarding.figures.model import NATION
from onboarding.figures.registry import Indicator, get_indicator
from onboarding.warnings.model import DATA_KINDS, FigureWarning, State

WEEKS = 8
TOO_MUCH = 0.1
"""The part of a province's or the nation's numerator that flagged units may have made before it is flagged too."""


def is_flagged(db: Session, one: Indicator, unit_id: UUID, *, today: date) -> bool:
    """An open flag on the place itself; or on units within it that made more than a tenth of it in eight weeks.

    A flag on any indicator of the family counts: they share their measures.
    """
    units = flagged_units(db, one.family)
    if unit_id in units:
        return True
    within = units if unit_id == NATION else units & units_within(db, unit_id)
    if not within:
        return False
    found = facts_of(db, one.code, [unit_id, *within], today - timedelta(weeks=WEEKS), today)
    whole = found[unit_id].numerator if unit_id in found else 0
    return sum(figure.numerator for unit, figure in found.items() if unit in within) > TOO_MUCH * whole


def flagged_units(db: Session, family: str) -> set[UUID]:
    """Units with an open flag on any indicator of the family."""
    query = select(FigureWarning.unit_id, FigureWarning.indicator).where(
        FigureWarning.state == State.OPEN, FigureWarning.kind.in_(DATA_KINDS)
    )
    return {unit for unit, code in db.execute(query.distinct()) if code is None or get_indicator(code).family == family}
