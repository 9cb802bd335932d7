"""Changing one's own phone or mail address: a code to the old one and a code to the new one, and word to both.

The old phone proves that it is the owner who moves, the new one that nobody moves to a stranger's. Who has no old phone
goes to the counter. Nothing is changed for some days after a recovery (enrolment: recovery).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from identity import once
from identity.account import Account, Act, check_may, find_account_of
from identity.application.conflicts import check_not_own_account
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.credentials.otp import TO_NEW, check_otp, send_otp, why_not
from identity.credentials.sms_factor import SmsFactor
from identity.deadlines import rule, today_in_vietnam
from identity.guardians.guardianship import reach_wards_at, wards_of
from identity.outbox import Channel
from identity.person import Person, find_person_by_phone, set_phone
from identity.recovery.trusted import check_not_recovered_lately
from identity.sealed import vault
from identity.telling import tell, ways_to
from identity.turns import take_turns

TICKET, NOTICE, FREED = "contact-change", "contact-changed", "phone-freed"
FROM_OLD = "contact-old"


class Kind(StrEnum):
    """What is changed."""

    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Change:
    """A change that waits for its two codes."""

    kind: Kind
    value: str
    """Empty where the mail address is taken out: then only the old side is asked."""
    old_challenge: UUID
    new_challenge: UUID | None


def begin(db: Session, account: Account, kind: Kind, value: str, *, now: datetime, test_otp: str = "") -> str:
    """Send both codes; returns the ticket under which the change waits. The code to the old side goes to the phone.
    A mail address is taken out with "", which takes the code of the phone alone.

    Whether the new phone is somebody else's is said at the end, to whoever has it in hand: else anybody who is signed
    in could ask that of any number. Refused "contact-same", "contact-no-old", and what `send_otp` refuses.
    """
    person = _person(db, account, now)
    if not value and (kind is Kind.PHONE or not person.email):
        raise Refused("contact-same", field="value")  # there is no account without a phone
    if value == (person.phone if kind is Kind.PHONE else person.email):
        raise Refused("contact-same", field="value")
    how: dict[str, Any] = {"now": now, "locale": account.locale, "test_otp": test_otp}
    channel = Channel.SMS if kind is Kind.PHONE else Channel.EMAIL
    payload: dict[str, object] = {
        "kind": kind.value,
        "value": value,
        "old": str(send_otp(db, person.phone or "", FROM_OLD, account.id, **how)),
        "new": str(send_otp(db, value, TO_NEW, account.id, channel=channel, **how)) if value else "",
    }
    once.withdraw(db, TICKET, account.id, now=now)
    ends = now + timedelta(minutes=int(rule("sensitive_minutes", today_in_vietnam(now))))
    return once.issue(db, TICKET, account.id, now=now, expires_at=ends, payload=payload)


def waiting(db: Session, account_id: UUID, ticket: str, *, now: datetime) -> Change | None:
    """The change that waits for its codes in this browser."""
    found = once.look(db, TICKET, ticket, now=now)
    return _change(found.payload) if found is not None and found.subject == account_id else None


def confirm(
    db: Session, account: Account, ticket: str, old_code: str, new_code: str, *, now: datetime
) -> Refused | None:
    """Both codes right: the change counts. A wrong code is a result, because it was counted. Refused "phone-used"."""
    change, person = waiting(db, account.id, ticket, now=now), _person(db, account, now)
    if change is None:
        return Refused("contact-over")
    given = {"old_code": (change.old_challenge, old_code)}
    if change.new_challenge is not None:
        given["new_code"] = (change.new_challenge, new_code)
    wrong = _count_wrong(db, given, now)
    if wrong:
        why = why_not(db, given[wrong[0]][0], now=now)
        return Refused(why.code, field=wrong[0], **why.facts)
    if once.redeem(db, TICKET, ticket, now=now) is None:
        return Refused("contact-over")
    _set(db, account, person, change, now)
    return None


def free_phone(db: Session, phone: str, officer: Actor, *, now: datetime) -> None:
    """An operator has given the number to somebody else: who had it before is reached there no more.

    Codes for them would go to a stranger. They hear of it by mail and in the inbox, and give a new number at a counter.
    Refused "phone-of-nobody", "own-file", "conflict-declared".
    """
    take_turns(db, vault(db).blind("person.phone", phone))
    holder = find_person_by_phone(db, phone)
    account = find_account_of(db, holder.id) if holder is not None else None
    if holder is None or account is None:
        raise Refused("phone-of-nobody", field="phone")
    check_not_own_account(db, officer, account)
    for row in wards_of(db, holder.id, now=now):
        ward = db.get_one(Person, row.ward_id)
        if ward.phone_index is None and ward.phone == phone:
            ward.phone = None
    holder.phone = holder.phone_index = None
    db.execute(delete(SmsFactor).where(SmsFactor.account_id == account.id))
    record(db, Event.CONTACT_CHANGED, officer, now=now, subject=("account", account.id), kind="phone", freed=True)
    tell(db, account, FREED, now=now, ways=ways_to(db, account))


def _count_wrong(db: Session, given: Mapping[str, tuple[UUID, str]], now: datetime) -> list[str]:
    """The fields whose code is wrong. Both are used up or neither: who mistypes one still has the other."""
    with db.begin_nested() as both:
        wrong = [field for field, (code, typed) in given.items() if not check_otp(db, code, typed, now=now)]
        if wrong:
            both.rollback()
    for field in wrong:
        check_otp(db, *given[field], now=now)
    return wrong


def _set(db: Session, account: Account, person: Person, change: Change, now: datetime) -> None:
    before, former_mail = ways_to(db, account), person.email
    if change.kind is Kind.PHONE:
        _check_free(db, person, change.value)
        set_phone(db, person, change.value)
    else:
        person.email = change.value or None
    reach_wards_at(db, person, former_mail=former_mail, now=now)
    actor, about = Actor(account.id, account.kind), ("account", account.id)
    record(db, Event.CONTACT_CHANGED, actor, now=now, subject=about, kind=change.kind.value)
    tell(db, account, NOTICE, now=now, ways=sorted({*before, *ways_to(db, account)}))


def _person(db: Session, account: Account, now: datetime) -> Person:
    check_may(db, account.id, Act.CHANGE, now=now)
    check_not_recovered_lately(db, account.id, now=now)
    person = db.get(Person, account.person_id) if account.person_id else None
    if person is None or not person.phone:
        raise Refused("contact-no-old")
    return person


def _check_free(db: Session, person: Person, phone: str) -> None:
    take_turns(db, vault(db).blind("person.phone", phone))
    holder = find_person_by_phone(db, phone)
    if holder is not None and holder.id != person.id:
        raise Refused("phone-used", field="value")


def _change(payload: dict[str, Any]) -> Change:
    new = UUID(payload["new"]) if payload["new"] else None
    return Change(Kind(payload["kind"]), payload["value"], UUID(payload["old"]), new)
