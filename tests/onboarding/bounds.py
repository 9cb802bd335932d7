"""Whoever knows every published sum, and that no count is below zero: between what bounds may a hidden count lie?

Linear programming over all sums at once, so that no way of subtracting is forgotten; integers where that says little.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

import numpy as np
from scipy.optimize import Bounds as Range
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import coo_matrix, csr_matrix

Cell = Hashable
Row = Mapping[Cell, int]
NEARLY = 1e-6


class Sums:
    """What is published: rows of cells whose sum is known, and rows whose sum is known to be at least something."""

    def __init__(
        self, truth: Mapping[Cell, int], known: Iterable[Row], at_least: Iterable[tuple[Row, int]] = ()
    ) -> None:
        self.place = {cell: number for number, cell in enumerate(truth)}
        self.truth = truth
        known, more = list(known), list(at_least)
        values = np.array([self.sum_of(row) for row in known], dtype=float)
        floors = np.array([least for _row, least in more], dtype=float)
        self.rules = [LinearConstraint(self._matrix(known), values, values)] if known else []
        if more:
            self.rules.append(LinearConstraint(self._matrix([row for row, _ in more]), floors, np.inf))

    def sum_of(self, row: Row) -> int:
        return sum(times * self.truth[cell] for cell, times in row.items())

    def most(self, row: Row) -> float:
        """The largest that the sum of the cells can be."""
        return -self._least({cell: -times for cell, times in row.items()})

    def least(self, row: Row) -> float:
        return self._least(row)

    def surely_below(self, row: Row, threshold: int) -> bool:
        """Whether it is known to be smaller; whatever is known exactly is."""
        return self.most(row) < threshold - NEARLY

    def _least(self, row: Row) -> float:
        aim = np.zeros(len(self.place))
        for cell, times in row.items():
            aim[self.place[cell]] = times
        found = milp(aim, constraints=self.rules, bounds=Range(0, np.inf), integrality=np.ones(len(aim)))
        if found.status in (2, 3, 4) and found.x is None:  # HiGHS says unbounded or "infeasible or unbounded"
            return -np.inf
        assert found.status == 0, found.message
        return float(found.fun)

    def _matrix(self, rows: list[Row]) -> csr_matrix:
        entries = [(at, self.place[cell], times) for at, row in enumerate(rows) for cell, times in row.items()]
        ys, xs, values = zip(*entries, strict=True)
        return coo_matrix((values, (ys, xs)), shape=(len(rows), len(self.place))).tocsr()
