"""Applicants for the tests of applications: register records, filled drafts, officers, and a file at any step."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Account, AccountState, create_account, find_account_of
from identity.application import (
    Application,
    Draft,
    Issued,
    acknowledge,
    apply,
    decide,
    record_capture,
    record_match,
    save_step,
    start_draft,
)
from identity.application.registered import Record
from identity.audit import SYSTEM, Actor
from identity.base import new_id
from identity.gateways import CitizenRecord, ForeignerRecord, MatchResult
from identity.person import Person
from identity.places import Office, Unit
from identity.staff import give_role

CITIZEN = CitizenRecord(
    personal_number="001190123456",
    full_name="Nguyễn Thị Ánh Thử",
    birth_date=date(1990, 9, 2),
    sex="female",
    nationality="VNM",
    address="12 phố Thử",
    unit_code="00004",
    card_number="001190123456",
    card_expires_on=date(2030, 9, 2),
    has_biometrics=True,
    photo=None,
    is_dead=False,
)
FOREIGNER = ForeignerRecord(
    passport_number="M12345678",
    nationality="KOR",
    full_name="KIM TEST MINJI",
    birth_date=date(1988, 3, 15),
    sex="female",
    passport_expires_on=date(2031, 1, 1),
    residence_card="TRC-100200",
    residence_kind="TRC",
    residence_category="LD",
    residence_expires_on=date(2028, 6, 30),
    has_biometrics=True,
    address="34 phố Thử",
    unit_code="00004",
)


def an_office(db: Session, kind: str = "commune_police") -> Office:
    """Some office of that kind."""
    return db.scalars(select(Office).where(Office.kind == kind).order_by(Office.id).limit(1)).one()


def a_record(db: Session, base: Record = CITIZEN, **changes: Any) -> Record:
    """A record of somebody who lives in a commune that exists."""
    code = db.scalars(select(Unit.code).where(Unit.kind == "commune", Unit.valid_to.is_(None)).limit(1)).one()
    return replace(base, unit_code=code, **changes)


def a_draft(db: Session, record: Record, *, now: datetime, phone: str = "+84912345678", **answers: Any) -> Draft:
    """A draft with every step answered."""
    draft = start_draft(db, now=now, locale=answers.pop("locale", "vi"))
    is_citizen = isinstance(record, CitizenRecord)
    office = an_office(db, "commune_police" if is_citizen else "immigration")
    typed: dict[str, Any] = {
        "person_kind": "citizen" if is_citizen else "foreigner",
        "phone": phone,
        "phone_proved_at": now.isoformat(),
        "full_name": record.full_name,
        "birth_date": record.birth_date.isoformat(),
        "office_id": str(office.id),
        "notify_by": "sms",
    }
    if isinstance(record, CitizenRecord):
        typed |= {"personal_number": record.personal_number, "document_number": record.card_number}
    else:
        typed |= {
            "passport_number": record.passport_number,
            "nationality": record.nationality,
            "residence_card": record.residence_card,
        }
    save_step(db, draft, typed | answers, now=now)
    return draft


def an_officer(db: Session, role: str, *, now: datetime, person_id: UUID | None = None) -> Actor:
    """A member of staff in a role."""
    account = create_account(
        db, "staff", f"{role}-{new_id().hex}", person_id=person_id, display_name="Cán bộ", now=now, state="active"
    )
    db.flush()
    return Actor(account.id, role)


def at_work(db: Session, unit_id: UUID, role: str, now: datetime) -> Actor:
    """The same where it counts that the role is held there."""
    officer = an_officer(db, role, now=now)
    assert officer.account_id is not None
    give_role(db, officer.account_id, role, unit_id, SYSTEM, now=now)
    return officer


def submitted(db: Session, base: Record = CITIZEN, *, now: datetime, **answers: Any) -> tuple[Application, str]:
    """A file that was just sent, and its code."""
    record = a_record(db, base)
    return apply(db, a_draft(db, record, now=now, **answers), record, now=now)


def matched(
    db: Session, base: Record = CITIZEN, *, now: datetime, verdict: bool = True, **answers: Any
) -> tuple[Application, Actor]:
    """A file that waits for its decision, and the officer who received it."""
    application, _code = submitted(db, base, now=now, **answers)
    officer = an_officer(db, "receiving_officer", now=now)
    acknowledge(db, application, officer, now=now)
    record_capture(db, application, officer, new_id(), "CAP-0001", "ABCDE-FGHJK", now=now)
    record_match(db, application, officer, MatchResult(92 if verdict else 12, verdict), now=now)
    return application, officer


def issued(db: Session, base: Record = CITIZEN, *, now: datetime, **answers: Any) -> tuple[Application, Issued]:
    """A file whose account was issued."""
    application, _officer = matched(db, base, now=now, **answers)
    made = decide(db, application, an_officer(db, "approving_officer", now=now), "approved", now=now)
    assert made is not None
    return application, made


CHILD = replace(
    CITIZEN,
    personal_number="001218123456",
    full_name="Nguyễn Bé Thử",
    birth_date=date(2018, 5, 4),
    card_number="001218123456",
    card_expires_on=date(2032, 5, 4),
    guardian_number=CITIZEN.personal_number,
)
"""Eight years old; the register names CITIZEN as the parent."""
FOREIGN_CHILD = replace(
    FOREIGNER,
    passport_number="M87654321",
    full_name="KIM TEST HARU",
    birth_date=date(2018, 5, 4),
    residence_card="TRC-100300",
)


def sent_online(db: Session, base: Record = CITIZEN, *, now: datetime, **answers: Any) -> tuple[Application, str]:
    """A level-1 application where register, operator and portrait agree, unless `answers` say otherwise."""
    record = a_record(db, base)
    agreed: dict[str, Any] = {
        "level": 1,
        "office_id": None,
        "sim": "own",
        "portrait_file_id": str(new_id()),
        "portrait_matched": True,
        "portrait_score": 91,
    }
    return apply(db, a_draft(db, record, now=now, **agreed | answers), record, now=now)


def activated(db: Session, account_id: UUID, *, now: datetime) -> Account:
    """The account as its activation leaves it; the steps themselves are tested elsewhere."""
    account = db.get_one(Account, account_id)
    account.state, account.activated_at = AccountState.ACTIVE.value, now
    db.flush()
    return account


def a_guardian(db: Session, base: Record = CITIZEN, *, now: datetime) -> Account:
    """Somebody with level 2, from a visit to the counter."""
    _application, made = issued(db, base, now=now)
    return activated(db, made.account_id, now=now)


def for_ward(
    db: Session, guardian: Account, base: Record = CHILD, *, now: datetime, **answers: Any
) -> tuple[Application, str]:
    """What a guardian sends for a child, on their own phone."""
    person = db.get_one(Person, guardian.person_id)
    named = isinstance(base, CitizenRecord) and base.guardian_number == person.personal_number
    mine = {"guardian_id": str(person.id), "guardian_basis": "register" if named else "paper", "sim": None}
    return sent_online(db, base, now=now, phone=person.phone, **mine | answers)


def a_ward(db: Session, *, now: datetime) -> tuple[Account, Account]:
    """A child's active account of level 1, and the guardian's."""
    guardian = a_guardian(db, now=now)
    application, _code = for_ward(db, guardian, now=now)
    found = find_account_of(db, application.person_id)
    assert found is not None
    return activated(db, found.id, now=now), guardian
