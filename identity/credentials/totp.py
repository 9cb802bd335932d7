"""Time-based one-time passwords (RFC 6238): 6 digits, 30 seconds, one step of drift, no step accepted twice.

pyotp has no memory of replays; the last accepted step lies in the account and moves by one conditional UPDATE.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from identity.account import Account, Kind
from identity.credentials.codes import clean_digits
from identity.sealed import vault

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
    query = select(Account.kind, Account.totp_secret_sealed).where(Account.id == account_id)
    kind, sealed = db.execute(query).one()
    if sealed is None:
        return False
    if test_otp and kind == Kind.RESIDENT and hmac.compare_digest(test_otp, clean_digits(typed)):
        return True
    secret = vault(db).open("account.totp_secret_sealed", account_id, sealed).decode()
    step = matching_step(secret, typed, now=now)
    return step is not None and _use_step(db, account_id, step)


def _use_step(db: Session, account_id: UUID, step: int) -> bool:
    won = db.execute(
        update(Account)
        .where(Account.id == account_id, or_(Account.totp_step.is_(None), Account.totp_step < step))
        .values(totp_step=step)
        .returning(Account.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return won is not None
