"""What may happen to sessions, codes and tokens, in a few lines: `test_stateful` holds the provider against it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Any

from identity.account import Account
from identity.oidc.binding import Binding
from identity.oidc.clients import Client
from tests.identity.oidc.making import VERIFIER

GRACE = timedelta(seconds=30)
CODE_LIFE = timedelta(seconds=60)


class Seen(StrEnum):
    """What has to come about in every run; a walk that never gets there proves nothing."""

    CODE_REFUSED_TO_LOCKED = auto()
    CODE_NOT_WITHOUT_CONSENT = auto()
    CODE_REDEEMED = auto()
    CODE_REPLAYED = auto()
    CODE_EXPIRED = auto()
    CODE_BURNED = auto()
    CODE_OF_ENDED_SESSION = auto()
    CODE_OF_ANOTHER_CLIENT = auto()
    REFRESH_TURNED = auto()
    REFRESH_KEPT = auto()
    REFRESH_RETRIED = auto()
    REFRESH_REUSED = auto()
    REFRESH_DEAD = auto()
    REFRESH_OF_ANOTHER_CLIENT = auto()
    OFFLINE_AFTER_SIGN_OUT = auto()
    ACCESS_LIVE = auto()
    ACCESS_EXPIRED = auto()
    ACCESS_DEAD = auto()
    REVOKED_BY_OWNER = auto()
    REVOKED_BY_ANOTHER = auto()


@dataclass(eq=False)
class Session:
    """A browser in which somebody signed in."""

    account: Account
    opened: Any
    since: datetime
    is_open: bool = True


@dataclass(eq=False)
class Family:
    """What one code stands for and all that it buys. A code of a session that has ended buys nothing."""

    client: Client
    session: Session
    is_offline: bool
    binding: Binding | None
    asked_at: datetime
    code: str = ""
    is_used: bool = False
    is_dead: bool = False
    refresh: list[tuple[str, datetime]] = field(default_factory=list)
    """Generations, each with the moment in which it was made and its predecessor used."""
    access: list[tuple[str, datetime]] = field(default_factory=list)
    """Tokens with their ends."""

    def presented(self, own_client: bool, verifier: str, binding: Binding | None, *, now: datetime) -> Seen:
        """What becomes of the code now; the family is changed accordingly."""
        if not own_client:
            return Seen.CODE_OF_ANOTHER_CLIENT
        if self.is_used:
            self.is_dead = True  # a replay takes everything back
            return Seen.CODE_REPLAYED
        if self.is_dead:
            return Seen.CODE_OF_ENDED_SESSION
        if now >= self.asked_at + CODE_LIFE:
            return Seen.CODE_EXPIRED
        self.is_used = True
        if verifier == VERIFIER and binding == self.binding:
            return Seen.CODE_REDEEMED
        self.is_dead = True
        return Seen.CODE_BURNED

    def refreshed(self, index: int, own_client: bool, *, now: datetime) -> Seen:
        """What becomes of a refresh with this generation; the family is changed accordingly."""
        if not own_client:
            return Seen.REFRESH_OF_ANOTHER_CLIENT
        if self.is_dead or not (self.is_offline or self.session.is_open):
            return Seen.REFRESH_DEAD
        newest = len(self.refresh) - 1
        if index == newest:
            return Seen.REFRESH_TURNED if self.client.rules.rotate_refresh else Seen.REFRESH_KEPT
        if index == newest - 1 and now - self.refresh[newest][1] <= GRACE:
            return Seen.REFRESH_RETRIED
        self.is_dead = True
        return Seen.REFRESH_REUSED

    def ended_with_session(self) -> None:
        """The person signed out: what is granted for offline use and bought already goes on."""
        self.is_dead = self.is_dead or not (self.is_offline and self.is_used)


BOUGHT = frozenset({Seen.CODE_REDEEMED, Seen.REFRESH_TURNED, Seen.REFRESH_KEPT, Seen.REFRESH_RETRIED})
"""What ends with tokens."""


def missing(seen: Counter[Seen]) -> set[Seen]:
    """What did not come about."""
    return set(Seen) - set(seen)
