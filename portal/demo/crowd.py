"""DEMO_PEOPLE=N: N active citizens for load tools, with one password, made without the walk through an office."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy.orm import Session

from identity.account import create_account, find_account
from identity.credentials.totp import new_secret
from identity.deadlines import today_in_vietnam
from identity.evidence import EvidenceKind, add_evidence
from identity.person import Person, add_person, age_band, set_personal_number
from identity.registers.synthetic import SyntheticCitizen, generate
from portal.database import Database
from portal.demo.residents import Known, known

SEED = 7
BATCH = 500


def add_crowd(database: Database, number: int, password_hash: str, *, now: datetime) -> list[Known]:
    """`number` active citizens of level 2; those who are there already are left out."""
    people, made = _grown_ups(number, now), []
    while batch := list(islice(people, BATCH)):
        with database.transaction() as db:
            made += [_settle(db, person, index, password_hash, now=now) for index, person in batch]
    return [person for person in made if person is not None]


def _grown_ups(number: int, now: datetime) -> Iterator[tuple[int, SyntheticCitizen]]:
    youngest = now.year - 19
    adults = (
        person
        for person in generate(number * 3, SEED)
        if isinstance(person, SyntheticCitizen) and person.birth_date.year < youngest and person.died_on is None
    )
    return enumerate(islice(adults, number))


def _settle(db: Session, citizen: SyntheticCitizen, index: int, password_hash: str, *, now: datetime) -> Known | None:
    if find_account(db, citizen.personal_number) is not None:
        return None
    phone = f"+8498{index:07}"
    band = age_band(citizen.birth_date, today_in_vietnam(now))
    person = Person(kind="citizen", sex=citizen.sex, nationality="VNM", age_band=band, created_at=now)
    add_person(db, person, full_name=citizen.full_name, birth_date=citizen.birth_date, phone=phone)
    set_personal_number(db, person, citizen.personal_number)
    db.flush()
    for kind in (EvidenceKind.REGISTER, EvidenceKind.CITIZEN_CARD, EvidenceKind.IN_PERSON, EvidenceKind.BIOMETRICS):
        add_evidence(db, person.id, kind, now=now, ends_on=today_in_vietnam(now) + timedelta(days=3650))
    account = create_account(
        db,
        "resident",
        citizen.personal_number,
        person_id=person.id,
        display_name=citizen.full_name,
        now=now,
        state="active",
    )
    secret = new_secret()
    account.password_hash, account.totp_secret = password_hash, secret
    return known(citizen, phone=phone, login=citizen.personal_number, secret=secret, state="active")
