"""The provider of this process and the keys of this moment."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, cast

from flask import current_app

from identity.oidc.clients import Client
from identity.oidc.id_token import read_hint
from identity.oidc.keys import KeyRing, keep_ahead
from identity.oidc.provider import Lifetimes, Provider
from portal.database import database, db, peek
from portal.services import now, services

# At DEBUG this logger prints access tokens.
logging.getLogger("authlib").setLevel(logging.WARNING)


def provider() -> Provider:
    """Made at the first request, kept for the life of the process."""
    found = current_app.extensions.get("oidc")
    if found is None:
        settings = services().settings
        lives = Lifetimes(
            code=timedelta(seconds=settings.code_seconds), pushed=timedelta(seconds=settings.pushed_seconds)
        )
        found = current_app.extensions.setdefault("oidc", Provider(settings.issuer, lives))
    return cast(Provider, found)


def key_ring() -> KeyRing:
    """The signing keys. Ask before the view's first statement: the very first request makes them in its own write."""
    keychain = provider().keychain
    kept = keychain.kept()
    if kept is not None:
        return kept
    with peek() as look:
        found = keychain.load(look, now=now())
    if found is None:
        with database().transaction() as write:
            keep_ahead(write, now=now())
        with peek() as look:
            found = keychain.load(look, now=now())
    if found is None:
        raise RuntimeError("no signing key could be made")
    return found


def find_client(client_id: str) -> Client | None:
    """The open client of this id."""
    return provider().clients.find(db, client_id)


def find_client_apart(client_id: str) -> Client | None:
    """The same before this request's transaction begins: slow work may follow."""
    clients = provider().clients
    kept = clients.kept(client_id)
    if kept is not None:
        return kept
    with peek() as look:
        return clients.find(look, client_id)


def read_id_token(token: str) -> dict[str, Any] | None:
    """The claims of an ID token that we signed."""
    return read_hint(provider(), key_ring(), token)
