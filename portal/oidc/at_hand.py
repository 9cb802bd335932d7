"""The public documents, answered before the framework: what it said to the first caller is said to the next.

Every relying party reads discovery and keys, and the frame around a view costs ten times what sending 2 KB does. An
answer is kept exactly as long as the key ring that it was made with; a question with anything special about it (a
query, an origin, a condition) is left to the framework.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

from flask import Flask

from identity.oidc.keys import KeyRing
from identity.oidc.provider import Provider
from portal.oidc.documents import DISCOVERY, JWKS, OAUTH_METADATA
from portal.request_log import REQUEST_ID, ROUTE
from portal.security.proxies import Application

PATHS = frozenset({DISCOVERY, OAUTH_METADATA, JWKS})
SPECIAL = ("HTTP_ORIGIN", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE")
Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, and the key ring of that moment."""

    ring: KeyRing
    headers: Headers
    body: bytes


class AtHand:
    """WSGI middleware."""

    def __init__(self, app: Flask, application: Application) -> None:
        self.app, self.application = app, application
        self.said: dict[str, Said] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path not in PATHS or environ["REQUEST_METHOD"] != "GET" or _is_special(environ):
            return self.application(environ, start_response)
        said = self.said.get(path)
        if said is None or said.ring is not self._ring():
            return self._ask(path, environ, start_response)
        environ[ROUTE] = path
        start_response("200 OK", [*said.headers, (REQUEST_ID, uuid4().hex[:16])])
        return [said.body]

    def _ask(self, path: str, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answered: list[tuple[str, Headers]] = []

        def note(status: str, headers: Headers, *failure: Any) -> Any:
            answered[:] = [(status, headers)]
            return start_response(status, headers, *failure)

        body = list(self.application(environ, note))
        ring, (status, headers) = self._ring(), answered[0]
        if ring is not None and status == "200 OK" and _is_for_everybody(headers):
            lasting = [(name, value) for name, value in headers if name != REQUEST_ID]
            self.said[path] = Said(ring, lasting, b"".join(body))
        return body

    def _ring(self) -> KeyRing | None:
        provider = cast(Provider | None, self.app.extensions.get("oidc"))
        return None if provider is None else provider.keychain.kept()


def _is_special(environ: dict[str, Any]) -> bool:
    return bool(environ.get("QUERY_STRING")) or any(name in environ for name in SPECIAL)


def _is_for_everybody(headers: Headers) -> bool:
    """Questions with an origin never come here, so an answer that varies by it alone is the same for all others."""
    said = {name.lower(): value.lower() for name, value in headers}
    return "set-cookie" not in said and said.get("vary", "origin") == "origin"
