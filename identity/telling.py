"""Telling the holder of an account what happened to it: by SMS, by mail, and in the inbox, in one transaction.

Whoever did not do it must hear of it on every way there is; the inbox keeps what a lost phone never showed. Codes
travel, they are never kept: the inbox gets the message without them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from identity import inbox
from identity.account import Account
from identity.outbox import Channel, post
from identity.person import Person

Way = tuple[Channel, str]
"""How somebody is reached, and where."""


def ways_to(db: Session, account: Account) -> list[Way]:
    """Where the holder is reached now, the phone first."""
    person = db.get(Person, account.person_id) if account.person_id else None
    if person is None:
        return []
    return [(channel, to) for channel, to in ((Channel.SMS, person.phone), (Channel.EMAIL, person.email)) if to]


def tell(
    db: Session, account: Account, notice: str, *, now: datetime, ways: Iterable[Way] | None = None, **facts: Any
) -> None:
    """Tell it on every way, or on `ways`, and leave it in the inbox. Moments in `facts` are ISO text or datetimes."""
    for channel, address in ways_to(db, account) if ways is None else ways:
        post(db, channel, notice, address, now=now, recipient=account.id, locale=account.locale, **facts)
    kept = {name: value for name, value in facts.items() if name not in inbox.SECRET_NAMES}
    inbox.put(db, account.id, notice, kept, now=now)
