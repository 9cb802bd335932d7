"""The authorization request: one typed, frozen object, read once, failing closed (OpenID Connect Core section 3.1.2.1).

Parameters that we do not know are ignored, as the specification asks; known ones with a value that we do not know,
twice over, or of a feature that we do not offer are refused. Nobody is redirected before client and address are known
good.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from identity.oidc.acr import lowest
from identity.oidc.claims import SCOPES, items_of_claims, items_of_scopes
from identity.oidc.clients import Client
from identity.oidc.errors import NoWayBack, ProtocolError, WayBack

Parameters = Mapping[str, Sequence[str]]
RESPONSE_TYPES = ("code",)
RESPONSE_MODES = ("query",)
CHALLENGE_METHODS = ("S256",)
PROMPTS = ("none", "login", "consent", "select_account")
DISPLAYS = ("page", "popup", "touch", "wap")
REFUSED_PARAMETERS = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
    "resource": "invalid_target",
    "authorization_details": "invalid_authorization_details",
    "dpop_jkt": "invalid_request",
}
KNOWN = {
    *("client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "display", "prompt"),
    *("max_age", "ui_locales", "id_token_hint", "login_hint", "acr_values", "claims"),
    *("code_challenge", "code_challenge_method", *REFUSED_PARAMETERS),
}
LONGEST = 8_000
LONGEST_NONCE = 512
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a relying party asks, checked against its registration."""

    client: Client
    way_back: WayBack
    scopes: tuple[str, ...]
    nonce: str | None = None
    code_challenge: str | None = None
    prompts: frozenset[str] = frozenset()
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    acr_essential: bool = False
    userinfo_items: frozenset[str] = frozenset()
    id_token_items: frozenset[str] = frozenset()
    hinted_subjects: frozenset[str] = frozenset()
    """Subjects that `id_token_hint` and a claims request for `sub` insist on; more than one can never be met."""
    login_hint: str = ""
    ui_locales: tuple[str, ...] = ()

    @property
    def items(self) -> frozenset[str]:
        """Everything a person must have agreed to before it is answered."""
        return self.userinfo_items | self.id_token_items

    @property
    def least_aal(self) -> int:
        """The authentication level asked for; without a word, what the client was registered with (level 2)."""
        return lowest(self.acr_values) or self.client.least_aal

    @property
    def is_silent(self) -> bool:
        return "none" in self.prompts


def read(
    parameters: Parameters,
    *,
    find_client: Callable[[str], Client | None],
    read_id_token: Callable[[str], dict[str, Any] | None],
) -> AuthorizationRequest:
    """The request, or `NoWayBack` (tell the person), or `ProtocolError` (tell the client)."""
    sent = {name: [value for value in values if value] for name, values in parameters.items() if name in KNOWN}
    client, redirect_uri = _checked_client(sent, find_client)
    states = sent.get("state", ())
    way_back = WayBack(redirect_uri, states[0] if len(states) == 1 else None)
    try:
        return _read(_singles(sent), client, way_back, read_id_token)
    except ProtocolError as error:
        error.way_back = way_back
        raise


def _checked_client(
    sent: Mapping[str, Sequence[str]], find_client: Callable[[str], Client | None]
) -> tuple[Client, str]:
    ids, addresses = sent.get("client_id", ()), sent.get("redirect_uri", ())
    if len(ids) != 1:
        raise NoWayBack("client-missing" if not ids else "parameter-twice")
    client = find_client(ids[0])
    if client is None:
        raise NoWayBack("client-unknown")
    if len(addresses) != 1:
        raise NoWayBack("address-missing" if not addresses else "parameter-twice", client)
    if addresses[0] not in client.redirect_uris:
        raise NoWayBack("address-not-registered", client)
    return client, addresses[0]


def _singles(sent: Mapping[str, Sequence[str]]) -> dict[str, str]:
    twice = sorted(name for name, values in sent.items() if len(values) > 1)
    if twice:
        raise ProtocolError("invalid_request", f"The parameter {twice[0]} was sent more than once")
    for name, error in REFUSED_PARAMETERS.items():
        if sent.get(name):
            raise ProtocolError(error, f"The parameter {name} is not supported")
    if any(len(values[0]) > LONGEST for values in sent.values() if values):
        raise ProtocolError("invalid_request", "A parameter is too long")
    return {name: values[0] for name, values in sent.items() if values}


def _read(
    sent: dict[str, str],
    client: Client,
    way_back: WayBack,
    read_id_token: Callable[[str], dict[str, Any] | None],
) -> AuthorizationRequest:
    if sent.get("response_type") not in RESPONSE_TYPES:
        error = "unsupported_response_type" if "response_type" in sent else "invalid_request"
        raise ProtocolError(error, "The response_type must be code")
    if "authorization_code" not in client.grant_types:
        raise ProtocolError("unauthorized_client", "This client is not registered for the authorization code grant")
    _one_of(sent, "response_mode", RESPONSE_MODES)
    _one_of(sent, "display", DISPLAYS)
    scopes = _scopes(sent, client)
    asked = AuthorizationRequest(
        client=client,
        way_back=way_back,
        scopes=scopes,
        nonce=_nonce(sent),
        code_challenge=_code_challenge(sent, client),
        prompts=_prompts(sent),
        max_age=_max_age(sent),
        acr_values=tuple(sent.get("acr_values", "").split()),
        userinfo_items=frozenset(items_of_scopes(scopes)) & client.items.keys(),
        hinted_subjects=_hinted(sent, client, read_id_token),
        login_hint=sent.get("login_hint", ""),
        ui_locales=tuple(tag for tag in sent.get("ui_locales", "").split() if LANGUAGE.fullmatch(tag)),
    )
    return _with_claims(asked, sent["claims"]) if "claims" in sent else asked


