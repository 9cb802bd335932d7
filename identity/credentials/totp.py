"""Time-based one-time passwords (RFC 6238): 6 digits, 30 seconds, one step of drift, no step accepted twice.

pyotp has no memory of replays; the last accepted step lies in the account and moves by one conditional UPDATE.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import cast
from uuid import UUID

import pyotp
from sqlalchemy import Table, bindparam, or_, update
from sqlalchemy.orm import Session

from identity.account import Account, Kind
from identity.credentials.codes import clean_digits
from identity.credentials.holder import Holder, find_holder
from identity.sealed import vault
from identity.statements import Prepared

STEP_SECONDS = 30
DRIFT = (0, -1, 1)
ISSUER = "e-ID"


def new_secret() -> str:
    """160 random bits in base 32 (RFC 4226 section 4, requirement 6)."""
    return pyotp.random_base32(32)


def provisioning_uri(secret: str, label: str, issuer: str = ISSUER) -> str:
    """The otpauth address that an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=label, issuer_name=issuer)


def matching_step(secret: str, typed: str, *, now: datetime) -> int | None:
    """The time step whose code was typed, or None. Compares every candidate in constant time."""
    code, here, generator = clean_digits(typed), int(now.timestamp()) // STEP_SECONDS, pyotp.TOTP(secret)
    found = None
    for drift in DRIFT:
        if hmac.compare_digest(generator.at((here + drift) * STEP_SECONDS), code) and found is None:
            found = here + drift
    return found


def check_totp(db: Session, account_id: UUID, typed: str, *, now: datetime, test_otp: str = "") -> bool:
    """Whether the code is right and its step was not used before; a right one uses the step up.

    `test_otp` is a demonstration's fixed, repeatable code; it counts for residents only.
    """
    holder = find_holder(db, account_id, now=now)
    return holder is not None and check_app(db, holder, typed, now=now, test_otp=test_otp)


def check_app(db: Session, holder: Holder, typed: str, *, now: datetime, test_otp: str = "") -> bool:
    """The same for an account that was read already."""
    if holder.totp_secret_sealed is None:
        return False
    if test_otp and holder.kind == Kind.RESIDENT and hmac.compare_digest(test_otp, clean_digits(typed)):
        return True
    secret = vault(db).open("account.totp_secret_sealed", holder.id, holder.totp_secret_sealed).decode()
    step = matching_step(secret, typed, now=now)
    return step is not None and _USE_STEP.one(db, account=holder.id, step=step) is not None


_ACCOUNT = cast(Table, Account.__table__)
_STEP = bindparam("step", type_=_ACCOUNT.c.totp_step.type)
_USE_STEP = Prepared(
    update(_ACCOUNT)
    .where(_ACCOUNT.c.id == bindparam("account", type_=_ACCOUNT.c.id.type))
    .where(or_(_ACCOUNT.c.totp_step.is_(None), _ACCOUNT.c.totp_step < _STEP))
    .values(totp_step=_STEP)
    .returning(_ACCOUNT.c.id)
)
