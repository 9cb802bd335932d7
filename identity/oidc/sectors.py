"""Sectors: which services know a person by one and the same pairwise name (OpenID Connect Core section 8.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from urllib.parse import urlsplit

from identity.oidc.addresses import LONGEST_HOST, LOOPBACK

WEB = ("https", "http")


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
