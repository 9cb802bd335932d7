"""The one place that turns published figures into rows; each format's writer turns rows into bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.deadlines import today_in_vietnam
from identity.places import COUNTRY, Unit, UnitKind
from onboarding.figures.many import published_many
from onboarding.figures.model import NATION, UNALLOCATED
from onboarding.figures.periods import Period
from onboarding.figures.published import Published, Status, published
from onboarding.figures.redrawn import KNOWN, unallocated
from onboarding.figures.registry import Indicator, get_family

COUNTRY_NAMES = {"vi": "Việt Nam", "en": "Viet Nam"}
REST = "_X"
"""Behind the code of a place, what it has beyond the units right below; `_X` is SDMX's word for unallocated."""
REST_NAMES = {"vi": "{}: chưa phân bổ", "en": "{}: unallocated"}
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


@dataclass(frozen=True, slots=True)
class Rest:
    """What a place has beyond these parts: of units that ended, of none, or hidden in a part. With it they add up."""

    of: Unit | None
    parts: tuple[Unit, ...] = ()


Spot = Unit | Rest | None
"""What a row is about; None is the country."""


def id_of(spot: Spot) -> UUID:
    """A key of its own for each."""
    if isinstance(spot, Rest):
        return uuid5(UNALLOCATED, str(id_of(spot.of)))
    return NATION if spot is None else spot.id


def place_of(spot: Spot) -> Place:
    """By its code."""
    if isinstance(spot, Rest):
        whole = place_of(spot.of)
        return Place(
            whole.code + REST, {locale: REST_NAMES[locale].format(name) for locale, name in whole.names.items()}
        )
    if spot is None:
        return Place(COUNTRY, COUNTRY_NAMES)
    return Place(spot.code, {"vi": spot.title, "en": spot.english_title})


def row_of(db: Session, indicator: Indicator, spot: Spot, period: Period) -> Row:
    """The published figure of an indicator, place and period."""
    if isinstance(spot, Rest):
        return rest_rows(db, [indicator], spot, period)[0]
    return as_row(indicator, spot, period, published(db, indicator, id_of(spot), period))


def rest_rows(db: Session, indicators: Sequence[Indicator], rest: Rest, period: Period) -> list[Row]:
    """What is in none of the parts, of each indicator; a zero where they add up without it."""
    wholes, parts = id_of(rest.of), [unit.id for unit in rest.parts]
    found = published_many(db, dict.fromkeys([wholes, *parts], indicators), period)
    return [
        as_row(one, rest, period, _beyond(one, found[one.code, wholes], [found[one.code, part] for part in parts]))
        for one in indicators
    ]


def _beyond(indicator: Indicator, whole: Published, parts: Sequence[Published]) -> Published:
    """Made of published figures alone, so it tells nothing that a reader could not reckon."""
    if whole.status not in KNOWN:
        return Published(whole.status, as_of=whole.as_of)
    nothing = Published(Status.ZERO, 0, None if whole.source else 0, whole.through, whole.as_of)
    return unallocated(whole, parts, guarded=get_family(indicator.family).is_guarded) or nothing


def as_row(indicator: Indicator, spot: Spot, period: Period, found: Published) -> Row:
    """The same of a figure that is known."""
    counts = found.numerator, found.denominator
    when = found.through, found.as_of
    return Row(indicator, place_of(spot), period, found.status, *counts, *when, edition=found.vintage)


def rest_below(db: Session, unit: Unit | None, on: date) -> Rest | None:
    """What the units right below on a day do not hold; None where nothing below is published."""
    parts = units_below(db, unit, on)
    return Rest(unit, tuple(parts)) if parts else None


def spots_below(db: Session, unit: Unit | None, on: date) -> list[Spot]:
    """The units right below on a day, and the rest: together the place."""
    rest = rest_below(db, unit, on)
    return [*rest.parts, rest] if rest else []


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
