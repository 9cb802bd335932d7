"""How the provider says no to a program (RFC 6749 sections 4.1.2.1 and 5.2) and to a person who cannot be sent back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authlib.oauth2 import OAuth2Error

if TYPE_CHECKING:
    from identity.oidc.clients import Client

QUERY = "query"
FORM_POST = "form_post"


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where an authorization answer goes: a redirect address that was checked against the client, its state, and how.

    `mode` is the response mode (OAuth 2.0 Multiple Response Types section 2.1, Form Post Response Mode section 2).
    """

    redirect_uri: str
    state: str | None = None
    mode: str = QUERY
    client: Client | None = None


class ProtocolError(OAuth2Error):  # type: ignore[misc]
    """An answer that a client's developer can act on. Descriptions are ours, never an echo of what was sent.

    `rule` names the specification and section that was broken; it goes into the log beside the request's id. `headers`
    are sent with the answer of an endpoint that programs call (a nonce, a challenge).
    """

    def __init__(
        self,
        error: str,
        description: str,
        *,
        rule: str = "",
        status: int = 400,
        headers: Mapping[str, str] | None = None,
        way_back: WayBack | None = None,
    ) -> None:
        super().__init__(description=description, status_code=status, error=error)
        self.rule = rule
        self.headers: dict[str, str] = dict(headers or {})
        self.way_back = way_back
        self.client: Client | None = None
        """Whom to name on the page when there is no way back."""

    def get_headers(self) -> list[tuple[str, str]]:
        """Authlib's headers of a JSON answer, and those of this error."""
        return [*super().get_headers(), *self.headers.items()]


class NoWayBack(Exception):
    """The client or its redirect address is not known to be right: the person is told, nobody is redirected.

    RFC 6749 section 4.1.2.1. `reason` is a closed, kebab-case name; `client` is given when it is known, so that the
    page can say which organisation to tell.
    """

    def __init__(self, reason: str, client: Client | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.client = client
