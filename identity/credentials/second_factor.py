"""What stands beside the password: an authenticator app, passkeys, or both; the last of them stays.

Recovery codes and SMS stand in for one and are none: the codes run out, and the operator may switch SMS off.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from identity.account import Account, Act, check_may
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.credentials.passkey import has_passkey, passkeys_of
from identity.session import end_all_sessions
from identity.telling import tell
from identity.turns import take_turns

NOTICE = "sign-in-way-changed"


def remove_app(db: Session, account: Account, keep: UUID, *, now: datetime) -> None:
    """The app opens nothing any more; other sessions end. Twice is once. Refused "last-second-factor"."""
    check_may(db, account.id, Act.CHANGE, now=now)
    _take_turns(db, account)
    if account.totp_secret_sealed is None:
        return
    if not has_passkey(db, account.id):
        raise Refused("last-second-factor")
    account.totp_secret = account.totp_step = None
    end_all_sessions(db, account.id, now=now, but=keep)
    record(db, Event.TOTP_REMOVED, Actor(account.id, account.kind), now=now, subject=("account", account.id))
    tell(db, account, NOTICE, now=now)


def is_last(db: Session, account: Account, passkey_id: UUID) -> bool:
    """Whether nothing else stands beside the password than this passkey."""
    return account.totp_secret_sealed is None and all(one.id == passkey_id for one in passkeys_of(db, account.id))


def check_one_stays(db: Session, account: Account, leaves: UUID) -> None:
    """Before a passkey goes: an app or another passkey is left. Of two who remove at once, one waits and looks anew."""
    _take_turns(db, account)
    if is_last(db, account, leaves):
        raise Refused("last-second-factor")


def check_is_safe(db: Session, account: Account) -> None:
    """What a change must leave behind, asked at its end."""
    _take_turns(db, account)
    if account.totp_secret_sealed is None and not has_passkey(db, account.id):
        raise Refused("last-second-factor")


def _take_turns(db: Session, account: Account) -> None:
    db.flush()
    take_turns(db, account.id.bytes)
    db.refresh(account)
