"""The parameter `claims`: single claims, an essential level, a demanded subject (OpenID Connect Core section 5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from identity.oidc.claims import items_of_claims
from identity.oidc.clients import Client
from identity.oidc.errors import ProtocolError

RULE = "OpenID Connect Core section 5.5"
PARTS = ("userinfo", "id_token")


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """What the parameter asks. Claims that we do not know, or that the client may not have, are left out."""

    userinfo_items: frozenset[str] = frozenset()
    id_token_items: frozenset[str] = frozenset()
    subjects: tuple[frozenset[str], ...] = ()
    """Whom each demand means: one value, or any of several."""
    acr_values: tuple[str, ...] = ()
    acr_essential: bool = False


def read_claims(text: str | None, client: Client) -> ClaimsRequest:
    """The parameter, understood or refused."""
    if text is None:
        return ClaimsRequest()
    wanted = _claims_object(text)
    userinfo, id_token = wanted["userinfo"], wanted["id_token"]
    allowed = client.items.keys()
    acr = id_token.get("acr")
    return ClaimsRequest(
        userinfo_items=frozenset(items_of_claims(userinfo) & allowed),
        id_token_items=frozenset(items_of_claims(id_token) & allowed),
        subjects=tuple(frozenset(meant) for part in (userinfo, id_token) if (meant := _values(part.get("sub")))),
        acr_values=_values(acr),
        acr_essential=acr is not None and acr.get("essential") is True,
    )


def _claims_object(text: str) -> dict[str, dict[str, Any]]:
    """Both parts, each a map of claims to null or an object; other members are ignored."""
    try:
        wanted = orjson.loads(text)
    except orjson.JSONDecodeError:
        wanted = None
    if not isinstance(wanted, dict):
        raise ProtocolError("invalid_request", "The claims parameter must be a JSON object", rule=RULE)
    return {part: _part(wanted.get(part), part) for part in PARTS}


def _part(members: Any, part: str) -> dict[str, Any]:
    members = {} if members is None else members
    if not isinstance(members, dict) or not all(v is None or isinstance(v, dict) for v in members.values()):
        words = f"The member {part} of claims must map claims to null or an object"
        raise ProtocolError("invalid_request", words, rule=RULE)
    if not all(isinstance(v.get("essential", False), bool) for v in members.values() if v):
        words = "The member essential of a claim must be true or false"  # read as false it would lower a demand
        raise ProtocolError("invalid_request", words, rule=RULE)
    return members


def _values(demand: dict[str, Any] | None) -> tuple[str, ...]:
    if not demand:
        return ()
    several = demand.get("values", [demand["value"]] if "value" in demand else [])
    if not isinstance(several, list) or not all(isinstance(value, str) for value in several):
        raise ProtocolError("invalid_request", "A value in the claims parameter must be a string", rule=RULE)
    return tuple(several)
