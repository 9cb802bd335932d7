"""From which web origins a public client may call us: those to which its people are sent back (RFC 10017)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.oidc.clients import KEPT_SECONDS, Client, RelyingParty
from identity.oidc.profiles import PUBLIC

DEFAULT_PORTS = {"https": 443, "http": 80}


def origins_of(client: Client) -> frozenset[str]:
    """The origins of one client; none of a client that has secrets, which no browser could keep."""
    return _origins(client.redirect_uris) if client.auth_method == PUBLIC else frozenset()


class PublicOrigins:
    """The origins of all public clients, kept for a few seconds: a preflight does not say which client will call."""

    def __init__(self) -> None:
        self._kept: frozenset[str] = frozenset()
        self._until = 0.0

    def has(self, db: Session, origin: str) -> bool:
        """Whether some open public client lives at this origin."""
        if self._until <= time.monotonic():
            query = select(RelyingParty.redirect_uris).where(
                RelyingParty.auth_method == PUBLIC, RelyingParty.closed_at.is_(None)
            )
            self._kept = frozenset().union(*(_origins(addresses) for addresses in db.scalars(query)))
            self._until = time.monotonic() + KEPT_SECONDS
        return origin in self._kept


def _origins(addresses: Iterable[str]) -> frozenset[str]:
    return frozenset(origin for address in addresses if (origin := _origin(address)))


def _origin(address: str) -> str | None:
    """As a browser writes it (RFC 6454 section 6.2); None for an address of an application's own scheme."""
    parts = urlsplit(address)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    is_usual = parts.port in (None, DEFAULT_PORTS[parts.scheme])
    return f"{parts.scheme}://{host}" + ("" if is_usual else f":{parts.port}")
