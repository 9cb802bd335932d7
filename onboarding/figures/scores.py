"""The four data scores: whether what is counted is correct, sufficient, clean and live (Decision 1012/QD-TTg)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from onboarding.figures.facts import Figure, fact
from onboarding.figures.periods import Period
from onboarding.figures.published import Published, published
from onboarding.figures.registry import get_indicator

Kind = TypeVar("Kind")
CORRECT, SUFFICIENT, CLEAN, LIVE = "data-correct", "active-teams", "data-clean", "sent-in-time"


@dataclass(frozen=True, slots=True)
class Scores(Generic[Kind]):
    """Nothing contradicts it · all teams are there · nothing twice, in valid units · it came in time."""

    correct: Kind
    sufficient: Kind
    clean: Kind
    live: Kind


def scores(db: Session, unit_id: UUID, period: Period) -> Scores[Figure | None]:
    """Exact, for one's own scope; None where nothing was recorded."""
    return Scores(*(fact(db, code, unit_id, period) for code in (CORRECT, SUFFICIENT, CLEAN, LIVE)))


def published_scores(db: Session, unit_id: UUID, period: Period) -> Scores[Published]:
    """As anybody may know them."""
    codes = (CORRECT, SUFFICIENT, CLEAN, LIVE)
    return Scores(*(published(db, get_indicator(code), unit_id, period) for code in codes))
