"""Challenges that need no row until they are answered: random, dated, and marked with our key for one purpose."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from identity.either_key import same
from identity.vault import Vault

RANDOM, DATE, MARK = 16, 8, 32


def make(keys: Vault, purpose: str, subject: UUID | None, *, now: datetime, life: timedelta) -> bytes:
    """56 bytes: 128 random bits, when it ends, and the mark."""
    plain = secrets.token_bytes(RANDOM) + int((now + life).timestamp()).to_bytes(DATE, "big")
    return plain + _mark(keys, purpose, subject, plain)


def is_ours(keys: Vault, purpose: str, subject: UUID | None, challenge: bytes, *, now: datetime) -> bool:
    """Whether we made it for this purpose and subject and its time is not over. Spending it is the caller's."""
    plain, mark = challenge[:-MARK], challenge[-MARK:]
    if len(plain) != RANDOM + DATE or not same(mark, _mark(keys, purpose, subject, plain)):
        return False
    return now.timestamp() < int.from_bytes(plain[RANDOM:], "big")


def _mark(keys: Vault, purpose: str, subject: UUID | None, plain: bytes) -> bytes:
    return keys.digest(f"challenge:{purpose}", f"{subject}:{plain.hex()}")