def _one_of(sent: dict[str, str], name: str, allowed: Sequence[str]) -> None:
    if name in sent and sent[name] not in allowed:
        raise ProtocolError("invalid_request", f"The {name} must be one of: {', '.join(allowed)}")


def _scopes(sent: dict[str, str], client: Client) -> tuple[str, ...]:
    """Scopes that nobody here knows are ignored (Core section 3.1.2.1); known ones must be registered."""
    known = tuple(dict.fromkeys(scope for scope in sent.get("scope", "").split() if scope in SCOPES))
    if "openid" not in known:
        raise ProtocolError("invalid_scope", "The scope must contain openid")
    if not set(known) <= set(client.scopes):
        raise ProtocolError("invalid_scope", "The client is not registered for one of the scopes")
    return known


def _nonce(sent: dict[str, str]) -> str | None:
    nonce = sent.get("nonce")
    if nonce is not None and (len(nonce) > LONGEST_NONCE or not nonce.isprintable()):
        raise ProtocolError("invalid_request", f"The nonce must be printable, at most {LONGEST_NONCE} characters")
    return nonce


def _code_challenge(sent: dict[str, str], client: Client) -> str | None:
    """S256 only (RFC 7636, RFC 9700 section 2.1.1); a missing method would mean `plain`."""
    challenge, method = sent.get("code_challenge"), sent.get("code_challenge_method")
    if challenge is None and method is None:
        if client.pkce_required:
            raise ProtocolError("invalid_request", "PKCE is required: send code_challenge with method S256")
        return None
    if method not in CHALLENGE_METHODS or not CHALLENGE.fullmatch(challenge or ""):
        raise ProtocolError("invalid_request", "The code_challenge must be 43 characters with method S256")
    return challenge


def _prompts(sent: dict[str, str]) -> frozenset[str]:
    prompts = frozenset(sent.get("prompt", "").split())
    if not prompts <= set(PROMPTS) or ("none" in prompts and len(prompts) > 1):
        raise ProtocolError("invalid_request", "The prompt is unknown, or none was sent together with another")
    return prompts


def _max_age(sent: dict[str, str]) -> int | None:
    value = sent.get("max_age")
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise ProtocolError("invalid_request", "The max_age must be a number of seconds")
    return int(value)


def _hinted(
    sent: dict[str, str], client: Client, read_id_token: Callable[[str], dict[str, Any] | None]
) -> frozenset[str]:
    """The subject of an ID token that we once gave this client; its expiry does not matter (Core section 3.1.2.1)."""
    if "id_token_hint" not in sent:
        return frozenset()
    claims = read_id_token(sent["id_token_hint"])
    if claims is None or claims.get("aud") != client.client_id:
        raise ProtocolError("invalid_request", "The id_token_hint is not an ID token that this client got from us")
    return frozenset({str(claims["sub"])})


def _with_claims(asked: AuthorizationRequest, text: str) -> AuthorizationRequest:
    """Single claims, an essential `acr`, and a demanded `sub` (Core section 5.5)."""
    wanted = _claims_object(text)
    userinfo, id_token = wanted.get("userinfo", {}), wanted.get("id_token", {})
    allowed = asked.client.items.keys()
    subjects = {value for part in (userinfo, id_token) for value in _values(part.get("sub"))}
    acr = id_token.get("acr")
    essential = acr is not None and acr.get("essential") is True
    return replace(
        asked,
        userinfo_items=asked.userinfo_items | (items_of_claims(userinfo) & allowed),
        id_token_items=frozenset(items_of_claims(id_token) & allowed),
        hinted_subjects=asked.hinted_subjects | subjects,
        acr_values=_values(acr) or asked.acr_values,
        acr_essential=essential,
    )


def _claims_object(text: str) -> dict[str, dict[str, Any]]:
    try:
        wanted = orjson.loads(text)
    except orjson.JSONDecodeError:
        wanted = None
    if not isinstance(wanted, dict):
        raise ProtocolError("invalid_request", "The claims parameter must be a JSON object")
    for part in ("userinfo", "id_token"):
        members = wanted.setdefault(part, {})
        if not isinstance(members, dict) or not all(v is None or isinstance(v, dict) for v in members.values()):
            raise ProtocolError("invalid_request", f"The member {part} of claims must map claims to null or an object")
    return wanted


def _values(demand: dict[str, Any] | None) -> tuple[str, ...]:
    if not demand:
        return ()
    several = demand.get("values", [demand["value"]] if "value" in demand else [])
    if not isinstance(several, list) or not all(isinstance(value, str) for value in several):
        raise ProtocolError("invalid_request", "A value in the claims parameter must be a string")
    return tuple(several)
