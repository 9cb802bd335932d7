"""Lists in pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


def count_pages(total: int, size: int) -> int:
    """How many pages of `size` hold `total`; an empty list has one, which says so."""
    return max(1, -(-total // size))


@dataclass(frozen=True, slots=True)
class Paged(Generic[Row]):
    """One page of a list that was made as a whole."""

    rows: Sequence[Row]
    number: int
    pages: int
    total: int


def page_of(rows: Sequence[Row], number: int, size: int) -> Paged[Row]:
    """The page of this number, from 1; behind the last it is the last."""
    pages = count_pages(len(rows), size)
    number = min(max(number, 1), pages)
    return Paged(rows[(number - 1) * size : number * size], number, pages, len(rows))
