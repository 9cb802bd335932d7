"""The portal with one header more: how much processor time an answer cost, in microseconds. For load tools only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from portal.assembly import application

HEADER = "X-Processor-Time"
_portal = application()


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """One request is one thread's work from here to the first byte; the sending is the server's."""
    begun = time.thread_time_ns()

    def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
        spent = (time.thread_time_ns() - begun) // 1000
        return start_response(status, [*headers, (HEADER, str(spent))], *failure)

    return _portal(environ, start)
