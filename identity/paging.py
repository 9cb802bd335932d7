"""Lists in pages."""

from __future__ import annotations


def count_pages(total: int, size: int) -> int:
    """How many pages of `size` hold `total`; an empty list has one, which says so."""
    return max(1, -(-total // size))
