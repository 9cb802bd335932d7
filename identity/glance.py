"""The small figures of My account in one statement: they are on the page that a person comes back to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from identity.base import UTC_DateTime
from identity.credentials.passkey import passkeys_count_of
from identity.credentials.recovery import codes_left_of
from identity.freeze import pause_end_of
from identity.helping.consent import agreed_of
from identity.inbox import unread_of
from identity.rights.restriction import restricted_of
from identity.session import open_of
from identity.statements import Prepared


@dataclass(frozen=True, slots=True)
class Glance:
    """What stands on one's account now."""

    unread: int
    """Messages not opened yet."""
    codes_left: int
    """Recovery codes still good."""
    devices: int
    """Passkeys."""
    helped: bool
    """The person agreed to be helped."""
    browsers: int
    """In how many the account is signed in."""
    paused_until: datetime | None
    restricted: bool
    """Nothing that rests on consent may be done."""


def at_a_glance(db: Session, account_id: UUID, person_id: UUID | None, *, now: datetime) -> Glance:
    """The figures of this account and its person."""
    row = _GLANCE.one(db, account=account_id, person=person_id, now=now)
    assert row is not None
    unread, codes_left, devices, helped, browsers, paused_until, restricted = row
    return Glance(unread, codes_left, devices, bool(helped), browsers, paused_until, bool(restricted))


_ACCOUNT: BindParameter[UUID] = bindparam("account")
_PERSON: BindParameter[UUID] = bindparam("person")
_NOW = bindparam("now", type_=UTC_DateTime())
_GLANCE = Prepared(
    select(
        unread_of(_ACCOUNT).label("unread"),
        codes_left_of(_ACCOUNT).label("codes_left"),
        passkeys_count_of(_ACCOUNT).label("devices"),
        agreed_of(_PERSON).label("helped"),
        open_of(_ACCOUNT, _NOW).label("browsers"),
        pause_end_of(_ACCOUNT, _NOW).label("paused_until"),
        restricted_of(_ACCOUNT).label("restricted"),
    )
)
