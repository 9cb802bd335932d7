"""Hands that send side by side: a receiver that does not answer keeps the hands it holds, and the others go on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Any, Self


class Hands:
    """So many threads; whoever gives them work waits for a free one only."""

    def __init__(self, many: int) -> None:
        self.many, self._pool = many, ThreadPoolExecutor(many)
        self._busy: set[Future[Any]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        """What is being sent is finished first."""
        self._pool.shutdown()

    def take(self, work: Callable[..., object], *given: object) -> None:
        self._busy.add(self._pool.submit(work, *given))

    def free(self) -> int:
        """How many have nothing to do; what went wrong in a work that has ended is raised here."""
        done = {work for work in self._busy if work.done()}
        self._busy -= done
        for work in done:
            work.result()
        return self.many - len(self._busy)

    def rest(self, seconds: float) -> None:
        """Until one is done, but not longer."""
        wait(self._busy, seconds, FIRST_COMPLETED)
