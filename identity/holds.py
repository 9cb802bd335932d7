"""Whoever stands behind an account: its row, or what was read of it. What tells and opens sessions needs no more."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID


class Holds(Protocol):
    """An account as somebody's."""

    @property
    def id(self) -> UUID: ...
    @property
    def kind(self) -> str: ...
    @property
    def person_id(self) -> UUID | None: ...
    @property
    def locale(self) -> str: ...
