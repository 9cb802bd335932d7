"""How the provider says no to a program (RFC 6749 sections 4.1.2.1 and 5.2) and to a person who cannot be sent back."""

from __future__ import annotations

from dataclasses import dataclass

from authlib.oauth2 import OAuth2Error

from identity.oidc.clients import Client


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where an authorization answer goes: a redirect address that was checked against the client, and its state."""

    redirect_uri: str
    state: str | None = None


class ProtocolError(OAuth2Error):  # type: ignore[misc]
    """An answer that a client's developer can act on. Descriptions are ours, never an echo of what was sent."""

    def __init__(self, error: str, description: str, *, status: int = 400, way_back: WayBack | None = None) -> None:
        super().__init__(description=description, status_code=status, error=error)
        self.way_back = way_back


class NoWayBack(Exception):
    """The client or its redirect address is not known to be right: the person is told, nobody is redirected.

    RFC 6749 section 4.1.2.1. `reason` is a closed, kebab-case name; `client` is given when it is known, so that the
    page can say which organisation to tell.
    """

    def __init__(self, reason: str, client: Client | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.client = client
