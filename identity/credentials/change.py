"""Changing a password: the old one again, then every other session ends."""

from __future__ import annotations

from datetime import datetime
from math import ceil
from uuid import UUID

from sqlalchemy.orm import Session

from identity.account import Account, Act, check_may
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.credentials.throttle import Bucket, forgive, take_try
from identity.session import end_all_sessions
from identity.telling import tell

NOTICE = "sign-in-way-changed"


def change_password(
    db: Session, account: Account, seen_hash: str | None, right: bool, new_hash: str, keep: UUID, *, now: datetime
) -> Refused | None:
    """Set the new hash if the old password was right. `seen_hash` is what it was verified against."""
    check_may(db, account.id, Act.CHANGE, now=now)
    buckets = [Bucket("second", f"change:{account.id}")]
    wait = take_try(db, buckets, now=now)
    if wait is not None:
        return Refused("sign-in-wait", seconds=ceil(wait.total_seconds()))
    actor = Actor(account.id, account.kind)
    if not right or account.password_hash != seen_hash:
        record(db, Event.PASSWORD_CHANGE_FAILED, actor, now=now, subject=("account", account.id))
        return Refused("password-wrong", field="password")
    forgive(db, buckets, now=now)
    account.password_hash = new_hash
    end_all_sessions(db, account.id, now=now, but=keep)
    record(db, Event.PASSWORD_CHANGED, actor, now=now, subject=("account", account.id))
    tell(db, account, NOTICE, now=now)
    return None
