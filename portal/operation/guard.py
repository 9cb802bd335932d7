"""Who operates, and who reads what they did."""

from __future__ import annotations

from identity.audit import Actor
from portal.security import me

OPERATORS, READERS = ("operator",), ("operator", "auditor")


def acting() -> Actor:
    """The operator who asks."""
    visitor = me()
    assert visitor is not None  # the guard let nobody else in
    return visitor.acting_as(*OPERATORS)


def may_act() -> bool:
    """Whether the reader may change something."""
    visitor = me()
    return visitor is not None and visitor.has_role(*OPERATORS)
