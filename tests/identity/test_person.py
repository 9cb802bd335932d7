"""People and their papers: found by blind index, sealed at rest."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from identity.person import (
    DocumentKind,
    Kind,
    Person,
    add_document,
    add_person,
    age_band,
    documents_of,
    find_namesakes,
    find_person_by_document,
    find_person_by_number,
    find_person_by_phone,
    set_foreigner_number,
    set_personal_number,
)


def a_person(db: Session, now: datetime, name: str = "Nguyễn Thị Ánh Thử", phone: str | None = None) -> Person:
    person = Person(kind=Kind.CITIZEN.value, sex="female", nationality="VNM", age_band="30-44", created_at=now)
    add_person(db, person, full_name=name, birth_date=date(1990, 9, 2), phone=phone)
    db.flush()
    return person


def test_a_person_is_found_by_number_phone_and_document(db: Session, now: datetime) -> None:
    person = a_person(db, now, phone="+84912345678")
    set_personal_number(db, person, "001190123456")
    add_document(db, person, DocumentKind.PASSPORT, "C1234567", expires_on=None, issued_by="VNM", now=now)
    db.flush()
    assert find_person_by_number(db, "001190123456") is person
    assert find_person_by_phone(db, "+84912345678") is person
    assert find_person_by_document(db, DocumentKind.PASSPORT, "C1234567", "VNM") is person
    assert [paper.number for paper in documents_of(db, person.id)] == ["C1234567"]


def test_the_same_passport_number_of_another_country_is_another_document(db: Session, now: datetime) -> None:
    person = a_person(db, now)
    add_document(db, person, DocumentKind.PASSPORT, "C1234567", expires_on=None, issued_by="VNM", now=now)
    db.flush()
    assert find_person_by_document(db, DocumentKind.PASSPORT, "C1234567", "LAO") is None
    assert find_person_by_document(db, DocumentKind.RESIDENCE_CARD, "C1234567", "VNM") is None


def test_a_foreigners_number_finds_its_person(db: Session, now: datetime) -> None:
    person = a_person(db, now)
    set_foreigner_number(db, person, "912345678901")
    db.flush()
    assert find_person_by_number(db, "912345678901") is person


def test_two_people_never_share_a_number(db: Session, now: datetime) -> None:
    for name in ("Một", "Hai"):
        person = a_person(db, now, name)
        set_personal_number(db, person, "001190123456")
    with pytest.raises(IntegrityError):
        db.flush()


def test_namesakes_meet_without_marks_and_by_birth_date(db: Session, now: datetime) -> None:
    person = a_person(db, now)
    assert find_namesakes(db, "nguyen thi anh thu", date(1990, 9, 2)) == [person]
    assert find_namesakes(db, "nguyen thi anh thu", date(1990, 9, 3)) == []


def test_personal_data_lie_sealed_in_the_row(db: Session, now: datetime) -> None:
    person = a_person(db, now, phone="+84912345678")
    set_personal_number(db, person, "001190123456")
    db.flush()
    row = db.execute(select(Person.__table__)).one()
    stored = b"|".join(value for value in row if isinstance(value, bytes))
    assert b"Nguy" not in stored and b"0011901" not in stored and b"8491234" not in stored


@pytest.mark.parametrize(
    ("birth_date", "band"),
    [
        (date(2012, 11, 24), "under-14"),
        (date(2012, 11, 23), "14-17"),
        (date(1966, 11, 24), "45-59"),
        (date(1966, 11, 23), "60-and-over"),
    ],
)
def test_the_age_band_turns_on_the_birthday(birth_date: date, band: str) -> None:
    assert age_band(birth_date, date(2026, 11, 23)) == band
