"""The lists that names and addresses are drawn from (`data/people.json`), ready for weighted drawing."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Generic, TypeVar

from identity.places.loading import unit_rows
from identity.places.units import TITLES, UnitType

PEOPLE = Path(__file__).parent.parent.parent / "data" / "people.json"
WARD_WEIGHT = 3
"""More people live in a ward than in a commune."""
WHOLE_NAMES_ONE_IN = 12
"""One in so many bears a name of another people of Vietnam than the Kinh."""

T = TypeVar("T")


class Weighted(Generic[T]):
    """Draws one of several by weight."""

    def __init__(self, items: list[tuple[T, int]]) -> None:
        self._items = [item for item, _ in items]
        self._upto = list(accumulate(weight for _, weight in items))

    def draw(self, source: Random) -> T:
        return source.choices(self._items, cum_weights=self._upto)[0]


@dataclass(frozen=True, slots=True)
class Country:
    """A nationality and its names, as pairs of Latin and original script."""

    code: str
    original: str
    family: list[list[str]]
    given: dict[str, list[list[str]]]

    def name(self, source: Random, sex: str) -> tuple[str, str, str]:
        """Surname and given names as in the passport, and the whole name in its own script and order."""
        family, given = source.choice(self.family), source.choice(self.given[sex])
        return family[0], given[0], self.original.format(family=family[1], given=given[1])


@dataclass(frozen=True, slots=True)
class Homes:
    """Where people live: a province by weight, then one of its communes."""

    provinces: Weighted[str]
    communes: dict[str, Weighted[tuple[str, str, bool]]]
    streets: list[str]
    hamlets: list[str]

    def draw(self, source: Random) -> tuple[str, str]:
        """An address and the code of its commune. Streets in a ward, hamlets elsewhere."""
        place, code, is_ward = self.communes[self.provinces.draw(source)].draw(source)
        if is_ward:
            return f"{source.randint(1, 320)} {source.choice(self.streets)}, {place}", code
        return f"{source.choice(self.hamlets)}, {place}", code


@dataclass(frozen=True, slots=True)
class Lists:
    """Everything that is drawn from."""

    family: Weighted[str]
    families: frozenset[str]
    middle: dict[str, list[str]]
    given: dict[str, list[str]]
    whole: dict[str, list[str]]
    countries: Weighted[Country]
    residence: dict[str, list[str]]
    citizens_live: Homes
    foreigners_live: Homes

    def vietnamese_name(self, source: Random, sex: str) -> str:
        """Family, middle and given name, or a whole name of a smaller people."""
        if source.randrange(WHOLE_NAMES_ONE_IN) == 0:
            return source.choice(self.whole[sex])
        return f"{self.family.draw(source)} {self._middle_and_given(source, sex)}"

    def child_name(self, source: Random, sex: str, parent_name: str) -> str:
        """A name with the parent's family name; where names have none that is inherited, a name of that kind."""
        family = parent_name.split()[0]
        if family not in self.families:
            return source.choice(self.whole[sex])
        return f"{family} {self._middle_and_given(source, sex)}"

    def _middle_and_given(self, source: Random, sex: str) -> str:
        return f"{source.choice(self.middle[sex])} {source.choice(self.given[sex])}"


def read_lists(on: date) -> Lists:
    """The shipped lists, with places as they were called on a day."""
    shipped = json.loads(PEOPLE.read_text(encoding="utf-8"))
    names, communes = shipped["vietnamese"], _communes(on)
    countries = [
        (Country(c["code"], c["original"], c["family"], {"male": c["male"], "female": c["female"]}), c["weight"])
        for c in shipped["countries"]
    ]

    def homes(weights: dict[str, int]) -> Homes:
        return Homes(Weighted(list(weights.items())), communes, shipped["streets"], shipped["hamlets"])

    return Lists(
        family=Weighted(list(names["family"].items())),
        families=frozenset(names["family"]),
        middle=names["middle"],
        given=names["given"],
        whole=names["whole"],
        countries=Weighted(countries),
        residence=shipped["residence"],
        citizens_live=homes(shipped["citizens_live"]),
        foreigners_live=homes(shipped["foreigners_live"]),
    )


def _communes(on: date) -> dict[str, Weighted[tuple[str, str, bool]]]:
    provinces, communes = unit_rows(on)
    by_id = {row["id"]: row for row in provinces}
    found: dict[str, list[tuple[tuple[str, str, bool], int]]] = defaultdict(list)
    for row in communes:
        province = by_id[row["parent_id"]]
        is_ward = row["type"] == UnitType.WARD
        place = f"{_title(row)}, {_title(province)}"
        found[province["code"]].append(((place, row["code"], is_ward), WARD_WEIGHT if is_ward else 1))
    return {code: Weighted(items) for code, items in found.items()}


def _title(row: dict[str, Any]) -> str:
    return TITLES[UnitType(row["type"])][0].format(row["name"])
