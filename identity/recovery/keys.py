"""The end of every rung: the phone where it is asked, a new password, app and sheet. Then everything else ends.

What is new waits in the recovery and counts only at the end, for one winner, and never before the wait is over: the
database itself refuses an end before its wait.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from identity.account import Account, Act, check_may, get_account
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.credentials import new_passkey
from identity.credentials.codes import clean_digits
from identity.credentials.otp import check_otp, why_not
from identity.credentials.passkey import Passkey, Site, has_passkey, passkeys_of
from identity.credentials.recovery import RecoveryCode, Sheet, keep_sheet, use_found_code
from identity.credentials.second_factor import check_is_safe
from identity.credentials.sms_factor import SmsFactor
from identity.credentials.totp import STEP_SECONDS, matching_step, new_secret
from identity.locks import take_away
from identity.recovery.begin import NOBODY, about, sitting
from identity.recovery.model import Recovery, Rung
from identity.recovery.people import open_if_enough
from identity.recovery.stop import cancel_others
from identity.telling import tell
from identity.turns import take_turns

NOTICE, MAKE = "account-recovered", "passkey-recover"
ASKS_FOR_PHONE = frozenset({Rung.CODE, Rung.COUNTER})


class Step(StrEnum):
    """What the person does next."""

    PHONE = "phone"
    WAIT = "wait"
    PASSWORD = "password"  # noqa: S105 - the name of a step
    APP = "app"
    """The second factor: an app, or the lock of a device."""
    SHEET = "sheet"


def next_step(recovery: Recovery, *, now: datetime) -> Step:
    """The first step that is not done."""
    if recovery.rung in ASKS_FOR_PHONE and not _has_phone(recovery, now):
        return Step.PHONE
    if not recovery.is_open(now):
        return Step.WAIT
    if recovery.password_hash is None:
        return Step.PASSWORD
    has_factor = recovery.totp_step is not None or recovery.passkey_sealed is not None
    return Step.SHEET if has_factor else Step.APP


def prove_phone(db: Session, recovery: Recovery, typed: str, *, now: datetime) -> Refused | None:
    """The code sent to the phone on file. A wrong one is a result, because it was counted."""
    if recovery.challenge_id is None and recovery.rung != Rung.CONTACT:
        return Refused("otp-not-sent", field="otp")
    challenge = recovery.challenge_id or NOBODY  # what was asked for a number that is nobody's costs the same
    if not check_otp(db, challenge, typed, now=now):
        record(db, Event.RECOVERY_FAILED, Actor(recovery.account_id, "visitor"), now=now,
               subject=about(recovery.account_id), reason="otp-wrong")  # fmt: skip
        return (
            Refused("otp-wrong-plain", field="otp")
            if recovery.rung == Rung.CONTACT
            else why_not(db, challenge, now=now)
        )
    return _phone_is_right(db, recovery, now)


def set_password(db: Session, recovery: Recovery, password_hash: str, *, now: datetime) -> None:
    """Keep the hash (made before the transaction, of a password that passed the rules) and draw the app's secret."""
    _check_step(db, recovery, Step.PASSWORD, now)
    recovery.password_hash, recovery.totp_secret = password_hash, new_secret()


def confirm_app(db: Session, recovery: Recovery, typed: str, *, now: datetime, test_otp: str = "") -> Refused | None:
    """The new app shows the right code; its step is used up for signing in too. Draws the sheet."""
    _check_step(db, recovery, Step.APP, now)
    step = matching_step(recovery.totp_secret or "", typed, now=now)
    if step is None and test_otp and hmac.compare_digest(test_otp, clean_digits(typed)):
        step = int(now.timestamp()) // STEP_SECONDS - 2  # leaves the real codes of this moment unused
    if step is None:
        return Refused("totp-wrong", field="otp")
    recovery.totp_step, recovery.sheet = step, Sheet.draw(now).as_json()
    return None


def options_to_make(db: Session, site: Site, recovery: Recovery, *, now: datetime) -> str:
    """What a browser needs to make a passkey in place of an app, as JSON. Keys that will not survive are not named."""
    account = _check_step(db, recovery, Step.APP, now)
    held = passkeys_of(db, account.id) if recovery.rung == Rung.DEVICE else ()
    return new_passkey.options(db, site, account, MAKE, recovery.id, held, now=now)


def confirm_passkey(db: Session, site: Site, recovery: Recovery, answer: str, name: str, *, now: datetime) -> None:
    """Keep what the browser made, until the end. Draws the sheet. Refused "passkey-not-made"."""
    _check_step(db, recovery, Step.APP, now)
    recovery.passkey = new_passkey.read(db, site, MAKE, recovery.id, answer, name, now=now)
    recovery.sheet = Sheet.draw(now).as_json()


