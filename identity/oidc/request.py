"""The authorization request: one typed, frozen object, read once, failing closed (OpenID Connect Core section 3.1.2.1).

Parameters that we do not know are ignored, as the specification asks; known ones with a value that we do not know,
twice over, or of a feature that we do not offer are refused. Nobody is redirected before client and address are known
good.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from identity.oidc import grammar
from identity.oidc.acr import lowest
from identity.oidc.claims import items_of_scopes
from identity.oidc.claims_request import read_claims
from identity.oidc.clients import Client
from identity.oidc.errors import QUERY, NoWayBack, ProtocolError, WayBack
from identity.oidc.grammar import (
    CHALLENGE_METHODS,
    DISPLAYS,
    KNOWN,
    PROMPTS,
    RESPONSE_MODES,
    RESPONSE_TYPES,
    Parameters,
)

__all__ = [
    "CHALLENGE_METHODS",
    "DISPLAYS",
    "KNOWN",
    "PROMPTS",
    "RESPONSE_MODES",
    "RESPONSE_TYPES",
    "AuthorizationRequest",
    "FindClient",
    "Origin",
    "Parameters",
    "read",
    "way_back_of",
]

Source = Literal["query", "object", "pushed"]
FindClient = Callable[[str], Client | None]
ReadToken = Callable[[str], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Origin:
    """How a request came: in the address, in a request object, or pushed.

    `row` is where it is kept meanwhile, `is_held` whether it is kept for the browser that opened it.
    """

    source: Source = "query"
    is_signed: bool = False
    row: UUID | None = None
    is_held: bool = False


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
    meant_subjects: tuple[frozenset[str], ...] = ()
    """Whom `id_token_hint` and each claims request for `sub` insist on: the person has to be one of each."""
    login_hint: str = ""
    ui_locales: tuple[str, ...] = ()
    display: str = "page"
    resources: tuple[str, ...] = ()
    dpop_jkt: str | None = None
    origin: Origin = Origin()

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

    @property
    def response_mode(self) -> str:
        return self.way_back.mode

    @property
    def request_source(self) -> Source:
        return self.origin.source


def read(
    parameters: Parameters, *, find_client: FindClient, read_id_token: ReadToken, origin: Origin = Origin()
) -> AuthorizationRequest:
    """The request, or `NoWayBack` (tell the person), or `ProtocolError` (tell the client)."""
    sent = {name: [value for value in values if value] for name, values in parameters.items() if name in KNOWN}
    client = client_of(sent, find_client)
    way_back = way_back_of(sent, client)
    try:
        return _read(sent, client, way_back, read_id_token, origin)
    except ProtocolError as error:
        error.way_back = way_back
        raise


def client_of(sent: Parameters, find_client: FindClient) -> Client:
    """The open client that the request names, once."""
    ids = sent.get("client_id", ())
    if len(ids) != 1:
        raise NoWayBack("client-missing" if not ids else "parameter-twice")
    client = find_client(ids[0])
    if client is None:
        raise NoWayBack("client-unknown")
    return client


def way_back_of(sent: Parameters, client: Client) -> WayBack:
    """Where answers go: an address at which this client may be answered."""
    addresses, states, modes = (sent.get(name, ()) for name in ("redirect_uri", "state", "response_mode"))
    if len(addresses) != 1:
        raise NoWayBack("address-missing" if not addresses else "parameter-twice", client)
    if not client.may_be_answered_at(addresses[0]):
        raise NoWayBack("address-not-registered", client)
    if any(len(state) > grammar.LONGEST for state in states):  # an answer that carries it gets through no proxy
        raise NoWayBack("state-too-long", client)
    mode = modes[0] if len(modes) == 1 and modes[0] in client.rules.response_modes else QUERY
    return WayBack(addresses[0], states[0] if len(states) == 1 else None, mode, client)


def _read(
    sent: Parameters, client: Client, way_back: WayBack, read_id_token: ReadToken, origin: Origin
) -> AuthorizationRequest:
    one = grammar.singles(sent)
    _check_profile(one, client, origin)
    grammar.check_response(one, client)
    scopes, claims = grammar.scopes(one, client), read_claims(one.get("claims"), client)
    return AuthorizationRequest(
        client=client,
        way_back=way_back,
        scopes=scopes,
        nonce=grammar.nonce(one),
        code_challenge=grammar.code_challenge(one, client),
        prompts=grammar.prompts(one),
        max_age=grammar.max_age(one, client),
        acr_values=claims.acr_values or tuple(one.get("acr_values", "").split()) or client.default_acr_values,
        acr_essential=claims.acr_essential,
        userinfo_items=(frozenset(items_of_scopes(scopes)) & client.items.keys()) | claims.userinfo_items,
        id_token_items=claims.id_token_items,
        meant_subjects=_hinted(one, client, read_id_token) + claims.subjects,
        login_hint=one.get("login_hint", ""),
        ui_locales=grammar.languages(one),
        display=grammar.one_of(one, "display", DISPLAYS) or "page",
        resources=grammar.resources(sent.get("resource", ()), client),
        dpop_jkt=grammar.dpop_jkt(one),
        origin=origin,
    )


def _check_profile(one: dict[str, str], client: Client, origin: Origin) -> None:
    """The way by which this client must send its requests."""
    if "request" in one or "request_uri" in one:
        words = "A request object was sent where none is read"
        raise ProtocolError("invalid_request", words, rule="RFC 9101 section 4, RFC 9126 section 2.1")
    if (client.rules.pushed_only or client.require_pushed_authorization_requests) and origin.source != "pushed":
        rule = "RFC 9126 section 5, FAPI 2.0 Security Profile section 5.3.2.2"
        raise ProtocolError("invalid_request", "This client must push its requests", rule=rule)
    if client.require_signed_request_object and not origin.is_signed:
        words = "This client must send signed request objects"
        raise ProtocolError("invalid_request", words, rule="RFC 9101 section 10.5")


def _hinted(one: dict[str, str], client: Client, read_id_token: ReadToken) -> tuple[frozenset[str], ...]:
    """The subject of an ID token that we once gave this client; its expiry does not matter (Core section 3.1.2.1)."""
    if "id_token_hint" not in one:
        return ()
    claims = read_id_token(one["id_token_hint"])
    if claims is None or claims.get("aud") != client.client_id:
        words = "The id_token_hint is not an ID token that this client got from us"
        raise ProtocolError("invalid_request", words, rule=grammar.CORE)
    return (frozenset({str(claims["sub"])}),)
