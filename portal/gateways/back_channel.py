"""Logout tokens to services: signed at the moment of sending, posted through the guarded fetcher."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from identity.gateways import FetchRefused, RemoteFetcher
from identity.oidc.back_channel import DECLINED, KIND, TAKEN, TYPE, logout_claims
from identity.oidc.keys import Keychain, KeyRing
from identity.outbox import Declined, Leased
from portal.database import Database
from portal.messages import Words


class NotTaken(Exception):
    """The service did not take the token this time; what it answered."""


class BackChannel:
    """Sends one logout token (Back-Channel Logout 1.0 section 2.5)."""

    def __init__(self, issuer: str, database: Database, fetcher: RemoteFetcher, clock: Callable[[], datetime]) -> None:
        self.issuer, self.database, self.fetcher, self.clock = issuer, database, fetcher, clock
        self.keychain = Keychain()

    def __call__(self, message: Leased, _words: Words) -> None:
        if message.kind != KIND:
            raise KeyError(message.kind)
        claims = logout_claims(self.issuer, message.id, message.attempts, message.facts, now=self.clock())
        token = self._keys().sign(claims, alg=message.facts.get("alg") or "ES256", typ=TYPE)
        try:
            status = self.fetcher.post(message.address, {"logout_token": token})
        except FetchRefused as refused:
            raise NotTaken(refused.reason) from None
        if status == DECLINED:
            raise Declined(str(status))
        if status not in TAKEN:
            raise NotTaken(str(status))

    def _keys(self) -> KeyRing:
        kept = self.keychain.kept()
        if kept is not None:
            return kept
        with self.database.session(write=False) as db:
            found = self.keychain.load(db, now=self.clock())
        if found is None:
            raise NotTaken("no-signing-key")
        return found
