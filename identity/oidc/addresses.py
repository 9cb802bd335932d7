"""Which addresses a client may register: where answers go, what people may click, what we fetch."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import SplitResult, urlsplit

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
LONGEST = 2_000
LONGEST_SCHEME = 200
HIGHEST_PORT = 65_535
LONGEST_HOST = 253
"""In signs, without the final dot (RFC 1035 section 2.3.4)."""
REVERSE_DOMAIN = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
"""A private-use scheme is based on a domain of its owner, in reverse order (RFC 8252 section 7.1)."""
ON_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::([1-9][0-9]{0,4}))?(?=[/?]|\Z)")
"""The loopback by its number: what `localhost` leads to, a file on the device decides (RFC 8252 section 8.3)."""


def is_safe_address(address: str) -> bool:
    """An absolute https address without user or fragment; http on loopback only (RFC 9700 section 4.1)."""
    parts = _split(address)
    if parts is None or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def is_redirect_address(address: str, kind: Literal["web", "native"]) -> bool:
    """A safe address; a native application may also use a scheme of its own (RFC 8252 section 7.1)."""
    if is_safe_address(address):
        return True
    parts = _split(address)
    if kind != "native" or parts is None or len(parts.scheme) > LONGEST_SCHEME:
        return False
    return REVERSE_DOMAIN.fullmatch(parts.scheme) is not None


def is_on_this_machine(address: str) -> bool:
    """An http address that everybody's own device answers."""
    parts = _split(address)
    return parts is not None and parts.scheme == "http" and parts.hostname in LOOPBACK


def without_port(address: str) -> str | None:
    """An address on the loopback without its port, which an application gets from its system each time it asks.

    None for any other address, however much it looks like one (RFC 8252 section 7.3).
    """
    found = ON_LOOPBACK.match(address)
    if found is None or int(found[2] or 0) > HIGHEST_PORT:
        return None
    return found[1] + address[found.end() :]


def is_remote_address(address: str) -> bool:
    """An https address that we may be asked to fetch or to post to; the fetcher checks where it leads."""
    parts = _split(address)
    return parts is not None and parts.scheme == "https" and bool(parts.hostname)


def _split(address: str) -> SplitResult | None:
    """The parts of a plain address: printable ASCII, no user, no fragment; None for anything else."""
    if not address.isascii() or not address.isprintable() or len(address) > LONGEST or "\\" in address:
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if "#" in address or " " in address or "@" in parts.netloc or port == 0 or len(parts.hostname or "") > LONGEST_HOST:
        return None
    return parts
