"""How far somebody's roles reach: some units with all that lies in them, or the whole country."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import InstrumentedAttribute

COUNTRY = "VN"
"""Stands for the whole country where a unit's code may stand; no unit has it."""
Reach = Collection[UUID] | None
"""None is the whole country: every unit, and what is of no single one. It is asked for, never listed."""


def in_reach(unit_id: UUID | None, reach: Reach) -> bool:
    """Whether a matter of this unit (None: of the whole country) is in reach."""
    return reach is None or unit_id in reach


def reached(
    column: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], reach: Reach
) -> ColumnElement[bool]:
    """The same as a condition."""
    return true() if reach is None else column.in_(reach)
