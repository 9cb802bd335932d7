"""Requests that must not stand in addresses while somebody signs in: request objects, and very long ones.

Kept as pushed requests are. Nothing is fetched or verified twice, an object that expires in a minute does not expire
under the reader's hands, and no address grows beyond what browsers and proxies carry.
"""

from __future__ import annotations

from urllib.parse import urlencode

from joserfc.jwk import KeySet

from identity.oidc import request_object
from identity.oidc.client_keys import keys_for
from identity.oidc.clients import Client
from identity.oidc.errors import NoWayBack, ProtocolError, WayBack
from identity.oidc.pushed import is_reference, push
from identity.oidc.request import KNOWN, Origin, Parameters, client_of, read, way_back_of
from identity.oidc.request_object import Unwrapped, unwrap
from portal.database import db
from portal.oidc.asking import AUTHORIZE
from portal.oidc.provider import find_client_apart, key_ring, provider, read_id_token
from portal.services import now, services

LONG = 1_500
"""Characters. On its way through sign-in an address stands in another one, where each of its signs takes up to five."""


def place_to_keep(sent: Parameters) -> str | None:
    """Where the request goes on, once it is kept; None for one that may stay in the address."""
    if brings_object(sent):
        return keep_object(sent)
    size = sum(len(value) for name, values in sent.items() if name in KNOWN for value in values)
    if size > LONG and not is_reference(sent.get("request_uri", ())):
        return _keep_long(sent)
    return None


def brings_object(sent: Parameters) -> bool:
    """Whether the request comes as an object, by value or by a reference that is not ours."""
    references = [value for value in sent.get("request_uri", ()) if value]
    return any(sent.get("request", ())) or (bool(references) and not is_reference(references))


def keep_object(sent: Parameters) -> str:
    """Where the request goes on once its object is opened. Slow work comes first, the write last."""
    key_ring()
    client = client_of(sent, find_client_apart)
    try:
        unwrapped = open_object(_token(sent, client), sent, client)
    except ProtocolError as error:
        error.way_back = _outer_way_back(sent, client)
        error.client = client
        raise
    return _kept(client, unwrapped.parameters, Origin("object", unwrapped.is_signed))


def _keep_long(sent: Parameters) -> str:
    key_ring()
    client = client_of(sent, find_client_apart)
    return _kept(client, {name: values for name, values in sent.items() if name in KNOWN}, Origin())


def _kept(client: Client, asked: Parameters, origin: Origin) -> str:
    read(asked, find_client=lambda _: client, read_id_token=read_id_token, origin=origin)
    life = provider().lifetimes.pushed
    reference = push(db, client, asked, source=origin.source, is_signed=origin.is_signed, life=life, now=now())
    return f"{AUTHORIZE}?{urlencode({'client_id': client.client_id, 'request_uri': reference})}"


def open_object(token: str, sent: Parameters, client: Client) -> Unwrapped:
    """What stands in the object, verified with the client's keys."""

    def find_keys(fresh: bool) -> KeySet:
        return keys_for(client, services().fetcher, fresh=fresh)

    return unwrap(sent, token, client, issuer=provider().issuer, find_keys=find_keys, now=now())


def _token(sent: Parameters, client: Client) -> str:
    """The one object that the request brings."""
    values, references = ([v for v in sent.get(name, ()) if v] for name in ("request", "request_uri"))
    if len(values) + len(references) != 1:
        words = "A request brings one request object, in request or in request_uri"
        raise ProtocolError("invalid_request", words, rule="RFC 9101 section 5")
    return values[0] if values else request_object.fetch(references[0], client, services().fetcher)


def _outer_way_back(sent: Parameters, client: Client) -> WayBack | None:
    """An object that cannot be read is told to a registered address outside it, where there is one."""
    try:
        return way_back_of(sent, client)
    except NoWayBack:
        return None
