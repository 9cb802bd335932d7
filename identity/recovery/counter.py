"""The last rung: in person, with the document. An officer who has seen both opens it; slip and phone do the rest.

The officer learns no secret that opens the account: the slip's code leads to a message to the phone on file, and the
person sets the keys alone. The old keys end at the counter, at once. Nobody serves themselves. Each look at an account
is on record, and its holder sees it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from identity.account import Account, AccountState, Ground, Kind, find_account, get_account
from identity.application.conflicts import check_not_own_account
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.freeze import OWNER, lift
from identity.locks import OpenGround, grounds_of, take_away, unlock
from identity.person import Person, find_person_by_phone
from identity.recovery.begin import about, new_recovery
from identity.recovery.keys import end_keys
from identity.recovery.model import Rung
from identity.recovery.stop import cancel_others
from identity.sealed import vault
from identity.telling import tell, ways_to
from identity.turns import take_turns

NOTICE = "recovery-at-counter"
OPENED_HERE = frozenset({Ground.OWN_REQUEST, Ground.PAUSE})
"""Grounds that the person's presence ends; the others are ended by whoever made them."""


def look_up_at_counter(db: Session, officer: Actor, number: str, *, now: datetime) -> Account:
    """The account of the person in front of the counter. On record.

    Refused "counter-unknown", "own-file", "conflict-declared".
    """
    account = find_account(db, number)
    if account is None or account.kind != Kind.RESIDENT:
        raise Refused("counter-unknown", field="number")
    check_not_own_account(db, officer, account)
    record(db, Event.ACCOUNT_LOOKED_UP, officer, now=now, subject=about(account.id))
    return account


def blocking(db: Session, account: Account, *, now: datetime) -> list[OpenGround]:
    """The grounds that the counter cannot end."""
    return [one for one in grounds_of(db, account, now=now) if one.ground not in OPENED_HERE]


def recover_at_counter(db: Session, officer: Actor, account_id: UUID, *, new_phone: str | None, now: datetime) -> str:
    """The officer has seen the person and the original: returns the code of the slip, which is shown once.

    A lock on the owner's own request and a pause end; every other ground keeps the account shut. Refused
    "recover-locked", "recover-not-active", "phone-used", "own-file", "conflict-declared".
    """
    account = get_account(db, account_id)
    check_not_own_account(db, officer, account)
    if account.state != AccountState.ACTIVE:
        raise Refused("recover-not-active")
    if blocking(db, account, now=now):
        raise Refused("recover-locked")
    ways = ways_to(db, account)
    if new_phone:
        _set_phone(db, account, new_phone, officer, now)
    take_turns(db, account.id.bytes)
    end_keys(db, account)  # before the locks open: whoever stole them must not be first
    take_away(db, account.id, now=now)
    unlock(db, account, Ground.OWN_REQUEST, OWNER, officer, now=now)
    lift(db, account.id, officer, now=now)
    cancel_others(db, account.id, None, now=now)
    begun = new_recovery(db, Rung.COUNTER, account.id, now=now, locale=account.locale, by_account_id=officer.account_id)
    record(db, Event.RECOVERY_AT_COUNTER, officer, now=now, subject=about(account.id), phone_changed=bool(new_phone))
    tell(db, account, NOTICE, now=now, ways=sorted({*ways, *ways_to(db, account)}))
    return begun.code


def _set_phone(db: Session, account: Account, phone: str, officer: Actor, now: datetime) -> None:
    """A changed phone, seen at the counter; its owner proves it by the code that goes there."""
    person = db.get(Person, account.person_id) if account.person_id else None
    if person is None:
        raise Refused("counter-unknown")
    index = vault(db).blind("person.phone", phone)
    take_turns(db, index)
    holder = find_person_by_phone(db, phone)
    if holder is not None and holder.id != person.id:
        raise Refused("phone-used", field="phone")
    person.phone, person.phone_index = phone, index
    record(db, Event.CONTACT_CHANGED, officer, now=now, subject=about(account.id), kind="phone")
