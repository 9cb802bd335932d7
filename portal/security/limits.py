"""Rate limits at the edge (Flask-Limiter): in memory for one process, in Redis for several.

Sign-in and one-time-code failures are counted in the business transaction (`identity.credentials`), not here.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, request
from flask_limiter import Limiter

from portal.frame import only_for
from portal.settings import Settings


def client_address() -> str:
    """The caller's address, after the trusted proxies (`portal.security.proxies`)."""
    return request.remote_addr or "unknown"


class _Limited:
    """The endpoints whose view has a limit."""

    def __contains__(self, endpoint: str | None) -> bool:
        return getattr(current_app.view_functions.get(endpoint or ""), "has_limit", False)


class EdgeLimiter(Limiter):
    """Looks at a request only where its view has a limit: for all others the search cost a quarter of the frame."""

    def limit(self, *rules: Any, **options: Any) -> Any:
        decorate = super().limit(*rules, **options)

        def mark(view: Any) -> Any:
            limited = decorate(view)
            limited.has_limit = True
            return limited

        return mark

    @only_for(_Limited())
    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        super()._check_request_limit(callable_name, in_middleware)


limiter = EdgeLimiter(client_address, headers_enabled=True)


def init(app: Flask, settings: Settings) -> None:
    """Switch the limits on."""
    app.config.update(
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(settings.redis_url),
    )
    limiter.init_app(app)
