"""Who may apply (Decree 69/2024 Art. 7, 10, 11), asked only after phone and register agree: it is no public look-up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import find_account_of
from identity.application import clocks
from identity.application.model import Application
from identity.application.registered import Record, key_of
from identity.base import Refused
from identity.deadlines import age_on, rule, today_in_vietnam
from identity.gateways import CitizenRecord
from identity.person import (
    DocumentKind,
    Person,
    find_person_by_document,
    find_person_by_number,
    find_person_by_phone,
)
from identity.sealed import vault
from identity.turns import take_turns


def check_may_apply(db: Session, record: Record, phone: str, *, now: datetime) -> None:
    """Every rule at once, the most telling first."""
    check_age(record, now=now)
    check_documents(record, now=now)
    person = find_registered(db, record)
    if person is not None and find_account_of(db, person.id) is not None:
        raise Refused("account-exists")
    if find_open(db, record) is not None:
        raise Refused("application-open")
    check_phone(db, record, phone, person)


def check_age(record: Record, *, now: datetime) -> None:
    """Under 6 there is no level 2; under 14 the guardian applies (Art. 7, 10.2, 11). Ages turn on the birthday."""
    day = today_in_vietnam(now)
    age = age_on(record.birth_date, day)
    if age < int(rule("child_minimum_age", day)):
        raise Refused("too-young", age=int(rule("child_minimum_age", day)))
    if age < int(rule("own_account_age", day)):
        raise Refused("guardian-needed", age=int(rule("own_account_age", day)))


def check_documents(record: Record, *, now: datetime) -> None:
    """The papers must be valid today."""
    if isinstance(record, CitizenRecord):
        if not clocks.is_valid(record.card_expires_on, now=now):
            raise Refused("card-expired")
        return
    if record.residence_kind not in rule("foreigner_documents", today_in_vietnam(now)):
        raise Refused("residence-document-kind")
    if not clocks.is_valid(record.residence_expires_on, now=now):
        raise Refused("residence-card-expired")
    if not clocks.is_valid(record.passport_expires_on, now=now):
        raise Refused("passport-expired")


def check_phone(db: Session, record: Record, phone: str, person: Person | None) -> None:
    """One phone, one person; a guardian's or a recycled number is sorted out at the counter.

    Two people who send the same phone at the same moment are asked one after the other.
    """
    keys = vault(db)
    index = keys.blind("application.phone", phone)
    take_turns(db, index)
    holder = find_person_by_phone(db, phone)
    if holder is not None and (person is None or holder.id != person.id):
        raise Refused("phone-used")
    other = select(Application.id).where(
        Application.phone_index == index,
        Application.open_index.is_not(None),
        Application.open_index != keys.blind("application.number", key_of(record)),
    )
    if db.scalar(other.limit(1)) is not None:
        raise Refused("phone-used")


def find_registered(db: Session, record: Record) -> Person | None:
    """The person whom this record describes, if we know them: by number, or by the very same document."""
    if isinstance(record, CitizenRecord):
        return find_person_by_number(db, record.personal_number)
    return find_person_by_document(
        db, DocumentKind.PASSPORT, record.passport_number, record.nationality
    ) or find_person_by_document(db, DocumentKind.RESIDENCE_CARD, record.residence_card, "VNM")


def find_open(db: Session, record: Record) -> Application | None:
    """The open application of this number."""
    index = vault(db).blind("application.number", key_of(record))
    return db.scalar(select(Application).where(Application.open_index == index))
