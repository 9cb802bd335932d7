"""Sixteen callers at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

CALLERS = 16


def at_once(call: Callable[[], Any]) -> list[Any]:
    """What each of the sixteen got; an exception of one is raised here."""
    gate = Barrier(CALLERS)

    def wait_and_call(_number: int) -> Any:
        gate.wait()
        return call()

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(wait_and_call, range(CALLERS)))
