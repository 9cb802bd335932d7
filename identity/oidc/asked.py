"""The marks that a request leaves in the address to come back to: a sign-in was asked for, an account was chosen.

The address is the only memory of a half-finished authorization. Without a mark `prompt=login` would ask for ever; one
made by somebody else, for another request, another session, or long ago counts as none.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from identity.either_key import each
from identity.vault import Vault

PARAMETER, CHOSEN = "eid_asked", "eid_chosen"
MARKS = {PARAMETER, CHOSEN}
LIFE = timedelta(minutes=15)
MICRO = 1_000_000


def mark(keys: Vault, parameters: Mapping[str, Sequence[str]], *, now: datetime) -> str:
    """The value of `PARAMETER` for the address to come back to."""
    at = str(int(now.timestamp() * MICRO))
    return f"{at}.{_written(_seal(keys, parameters, at))}"


def choice(keys: Vault, parameters: Mapping[str, Sequence[str]], session_id: UUID) -> str:
    """The value of `CHOSEN`: in this session the person went on with the account that is signed in."""
    return _written(_seal(keys, parameters, f"chosen|{session_id}"))


def is_chosen(keys: Vault, parameters: Mapping[str, Sequence[str]], session_id: UUID) -> bool:
    """Whether the person chose this session's account for this request."""
    values = parameters.get(CHOSEN, ())
    return len(values) == 1 and _is_sealed(values[0], keys, parameters, f"chosen|{session_id}")


def asked_at(keys: Vault, parameters: Mapping[str, Sequence[str]], *, now: datetime) -> datetime | None:
    """When this request first sent the person to sign in; None without a valid mark."""
    values = parameters.get(PARAMETER, ())
    at, _, seal = values[0].partition(".") if len(values) == 1 else ("", "", "")
    if not (at.isascii() and at.isdigit() and len(at) < 18) or not seal.isascii():
        return None
    moment = datetime.fromtimestamp(int(at) / MICRO, UTC)
    if not _is_sealed(seal, keys, parameters, at) or not timedelta(0) <= now - moment < LIFE:
        return None
    return moment


def _is_sealed(shown: str, keys: Vault, parameters: Mapping[str, Sequence[str]], at: str) -> bool:
    return any(hmac.compare_digest(shown.encode(), _written(one).encode()) for one in each(_seal(keys, parameters, at)))


def _written(seal: bytes) -> str:
    return base64.urlsafe_b64encode(seal).decode().rstrip("=")


def _seal(keys: Vault, parameters: Mapping[str, Sequence[str]], at: str) -> bytes:
    others = sorted((name, list(values)) for name, values in parameters.items() if name not in MARKS)
    text = at + "|" + orjson.dumps(others).decode()
    return keys.digest("oidc-asked", text)
