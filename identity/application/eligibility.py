"""Who may apply (Decree 69/2024 Art. 7, 10, 11), asked only after phone and register agree: it is no public look-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from identity.account import Account, AccountState, find_account_of
from identity.application import clocks
from identity.application.draft import Draft
from identity.application.following import is_renamed
from identity.application.model import Application
from identity.application.papers import are_renewed
from identity.application.registered import Record, key_of, kind_of
from identity.base import Refused
from identity.deadlines import age_on, rule, today_in_vietnam
from identity.either_key import each, same
from identity.gateways import CitizenRecord
from identity.guardians import guardians_of, is_handed_over
from identity.levels import first_age, level_of, way_to
from identity.person import (
    DocumentKind,
    Kind,
    Person,
    find_person_by_number,
    find_person_by_papers,
    find_person_by_phone,
)
from identity.sealed import vault
from identity.statements import Prepared
from identity.turns import take_turns


@dataclass(frozen=True, slots=True)
class Wish:
    """What is applied for, and by whom: `guardian_id` acts for another; `person_id` has an account and wants more;
    `renews` is whose paper was renewed, as the session says: the register says whose it is."""

    level: int = 2
    guardian_id: UUID | None = None
    person_id: UUID | None = None
    renews: UUID | None = None


def wish_of(draft: Draft) -> Wish:
    """What a draft asks for."""
    people = {name: draft.answer(name) for name in ("guardian_id", "person_id", "renews")}
    named = {name: UUID(value) for name, value in people.items() if value}
    return Wish(level=int(draft.answer("level", 2)), **named)


def check_may_apply(db: Session, record: Record, phone: str, wish: Wish, *, now: datetime) -> None:
    """Every rule at once, the most telling first."""
    check_age(record, wish, now=now)
    check_documents(record, now=now)
    person = find_registered(db, record)
    check_account(db, person, record, wish, now=now)
    if is_open(db, record):
        raise Refused("application-open")
    check_phone(db, record, phone, person, wish)


def check_age(record: Record, wish: Wish, *, now: datetime) -> None:
    """The table of ages (Art. 7, 10, 11; dated rule `who_may_have`). Ages turn on the birthday, in Vietnam."""
    day, kind = today_in_vietnam(now), kind_of(record).value
    way = way_to(wish.level, kind, age_on(record.birth_date, day), on=day)
    if way is None:
        raise Refused("too-young", age=first_age(wish.level, kind, on=day))
    if way.by_guardian and wish.guardian_id is None:
        raise Refused("guardian-needed", age=first_age(wish.level, kind, on=day, alone=True))


def check_account(db: Session, person: Person | None, record: Record, wish: Wish, *, now: datetime) -> None:
    """Nobody gets a second account; the one there is may rise, be taken over when a guardian's time has ended, count
    again by a renewed paper (Decree 69/2024 Art. 15: what was locked with a paper opens with the next), or follow a
    name that the register has changed. In whose session somebody else was named, the register has nobody to show."""
    if wish.person_id is not None and person is None:
        raise Refused("register-mismatch")
    account = find_account_of(db, person.id) if person is not None else None
    if person is None or account is None:
        return
    if wish.guardian_id is None and is_handed_over(account, now=now):
        return
    has_news = are_renewed(account, record) or is_renamed(person, record)
    if has_news and _is_applied_for_by_whom_it_may(db, account, person, wish, now=now):
        return
    if wish.person_id != person.id:
        raise Refused("paper-not-renewed" if wish.renews == person.id else "account-exists")
    if level_of(db, person.id, now=now) >= wish.level:
        raise Refused("level-held", level=wish.level)


def _is_applied_for_by_whom_it_may(db: Session, account: Account, person: Person, wish: Wish, *, now: datetime) -> bool:
    """The holder, or for a child or ward the guardian there is; a closed account stays closed."""
    guardians = [row.guardian_id for row in guardians_of(db, person.id, now=now)]
    is_theirs = wish.guardian_id in guardians if guardians else wish.guardian_id is None
    return is_theirs and account.state != AccountState.CLOSED


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


def check_phone(db: Session, record: Record, phone: str, person: Person | None, wish: Wish) -> None:
    """One phone, one person, unless it is the guardian's; a recycled number is sorted out at the counter.

    Two people who send the same phone at the same moment are asked one after the other.
    """
    if is_guardians(db, phone, wish):
        return
    keys = vault(db)
    index = keys.blind("application.phone", phone)
    take_turns(db, index)
    holder = find_person_by_phone(db, phone)
    is_theirs = holder is not None and (holder.id == person.id if person else _may_be(db, holder, record))
    if holder is not None and not is_theirs:
        raise Refused("phone-used")
    own = keys.blind("application.number", key_of(record))
    if any(not same(row.open_index, own) for form in each(index) for row in _BY_PHONE.all(db, phone_index=form)):
        raise Refused("phone-used")


def _may_be(db: Session, holder: Person, record: Record) -> bool:
    """Whether a foreign resident whose papers, and perhaps whose name, are all new may be this holder; an officer
    says so (`tasks`)."""
    is_foreigner = kind_of(record) == holder.kind == Kind.FOREIGNER
    return is_foreigner and holder.birth_date == record.birth_date


def is_guardians(db: Session, phone: str | None, wish: Wish) -> bool:
    """Whether this is the number of the guardian who applies."""
    guardian = db.get(Person, wish.guardian_id) if wish.guardian_id else None
    return guardian is not None and phone is not None and guardian.phone == phone


def find_registered(db: Session, record: Record) -> Person | None:
    """The person whom this record describes, if we know them: by number, or by the very same document."""
    if isinstance(record, CitizenRecord):
        return find_person_by_number(db, record.personal_number)
    passport = (DocumentKind.PASSPORT, record.passport_number, record.nationality)
    return find_person_by_papers(db, [passport, (DocumentKind.RESIDENCE_CARD, record.residence_card, "VNM")])


def is_open(db: Session, record: Record) -> bool:
    """Whether there is an open application of this number."""
    index = vault(db).blind("application.number", key_of(record))
    return bool(_OPEN.all(db, open_index=index))


_OPEN = Prepared(select(Application.id).where(Application.open_index == bindparam("open_index")))
_BY_PHONE = Prepared(
    select(Application.open_index).where(
        Application.phone_index == bindparam("phone_index"),
        Application.open_index.is_not(None),
        Application.guardian_id.is_(None),
    )
)