def may_keep_device(db: Session, recovery: Recovery) -> bool:
    """Whether the device that opened the first rung can be the second factor from here on."""
    return recovery.rung == Rung.DEVICE and recovery.account_id is not None and has_passkey(db, recovery.account_id)


def keep_device(db: Session, recovery: Recovery, *, now: datetime) -> None:
    """No app any more: the locks of the person's devices, which open the account already, are enough."""
    _check_step(db, recovery, Step.APP, now)
    if not may_keep_device(db, recovery):
        raise Refused("last-second-factor")
    recovery.passkey, recovery.sheet = {}, Sheet.draw(now).as_json()


def finish(db: Session, recovery: Recovery, typed: str, *, now: datetime) -> Account | Refused:
    """One code of the sheet is typed back: the new keys count, and whatever opened the account before does not."""
    account = _check_step(db, recovery, Step.SHEET, now)
    sheet = Sheet.read(recovery.sheet)
    if not sheet.has(typed):
        return Refused("recovery-code-wrong", field="recovery")
    if not _win(db, recovery, now):
        raise Refused("recover-over")
    _hand_over(db, account, recovery, sheet, now)
    record(db, Event.ACCOUNT_RECOVERED, Actor(account.id, account.kind), now=now, subject=about(account.id),
           rung=recovery.rung)  # fmt: skip
    tell(db, account, NOTICE, now=now)
    return account


def end_keys(db: Session, account: Account) -> None:
    """Nothing that signed in to this account does so from here on."""
    account.password_hash = account.totp_secret = None
    for kept in (Passkey, SmsFactor, RecoveryCode):
        db.execute(delete(kept).where(kept.account_id == account.id), execution_options={"synchronize_session": False})


def _hand_over(db: Session, account: Account, recovery: Recovery, sheet: Sheet, now: datetime) -> None:
    if recovery.rung != Rung.DEVICE:  # whoever has the lost device has its keys
        end_keys(db, account)
    account.password_hash = recovery.password_hash
    is_app = recovery.totp_step is not None  # a key that no app has confirmed is nobody's
    account.totp_secret, account.totp_step = (recovery.totp_secret if is_app else None), recovery.totp_step
    if recovery.passkey:
        new_passkey.keep(db, account.id, recovery.passkey, now=now)
    check_is_safe(db, account)
    keep_sheet(db, account.id, sheet, now=now)
    recovery.password_hash = recovery.totp_secret_sealed = None
    recovery.passkey_sealed = recovery.sheet_sealed = None
    cancel_others(db, account.id, recovery.id, now=now)
    take_away(db, account.id, now=now)  # sessions and tokens, here and at every relying party


def _has_phone(recovery: Recovery, now: datetime) -> bool:
    """Proved in this sitting: who held phone and sheet for five minutes must not come back days later."""
    return recovery.phone_at is not None and recovery.phone_at > now - sitting(now)


def _phone_is_right(db: Session, recovery: Recovery, now: datetime) -> Refused | None:
    if recovery.account_id is not None:
        take_turns(db, recovery.account_id.bytes)
    is_first = recovery.phone_at is None
    if is_first and recovery.code_digest is not None and recovery.account_id is not None:
        if not use_found_code(db, recovery.account_id, recovery.code_digest, now=now):
            return Refused("recover-over")
        actor = Actor(recovery.account_id, "resident")
        record(db, Event.RECOVERY_CODE_USED, actor, now=now, subject=about(recovery.account_id))
    recovery.phone_at = now
    if recovery.rung in ASKS_FOR_PHONE:
        recovery.opens_at, recovery.challenge_id = recovery.opens_at or now, None
    db.flush()
    if recovery.rung == Rung.CONTACT:
        open_if_enough(db, recovery, now=now)
    return None


def _check_step(db: Session, recovery: Recovery, step: Step, now: datetime) -> Account:
    if recovery.account_id is None or not recovery.is_alive(now):
        raise Refused("recover-over")
    check_may(db, recovery.account_id, Act.CHANGE, now=now)
    if next_step(recovery, now=now) is not step:
        raise Refused("recover-other-step")
    return get_account(db, recovery.account_id)


def _win(db: Session, recovery: Recovery, now: datetime) -> bool:
    won = db.execute(
        update(Recovery)
        .where(Recovery.id == recovery.id, Recovery.finished_at.is_(None), Recovery.cancelled_at.is_(None))
        .where(Recovery.opens_at <= now, Recovery.expires_at > now)
        .values(finished_at=now)
        .returning(Recovery.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return won is not None
