"""The made-up foreign residents of a replay: number N is the same person whenever and wherever it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from identity.deadlines import age_on
from identity.registers.synthetic.lists import Lists, read_lists
from identity.registers.synthetic.people import SyntheticForeigner, foreigner

FIRST = 5_000_000
"""Numbers of the replay's people begin here, far from those of the demonstration's own population."""
YOUNGEST = 18
LEAST_VALID = timedelta(days=400)


@lru_cache(maxsize=2)
def places_on(day: date) -> Lists:
    """The lists with places as they were called on the campaign's first day (two tiers since 1 July 2025)."""
    return read_lists(day)


@lru_cache(maxsize=20_000)
def person(number: int, seed: int, day: date) -> SyntheticForeigner:
    """Somebody of age whose papers are in order on `day` and for a good year after: who goes to a campaign."""
    drawn = foreigner(Random(f"{seed}:replay:{number}"), places_on(day), FIRST + number, day)
    born = drawn.birth_date
    if age_on(born, day) < YOUNGEST:
        born = born.replace(year=born.year - YOUNGEST, day=min(born.day, 28))
    return replace(
        drawn,
        birth_date=born,
        died_on=None,
        passport_expires_on=max(drawn.passport_expires_on, day + LEAST_VALID),
        residence_expires_on=max(drawn.residence_expires_on, day + LEAST_VALID),
    )


def people(numbers: Iterable[int], seed: int, day: date) -> Iterator[SyntheticForeigner]:
    """Those of these numbers."""
    return (person(number, seed, day) for number in numbers)


def phone_of(number: int) -> str:
    """A number of a range that no operator of Vietnam gives out."""
    return f"+8410{number:08}"
