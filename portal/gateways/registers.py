"""Registers behind the operator's switch: while the manual route is taken they are not asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from identity.gateways import RegisterUnavailable
from identity.operation.routes import Register


@dataclass(frozen=True, slots=True)
class Switched:
    """A register as it is, or one that does not answer. `is_off` is asked before each question."""

    register: Any
    name: Register
    is_off: Callable[[Register], bool]

    def __getattr__(self, question: str) -> Any:
        asked = getattr(self.register, question)
        if callable(asked) and self.is_off(self.name):
            return _not_asked
        return asked


def _not_asked(*_given: object, **_named: object) -> Any:
    raise RegisterUnavailable("the manual route is taken")
