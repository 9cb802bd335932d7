"""The provider of one process: its name, the lives of what it issues, and what it keeps in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from identity.oidc.clients import Directory
from identity.oidc.keys import Keychain


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long things live. A code lives at most 60 seconds (FAPI 2.0 section 5.3.2.1, ASVS 5.0 V10.4.3)."""

    code: timedelta = timedelta(seconds=60)
    pushed: timedelta = timedelta(seconds=60)
    """A pushed authorization request (RFC 9126 section 2.2)."""
    access_token: timedelta = timedelta(minutes=10)
    id_token: timedelta = timedelta(minutes=10)
    online: timedelta = timedelta(hours=12)
    """A refresh token without `offline_access` ends with the sign-in session, and at the latest after this."""
    offline: timedelta = timedelta(days=90)
    grace: timedelta = timedelta(seconds=30)
    """For how long a used refresh token still answers an honest retry with the same successor."""

    def __post_init__(self) -> None:
        if not timedelta(0) < self.code <= timedelta(seconds=60):
            raise ValueError("a code lives at most 60 seconds")


@dataclass(frozen=True, slots=True)
class Provider:
    """One issuer."""

    issuer: str
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    clients: Directory = field(default_factory=Directory)
    keychain: Keychain = field(default_factory=Keychain)
