"""A signing key that somebody else may hold is withdrawn: out of the JWKS at once, and what it signed counts no longer.

Whoever holds it can write ID tokens in our name, so there are no two days of grace here. In one transaction the key
ends and another signs: the next one, which relying parties have known for days, or a fresh one if that leaked too.
What it signed is refused wherever we read it (hints, signed access tokens at introspection), for `published` no longer
lists it. Nothing that is not signed (references, refresh tokens, sessions) ends. What relying parties must do
themselves stands in docs/integrating.md, and an operator tells them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.oidc.keys import LEAD, TURN, SigningKey, in_turn, keep_ahead, lines, make, next_of
from identity.turns import take_turns

SHOWN = timedelta(days=90)
"""For how long operators are reminded of it."""


class Reason(StrEnum):
    """Why a key is withdrawn."""

    LEAKED = "leaked"
    SUSPECTED = "suspected"
    WEAK = "weak"


def withdraw(
    db: Session, kids: Collection[str], reason: Reason, actor: Actor, *, now: datetime
) -> tuple[list[SigningKey], list[SigningKey]]:
    """Withdraw these keys, all or none; returns them and the keys that took their place.

    Refused "key-unknown" for a `kid` that is none of ours, "key-withdrawn" for one that was withdrawn before.
    """
    take_turns(db, TURN)
    every = lines(db)
    rows = [row for line in every.values() for row in line if row.kid in kids]
    if not kids or {row.kid for row in rows} != set(kids):
        raise Refused("key-unknown")
    if any(row.withdrawn_at is not None for row in rows):
        raise Refused("key-withdrawn")
    for row in rows:
        row.withdrawn_at, row.withdrawn_because = now, reason.value
        subject = ("signing-key", row.id)
        record(db, Event.SIGNING_KEY_WITHDRAWN, actor, now=now, subject=subject, kid=row.kid, because=reason.value)
    db.flush()
    algorithms = [algorithm for algorithm, line in every.items() if _signing(line, now) in rows]
    successors = [_let_another_sign(db, algorithm, actor, now=now) for algorithm in algorithms]
    keep_ahead(db, now=now)
    return rows, successors


def withdrawn(db: Session, *, now: datetime) -> list[SigningKey]:
    """What was withdrawn lately, the newest first."""
    lately = select(SigningKey).where(SigningKey.withdrawn_at > now - SHOWN)
    return list(db.scalars(lately.order_by(SigningKey.withdrawn_at.desc(), SigningKey.algorithm)))


def _signing(line: list[SigningKey], now: datetime) -> SigningKey:
    return [row for row in in_turn(line) if row.active_from <= now][-1]


def _let_another_sign(db: Session, algorithm: str, actor: Actor, *, now: datetime) -> SigningKey:
    line = lines(db)[algorithm]
    following = next_of(line, now)
    if following is None:
        make(db, algorithm, line[-1].number + 1, active_from=now + LEAD, now=now)
        following = next_of(lines(db)[algorithm], now)  # ours, or what a worker has made meanwhile
    if following is None:
        raise RuntimeError("the next key was to be made")
    following.active_from = now
    db.flush()
    subject = ("signing-key", following.id)
    record(db, Event.SIGNING_KEY_ROTATED, actor, now=now, subject=subject, kid=following.kid)
    return following
