"""RP-initiated logout: where the person may be sent afterwards (OpenID Connect RP-Initiated Logout 1.0).

The person is always asked first (section 2): a link in a stranger's mail must not sign anybody out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from identity.oidc.clients import Client
from identity.oidc.errors import NoWayBack
from identity.oidc.subjects import sid_for
from identity.vault import Vault

KNOWN = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state", "logout_hint", "ui_locales")


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """What a relying party asks when a person leaves it."""

    client: Client | None
    redirect_uri: str | None
    state: str | None
    sid: str | None
    ui_locales: tuple[str, ...]

    def is_about(self, keys: Vault, session_id: UUID) -> bool:
        """Whether it names this very session; a request that names none is about whoever reads it."""
        return self.sid is None or self.client is None or self.sid == sid_for(keys, session_id, self.client)


def read(
    parameters: Mapping[str, Sequence[str]],
    *,
    find_client: Callable[[str], Client | None],
    read_id_token: Callable[[str], dict[str, Any] | None],
) -> LogoutRequest:
    """The request, or `NoWayBack`: nobody is sent to an address that is not registered for the client (section 3)."""
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
    return LogoutRequest(
        client=client,
        redirect_uri=_address(one.get("post_logout_redirect_uri"), client),
        state=one.get("state"),
        sid=str(hint["sid"]) if "sid" in hint else None,
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
