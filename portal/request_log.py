"""One line for each request: what was asked by its template, how it was answered, how long that took. Never a value.

Outermost around the application, so that what is answered before the framework has its line too. Every part comes from
a closed set (the method's name, the template of the route, numbers, our own request id), so the line needs no cleaning
and is written as it is: what the net of `portal.logs` costs is a tenth of a whole answer to a relying party.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import orjson
from werkzeug.wsgi import ClosingIterator

from portal.security.proxies import Application

ROUTE = "portal.route"
"""In the environment of a request: the template that it matched. Whoever answers without the framework sets it."""
REQUEST_ID = "X-Request-Id"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "-"


def write_line(line: bytes) -> None:
    """To standard error, like every other entry."""
    sys.stderr.write(line.decode() + "\n")


class RequestLog:
    """WSGI middleware. The line is written when the answer was sent, also when sending broke off."""

    def __init__(self, application: Application, write: Callable[[bytes], None] = write_line) -> None:
        self.application, self.write = application, write

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began, answered = perf_counter(), Answered()

        def note(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            answered.status = int(status[:3])
            answered.request_id = next((value for name, value in headers if name == REQUEST_ID), "")
            return start_response(status, headers, *failure)

        def tell() -> None:
            self.write(_line(environ, answered, perf_counter() - began))

        try:
            body = self.application(environ, note)
        except BaseException:
            tell()
            raise
        return ClosingIterator(body, tell)


class Answered:
    """What is known of the answer so far; 500 until it has begun."""

    __slots__ = ("request_id", "status")

    def __init__(self) -> None:
        self.status, self.request_id = 500, ""


def _line(environ: dict[str, Any], answered: Answered, seconds: float) -> bytes:
    method = environ["REQUEST_METHOD"]
    entry = {
        "event": "request",
        "method": method if method in METHODS else "OTHER",
        "route": environ.get(ROUTE, UNMATCHED),
        "status": answered.status,
        "ms": round(seconds * 1000, 1),
        "request_id": answered.request_id,
        "level": "info",
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
    }
    return orjson.dumps(entry)
