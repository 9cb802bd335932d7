"""Rate limits at the edge (Flask-Limiter): in memory for one process, in Redis for several.

Sign-in and one-time-code failures are counted in the business transaction (`identity.credentials`), not here.
"""

from __future__ import annotations

from flask import Flask, request
from flask_limiter import Limiter

from portal.settings import Settings


def client_address() -> str:
    """The caller's address, after the trusted proxies (`portal.security.proxies`)."""
    return request.remote_addr or "unknown"


limiter = Limiter(client_address, headers_enabled=True)


def init(app: Flask, settings: Settings) -> None:
    """Switch the limits on."""
    app.config.update(
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(settings.redis_url),
    )
    limiter.init_app(app)
