"""A new authenticator app or a new set of recovery codes, for whoever has just shown both factors.

What is new waits in a ticket of this browser and counts when it was typed back: a set that nobody wrote down, or an app
that shows nothing, must not replace one that works.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from identity import once
from identity.account import Account, Act, check_may
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.credentials.codes import clean_digits
from identity.credentials.recovery import Sheet, keep_sheet
from identity.credentials.throttle import Bucket, take_try
from identity.credentials.totp import STEP_SECONDS, matching_step, new_secret
from identity.deadlines import rule, today_in_vietnam
from identity.session import end_all_sessions
from identity.telling import tell

CODES, APP = "renew-recovery-codes", "renew-authenticator"
NOTICE = "sign-in-way-changed"


def begin_codes(db: Session, account_id: UUID, *, now: datetime) -> str:
    """Draw a set; returns the ticket under which it waits."""
    return _begin(db, CODES, account_id, Sheet.draw(now).as_json(), now)


def begin_app(db: Session, account_id: UUID, *, now: datetime) -> str:
    """Draw an app's secret; returns the ticket under which it waits."""
    return _begin(db, APP, account_id, {"secret": new_secret()}, now)


def waiting_sheet(db: Session, account_id: UUID, ticket: str, *, now: datetime) -> Sheet:
    """The sheet that waits; empty if there is none."""
    return Sheet.read(_find(db, CODES, account_id, ticket, now))


def waiting_secret(db: Session, account_id: UUID, ticket: str, *, now: datetime) -> str:
    """The app's secret that waits; empty if there is none."""
    found = _find(db, APP, account_id, ticket, now)
    return str(found["secret"]) if found else ""


def confirm_codes(db: Session, account: Account, ticket: str, typed: str, *, now: datetime) -> Refused | None:
    """The new set takes the old one's place, once one of it was typed back."""
    check_may(db, account.id, Act.CHANGE, now=now)
    sheet = waiting_sheet(db, account.id, ticket, now=now)
    if not sheet.codes:
        return Refused("renewal-over")
    if not sheet.has(typed):
        return Refused("recovery-code-wrong", field="recovery")
    if once.redeem(db, CODES, ticket, now=now) is None:
        return Refused("renewal-over")
    keep_sheet(db, account.id, sheet, now=now)
    _tell(db, account, Event.RECOVERY_CODES_MADE, now)
    return None


def confirm_app(
    db: Session, account: Account, ticket: str, typed: str, keep: UUID, *, now: datetime, test_otp: str = ""
) -> Refused | None:
    """The new app takes the old one's place once it shows the right code; every other session ends."""
    check_may(db, account.id, Act.CHANGE, now=now)
    wait = take_try(db, [Bucket("second", f"renewal:{account.id}")], now=now)
    if wait is not None:
        return Refused("sign-in-wait", field="otp", seconds=ceil(wait.total_seconds()))
    secret = waiting_secret(db, account.id, ticket, now=now)
    if not secret:
        return Refused("renewal-over")
    step = matching_step(secret, typed, now=now)
    if step is None and test_otp and hmac.compare_digest(test_otp, clean_digits(typed)):
        step = int(now.timestamp()) // STEP_SECONDS - 2  # leaves the real codes of this moment unused
    if step is None:
        return Refused("totp-wrong", field="otp")
    if once.redeem(db, APP, ticket, now=now) is None:
        return Refused("renewal-over")
    account.totp_secret, account.totp_step = secret, step
    end_all_sessions(db, account.id, now=now, but=keep)
    _tell(db, account, Event.TOTP_CHANGED, now)
    return None


def _begin(db: Session, purpose: str, account_id: UUID, payload: dict[str, object], now: datetime) -> str:
    once.withdraw(db, purpose, account_id, now=now)
    life = timedelta(minutes=int(rule("sensitive_minutes", today_in_vietnam(now))))
    return once.issue(db, purpose, account_id, now=now, expires_at=now + life, payload=payload)


def _find(db: Session, purpose: str, account_id: UUID, ticket: str, now: datetime) -> dict[str, Any] | None:
    found = once.look(db, purpose, ticket, now=now)
    return found.payload if found is not None and found.subject == account_id else None


def _tell(db: Session, account: Account, event: Event, now: datetime) -> None:
    """On record, and on every way: whoever did not do this must hear of it."""
    record(db, event, Actor(account.id, account.kind), now=now, subject=("account", account.id))
    tell(db, account, NOTICE, now=now)
