"""What can be got by adding and subtracting published counts, when each record is of one of some kinds."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

import numpy as np

Numbers = tuple[int, ...]
"""What one count says of a record of each kind."""


def smallest_sums(counts: Iterable[Numbers]) -> set[Numbers]:
    """Of the sums of multiples of the counts that are below zero for no kind, those that all others are added up from.

    Where each of these is none or many over some records, whatever else can be got is so too. They are the extreme
    rays of a cone (double description method: Motzkin, Raiffa, Thompson, Thrall 1953).
    """
    found = _simplex(np.array(sorted(set(counts))))
    looked_at = [at for at in range(len(found[0])) if sum(ray[at] != 0 for ray in found) == 1]
    while below := sorted({at for ray in found for at, number in enumerate(ray) if number < 0}):
        at = below[0]
        zeros = {ray: frozenset(one for one in looked_at if not ray[one]) for ray in found}
        kept, cut = [ray for ray in found if ray[at] >= 0], [ray for ray in found if ray[at] < 0]
        for above, under in product((ray for ray in kept if ray[at]), cut):
            both = zeros[above] & zeros[under]
            if not any(both <= zeros[other] for other in found if other not in (above, under)):
                kept.append(_least(np.array(above) * -under[at] + np.array(under) * above[at]))
        found, looked_at = kept, [*looked_at, at]
    return set(found)


def _simplex(counts: Any) -> list[Numbers]:
    """As many sums as there are independent counts, each of a kind of its own among as many kinds."""
    rows = counts[_independent(counts)]
    square = rows[:, _independent(rows.T)]
    size = round(abs(np.linalg.det(square)))
    return [_least(row) for row in np.rint(np.linalg.inv(square) * size).astype(int) @ rows]


def _independent(rows: Any) -> list[int]:
    found: list[int] = []
    for at in range(len(rows)):
        if np.linalg.matrix_rank(rows[[*found, at]]) > len(found):
            found.append(at)
    return found


def _least(numbers: Any) -> Numbers:
    return tuple(int(number) for number in numbers // np.gcd.reduce(numbers))
