"""Forwarded headers are believed from `TRUSTED_PROXIES` only and stripped from everybody else."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_FORWARDED",
    "HTTP_X_CLIENT_CERT",
    "HTTP_X_CLIENT_VERIFY",
)
NEVER = ("HTTP_X_SSL_CERT", "HTTP_X_SSL_VERIFY")
"""Other proxies' names for a client certificate: no proxy of ours sets them, so whoever sent them is a stranger."""
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class TrustedProxies:
    """WSGI middleware."""

    def __init__(self, application: Application, trusted: tuple[str, ...]) -> None:
        self.networks = [ipaddress.ip_network(entry, strict=False) for entry in trusted]
        self.plain = application
        self.fixed = ProxyFix(application, x_for=1, x_proto=1, x_host=1, x_port=1)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        for name in NEVER:
            environ.pop(name, None)
        if self._is_trusted(environ.get("REMOTE_ADDR", "")):
            return self.fixed(environ, start_response)
        for name in FORWARDED:
            environ.pop(name, None)
        return self.plain(environ, start_response)

    def _is_trusted(self, address: str) -> bool:
        if not self.networks:
            return False
        try:
            caller = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(caller in network for network in self.networks)
