"""The one place that turns published figures into rows; each format's writer turns rows into bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.deadlines import today_in_vietnam
from identity.places import COUNTRY, Unit, UnitKind
from onboarding.figures.model import NATION
from onboarding.figures.periods import Period
from onboarding.figures.published import Published, Status, published
from onboarding.figures.registry import Indicator

COUNTRY_NAMES = {"vi": "Việt Nam", "en": "Viet Nam"}
NUMERATOR, DENOMINATOR, SHARE = "NUMERATOR", "DENOMINATOR", "SHARE"


class Action(StrEnum):
    """What a receiver does with a row; rows that were asked for say nothing."""

    REPLACE = "replace"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Place:
    """A unit as others know it: by its code."""

    code: str
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One published figure. `action` and `revision` (0: never sent before) are for what is pushed."""

    indicator: Indicator
    place: Place
    period: Period
    status: Status
    numerator: int | None = None
    denominator: int | None = None
    through: date | None = None
    as_of: datetime | None = None
    action: Action | None = None
    revision: int = 0
    edition: str | None = None
    restated_at: datetime | None = None

    @property
    def vintage(self) -> str:
        """Of when the denominator is: the edition of the paper that gives it, else what the registry says."""
        return self.edition or self.indicator.denominator.vintage

    @property
    def value(self) -> float | None:
        """The share, where there is something to take a share of."""
        return self.numerator / self.denominator if self.numerator is not None and self.denominator else None

    @property
    def remark(self) -> str | None:
        """What formats of bare numbers say in words: that it was changed after it was told, or after its time."""
        if self.revision:
            return f"revision {self.revision}"
        return f"restated {self.restated_at.isoformat()}" if self.restated_at else None

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """The tuple of the formats that carry numbers only; a figure without numbers has none."""
        pairs = ((NUMERATOR, self.numerator), (DENOMINATOR, self.denominator))
        return tuple((measure, number) for measure, number in pairs if number is not None)


def place_of(unit: Unit | None) -> Place:
    """A unit, or the country."""
    if unit is None:
        return Place(COUNTRY, COUNTRY_NAMES)
    return Place(unit.code, {"vi": unit.title, "en": unit.english_title})


def row_of(db: Session, indicator: Indicator, unit: Unit | None, period: Period) -> Row:
    """The published figure of an indicator, unit (none: the country) and period."""
    return as_row(indicator, unit, period, published(db, indicator, NATION if unit is None else unit.id, period))


def as_row(indicator: Indicator, unit: Unit | None, period: Period, found: Published) -> Row:
    """The same of a figure that is known."""
    counts = found.numerator, found.denominator
    when = found.through, found.as_of
    return Row(indicator, place_of(unit), period, found.status, *counts, *when, edition=found.vintage)


def rows_of(
    db: Session, indicators: Iterable[Indicator], units: Sequence[Unit | None], periods: Sequence[Period]
) -> list[Row]:
    """Every one of them, by indicator, unit and period."""
    return [row_of(db, one, unit, period) for one in indicators for unit in units for period in periods]


def units_below(db: Session, unit: Unit | None, on: date) -> list[Unit]:
    """Provinces of the country, communes of a province, as they are on a day; nothing below is published."""
    query = select(Unit).where(Unit.valid_from <= on, (Unit.valid_to.is_(None)) | (Unit.valid_to > on))
    if unit is None:
        query = query.where(Unit.kind == UnitKind.PROVINCE)
    else:
        query = query.where(Unit.parent_id == unit.id, Unit.kind == UnitKind.COMMUNE)
    return list(db.scalars(query.order_by(Unit.code)))


def day_of_units(period: Period, now: datetime) -> date:
    """The day whose units a period is told by: its last, or today while it runs."""
    return max(period.first, min(period.last, today_in_vietnam(now)))


COLUMNS = (
    *("indicator", "version", "unit", "unit_name", "period", "first_day", "last_day", "through"),
    *("numerator", "denominator", "value", "status", "as_of", "vintage"),
)
PUSHED = (*COLUMNS, "action", "revision")
ASKED = (*COLUMNS, "restated_at")


def plain(row: Row, locale: str) -> dict[str, Any]:
    """A row as columns: those of `PUSHED` where it is to be acted on, else those of `ASKED`."""
    columns = {
        "indicator": row.indicator.code,
        "version": row.indicator.version,
        "unit": row.place.code,
        "unit_name": row.place.names.get(locale) or row.place.names["en"],
        "period": row.period.code,
        "first_day": row.period.first.isoformat(),
        "last_day": row.period.last.isoformat(),
        "through": row.through.isoformat() if row.through else None,
        "numerator": row.numerator,
        "denominator": row.denominator,
        "value": row.value,
        "status": row.status.value,
        "as_of": row.as_of.isoformat() if row.as_of else None,
        "vintage": row.vintage,
    }
    if row.action is not None:
        return {**columns, "action": row.action.value, "revision": row.revision}
    return {**columns, "restated_at": row.restated_at.isoformat() if row.restated_at else None}
