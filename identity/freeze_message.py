"""Freezing by a message from the phone on file: for whoever has the phone, and neither sheet nor a signed-in device.

Who sent a message is what the network says, which can be forged. All that it buys is a lock that an office opens, and
for one account only once in the days of the rule, so that nobody is shut out for long by a stranger.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from identity import once
from identity.account import Account, AccountState, find_account_of
from identity.audit import Actor
from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from identity.documents import normalise_phone
from identity.freeze import freeze
from identity.names import fold
from identity.person import find_person_by_phone
from identity.turns import take_turns

LATELY = "freeze-message-of"
WORDS = {"khoa", "freeze"}
KEPT = timedelta(days=30)
"""How long a message is known again."""


def freeze_by_message(db: Session, message_id: str, sender: str, text: str, *, now: datetime) -> bool:
    """Shut the account whose own phone sent the word. The same message again does nothing, and so does any other."""
    if not (words := fold(text).split()) or words[0] not in WORDS:
        return False
    account = _account_of(db, sender)
    if account is None or not once.spend(db, "freeze-message", message_id, expires_at=now + KEPT):
        return False
    take_turns(db, account.id.bytes)
    if not _is_first_lately(db, account, now):
        return False
    freeze(db, account, Actor(account.id, account.kind), now=now)
    return True


def _account_of(db: Session, sender: str) -> Account | None:
    """The account of the person whose own phone it is; a ward's messages come from the guardian's phone."""
    try:
        person = find_person_by_phone(db, normalise_phone(sender))
    except Refused:
        return None
    account = find_account_of(db, person.id) if person else None
    return account if account is not None and account.state != AccountState.CLOSED else None


def _is_first_lately(db: Session, account: Account, now: datetime) -> bool:
    """Counted from the last one: weeks of a calendar would let two come on two days. The caller has taken the turn."""
    if once.waiting(db, LATELY, account.id, now=now) is not None:
        return False
    ends = now + timedelta(days=int(rule("pause_every_days", today_in_vietnam(now))))
    once.issue(db, LATELY, account.id, now=now, expires_at=ends)
    return True
