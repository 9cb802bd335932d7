"""RP-initiated logout: where the person may be sent afterwards (OpenID Connect RP-Initiated Logout 1.0).

The person is always asked first. Section 2 demands it unless the hint belongs to this very session, and advises it even
then: leaving one service is not leaving the electronic identity, and a link in a stranger's mail signs nobody out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from identity.oidc.clients import Client
from identity.oidc.errors import NoWayBack
from identity.oidc.grammar import LONGEST

KNOWN = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state", "logout_hint", "ui_locales")


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """What a relying party asks when a person leaves it."""

    client: Client | None
    redirect_uri: str | None
    state: str | None
    ui_locales: tuple[str, ...]

    @property
    def way_back(self) -> str | None:
        """The registered address with the state that was sent (section 3)."""
        if self.redirect_uri is None or self.state is None:
            return self.redirect_uri
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        return f"{self.redirect_uri}{joint}{urlencode({'state': self.state})}"


def read(
    parameters: Mapping[str, Sequence[str]],
    *,
    find_client: Callable[[str], Client | None],
    read_id_token: Callable[[str], dict[str, Any] | None],
) -> LogoutRequest:
    """The request, or `NoWayBack`: nobody is sent to an address that is not registered for the client (section 3).

    The hint may be expired and may be of a session long over. `logout_hint` decides nothing: whoever reads the page can
    end their own session only.
    """
    sent = {name: [value for value in parameters.get(name, ()) if value] for name in KNOWN}
    if any(len(values) > 1 for values in sent.values()):
        raise NoWayBack("parameter-twice")
    one = {name: values[0] for name, values in sent.items() if values}
    hint = _hint(one, read_id_token)
    client_id = one.get("client_id") or hint.get("aud")
    if hint and client_id != hint.get("aud"):
        raise NoWayBack("hint-of-another-client")
    client = find_client(client_id) if isinstance(client_id, str) else None
    if client_id and client is None:
        raise NoWayBack("client-unknown")
    if len(one.get("state", "")) > LONGEST:
        raise NoWayBack("state-too-long", client)
    return LogoutRequest(
        client=client,
        redirect_uri=_address(one.get("post_logout_redirect_uri"), client),
        state=one.get("state"),
        ui_locales=tuple(one.get("ui_locales", "").split()),
    )


def _hint(one: dict[str, str], read_id_token: Callable[[str], dict[str, Any] | None]) -> dict[str, Any]:
    if "id_token_hint" not in one:
        return {}
    claims = read_id_token(one["id_token_hint"])
    if claims is None:
        raise NoWayBack("hint-invalid")
    return claims


def _address(address: str | None, client: Client | None) -> str | None:
    if address is None:
        return None
    if client is None:
        raise NoWayBack("client-missing")
    if address not in client.post_logout_redirect_uris:
        raise NoWayBack("address-not-registered", client)
    return address
