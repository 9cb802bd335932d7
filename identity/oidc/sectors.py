"""Sectors: which services know a person by one and the same pairwise name (OpenID Connect Core section 8.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Protocol
from urllib.parse import urlsplit

from identity.base import Refused
from identity.oidc.addresses import LONGEST_HOST, LOOPBACK

WEB = ("https", "http")


class Addressed(Protocol):
    """As much of a client, or of a wish to register one, as its sector goes by."""

    @property
    def client_id(self) -> str: ...
    @property
    def application_type(self) -> str: ...
    @property
    def redirect_uris(self) -> tuple[str, ...]: ...
    @property
    def subject_type(self) -> str: ...


def sector_by(said: Addressed, named: str = "") -> str:
    """That of the redirect addresses (Core section 8.1). Refused `client-sector-needed`: several need a named one."""
    found = sectors_of(said.redirect_uris, said.application_type, said.client_id)
    if len(found) > 1 and said.subject_type == "pairwise" and not named:
        raise Refused("client-sector-needed", field="sector_identifier_uri")
    return named or min(found, default=own_sector(said.client_id))


def sectors_of(addresses: Iterable[str], kind: str, client_id: str) -> set[str]:
    """The sectors of redirect addresses; more than one needs a sector that is named."""
    return {_sector_of(address, kind, client_id) for address in addresses}


def own_sector(client_id: str) -> str:
    """The sector of a client that shares none; the colon keeps it apart from every host."""
    own = f"client:{client_id}"
    return own if len(own) <= LONGEST_HOST else f"client:{hashlib.sha256(client_id.encode()).hexdigest()}"


def _sector_of(address: str, kind: str, client_id: str) -> str:
    """The host, where the address proves one.

    What stands for the host behind a private-use scheme is anybody's to write, so there the scheme counts, which is
    its owner's (RFC 8252 section 7.1). The loopback of a native application is every application's.
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:  # refused where addresses are
        return ""
    if parts.scheme not in WEB:
        return f"scheme:{parts.scheme}"
    return own_sector(client_id) if kind == "native" and host in LOOPBACK else host
