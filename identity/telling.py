"""Telling the holder of an account what happened to it: by SMS, by mail, and in the inbox, in one transaction.

Whoever did not do it must hear of it on every way there is; the inbox keeps what a lost phone never showed. Codes
travel, they are never kept: the inbox gets the message without them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from identity import inbox
from identity.holds import Holds
from identity.outbox import Channel, post
from identity.person import Person
from identity.sealed import vault
from identity.statements import Prepared

Way = tuple[Channel, str]
"""How somebody is reached, and where."""


def ways_to(db: Session, account: Holds) -> list[Way]:
    """Where the holder is reached now, the phone first."""
    person = account.person_id
    row = _WAYS.one(db, person=person) if person else None
    return [] if person is None or row is None else ways_in(db, person, row)


def ways_in(db: Session, person: UUID, row: Any) -> list[Way]:
    """The same from a row of `WAY_COLUMNS`."""
    kept = ((Channel.SMS, "phone_sealed", row.phone_sealed), (Channel.EMAIL, "email_sealed", row.email_sealed))
    found = [(channel, sealed and vault(db).open(f"person.{name}", person, sealed)) for channel, name, sealed in kept]
    return [(channel, address.decode()) for channel, address in found if address]


def tell(
    db: Session, account: Holds, notice: str, *, now: datetime, ways: Iterable[Way] | None = None, **facts: Any
) -> None:
    """Tell it on every way, or on `ways`, and leave it in the inbox. Moments in `facts` are ISO text or datetimes."""
    for channel, address in ways_to(db, account) if ways is None else ways:
        post(db, channel, notice, address, now=now, recipient=account.id, locale=account.locale, **facts)
    kept = {name: value for name, value in facts.items() if name not in inbox.SECRET_NAMES}
    inbox.put(db, account.id, notice, kept, now=now)


_PERSON = cast(Table, Person.__table__)
WAY_COLUMNS = (_PERSON.c.phone_sealed, _PERSON.c.email_sealed)
"""For a statement that reads more of the person."""
_WAYS = Prepared(select(*WAY_COLUMNS).where(_PERSON.c.id == bindparam("person", type_=_PERSON.c.id.type)))
