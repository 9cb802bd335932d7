"""The registry of indicators: each with a definition, what is counted of what, its sources, and a version.

Versioned data in `onboarding/data/indicators.json` in the shape of `indicators.schema.json`. A changed definition is a
new version, never a changed one: facts name the version that they were counted by (Decision 1012/QD-TTg asks for
indicators of a defined structure, format and properties).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from identity.base import Refused

DATA = Path(__file__).parent.parent / "data"
INDICATORS, SCHEMA = DATA / "indicators.json", DATA / "indicators.schema.json"
IMPORTED = "imported"
Words = Mapping[str, str]
Sum = tuple[tuple[int, str], ...]
"""Measures, each with the sign (1 or -1) by which it is added."""


class Better(StrEnum):
    """Which way a share or a number is to go."""

    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Part:
    """Numerator or denominator: the measure that is counted (none: nobody feeds it yet), in words, and from where."""

    measure: str | None
    words: Words
    source: str
    vintage: str

    @property
    def is_imported(self) -> bool:
        """Whether it is a number from a paper (`reference`): a level on a day, and no count of events."""
        return self.source == IMPORTED


@dataclass(frozen=True, slots=True)
class Family:
    """Indicators that share measures, and are protected together.

    `within`: the family of which its measures are parts, at whose cuts alone it may be cut. `nested`: a measure and
    another that it is a part of, of this family or of that one, which no indicator sets beside each other; where more
    than two together tell of a part, sums of them (claimed + assisted - confirmed is a part of consented). One that is
    not guarded counts nobody's records: teams.
    """

    name: str
    within: str | None = None
    nested: tuple[tuple[Sum, Sum], ...] = ()
    is_guarded: bool = True


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of the registry, in one `family`."""

    code: str
    version: int
    family: str
    name: Words
    definition: Words
    numerator: Part
    denominator: Part
    unit: str
    better: Better
    disaggregations: tuple[str, ...]
    allowed_lag_days: int
    owner: Words
    is_headline: bool

    @property
    def is_fed(self) -> bool:
        """Whether events or papers feed it; what nobody feeds is missing, and never zero."""
        return self.numerator.measure is not None and self.denominator.measure is not None

    @property
    def way(self) -> int:
        """The sign of a step in the good direction."""
        return -1 if self.better is Better.LESS else 1

    def is_enough(self, found: float, aim: float) -> bool:
        """Whether what was found is as much as is aimed at, or as little where less is better."""
        return found <= aim if self.better is Better.LESS else found >= aim


@lru_cache(maxsize=1)
def indicators() -> tuple[Indicator, ...]:
    """All, each in its newest version, in the order of the registry."""
    newest: dict[str, Indicator] = {}
    for row in _data()["indicators"]:
        one = _read(row)
        if one.code not in newest or newest[one.code].version < one.version:
            newest[one.code] = one
    return tuple(newest.values())


def fed() -> tuple[Indicator, ...]:
    """Those that something feeds."""
    return tuple(one for one in indicators() if one.is_fed)


def counted() -> tuple[Indicator, ...]:
    """Those whose numerator is counted from events."""
    return tuple(one for one in fed() if not one.numerator.is_imported)


def imported_measures() -> frozenset[str]:
    """What papers may give."""
    parts = (part for one in indicators() for part in (one.numerator, one.denominator))
    return frozenset(part.measure for part in parts if part.is_imported and part.measure)


@lru_cache(maxsize=1)
def families() -> dict[str, tuple[Indicator, ...]]:
    """The fed ones by family; a family comes after the one that it lies within."""
    names = dict.fromkeys(one.family for one in fed())
    return {name: tuple(one for one in fed() if one.family == name) for name in names}


@lru_cache(maxsize=64)
def get_family(name: str) -> Family:
    """How the family is protected."""
    said = _data().get("families", {}).get(name, {})
    nested = tuple((_sum(part), _sum(whole)) for part, whole in said.get("nested", ()))
    return Family(name, said.get("within"), nested, said.get("guarded", True))


def get_indicator(code: str) -> Indicator:
    """The one of that code. Refused `indicator-unknown`."""
    for one in indicators():
        if one.code == code:
            return one
    raise Refused("indicator-unknown", field="code")


def schema() -> Any:
    """The JSON Schema of the registry."""
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


def _data() -> Any:
    return json.loads(INDICATORS.read_text(encoding="utf-8"))


def _read(row: Any) -> Indicator:
    return Indicator(
        code=row["code"],
        version=row["version"],
        family=row["family"],
        name=row["name"],
        definition=row["definition"],
        numerator=_part(row["numerator"]),
        denominator=_part(row["denominator"]),
        unit=row["unit"],
        better=Better(row["better"]),
        disaggregations=tuple(row["disaggregations"]),
        allowed_lag_days=row["allowed_lag_days"],
        owner=row["owner"],
        is_headline=row["headline"],
    )


def _sum(said: str) -> Sum:
    """Of `a + b - c`."""
    words = ("+", *said.split(" "))
    return tuple((-1 if sign == "-" else 1, name) for sign, name in zip(words[::2], words[1::2], strict=True))


def _part(row: Any) -> Part:
    return Part(row["measure"], row["words"], row["source"], row["vintage"])
