"""The level follows from evidence that is valid at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from identity.base import Refused, new_id
from identity.deadlines import end_of_day, today_in_vietnam
from identity.evidence import EvidenceKind, Strength, add_evidence, evidence_of
from identity.levels import level_details, level_of, requirements_for
from identity.person import Kind, Person, add_person

K = EvidenceKind
CARD_ONLINE = {K.REGISTER, K.CITIZEN_CARD}
AT_THE_COUNTER = CARD_ONLINE | {K.IN_PERSON, K.BIOMETRICS}


def a_person(db: Session, kind: Kind = Kind.CITIZEN, *, now: datetime) -> Person:
    person = Person(kind=kind.value, sex="female", nationality="VNM", age_band="30-44", created_at=now)
    add_person(db, person, full_name="Nguyễn Thị Thử", birth_date=date(1990, 9, 2), phone=None)
    db.flush()
    return person


def prove(db: Session, person: Person, kinds: Iterable[EvidenceKind], *, now: datetime, days: int = 100) -> None:
    for kind in kinds:
        add_evidence(db, person.id, kind, now=now, ends_on=today_in_vietnam(now) + timedelta(days=days))
    db.flush()


@pytest.mark.parametrize(
    ("kinds", "level"),
    [
        (set(), 0),
        ({K.REGISTER}, 0),
        (CARD_ONLINE, 1),
        (CARD_ONLINE | {K.IN_PERSON}, 1),
        (AT_THE_COUNTER, 2),
        (AT_THE_COUNTER - {K.REGISTER}, 0),
    ],
)
def test_a_citizens_level_is_what_the_evidence_carries(
    db: Session, now: datetime, kinds: set[EvidenceKind], level: int
) -> None:
    person = a_person(db, now=now)
    prove(db, person, kinds, now=now)
    assert level_of(db, person.id, now=now) == level


def test_evidence_of_this_very_transaction_counts(db: Session, now: datetime) -> None:
    person = a_person(db, now=now)
    for kind in AT_THE_COUNTER:
        add_evidence(db, person.id, kind, now=now)
    assert level_of(db, person.id, now=now) == 2


def test_a_foreign_resident_needs_passport_and_residence_card(db: Session, now: datetime) -> None:
    person = a_person(db, Kind.FOREIGNER, now=now)
    prove(db, person, AT_THE_COUNTER | {K.PASSPORT}, now=now)
    assert level_of(db, person.id, now=now) == 0
    prove(db, person, {K.RESIDENCE_CARD}, now=now)
    assert level_of(db, person.id, now=now) == 2


def test_expired_evidence_lowers_the_level_and_a_renewal_restores_it(db: Session, now: datetime) -> None:
    person = a_person(db, now=now)
    prove(db, person, AT_THE_COUNTER - {K.CITIZEN_CARD}, now=now, days=1000)
    prove(db, person, {K.CITIZEN_CARD}, now=now, days=10)
    later = end_of_day(today_in_vietnam(now) + timedelta(days=10))
    assert level_of(db, person.id, now=later - timedelta(seconds=1)) == 2
    assert level_of(db, person.id, now=later) == 0
    prove(db, person, {K.CITIZEN_CARD}, now=later, days=500)
    assert level_of(db, person.id, now=later) == 2


def test_a_level_ends_when_the_first_proof_it_rests_on_ends(db: Session, now: datetime) -> None:
    person = a_person(db, now=now)
    prove(db, person, AT_THE_COUNTER, now=now, days=1000)
    prove(db, person, {K.PASSPORT}, now=now, days=1)  # not needed by a citizen
    assert level_details(db, person.id, now=now).expires_at == end_of_day(today_in_vietnam(now) + timedelta(days=1000))


def test_nobody_has_no_level(db: Session, now: datetime) -> None:
    assert level_of(db, new_id(), now=now) == 0


def test_biometrics_are_the_strongest_evidence(db: Session, now: datetime) -> None:
    person = a_person(db, now=now)
    add_evidence(db, person.id, K.BIOMETRICS, now=now)
    assert [one.strength for one in evidence_of(db, person.id)] == [Strength.SUPERIOR]


def test_under_six_there_is_no_level_two(now: datetime) -> None:
    assert requirements_for(2, "citizen", 6, now=now) == AT_THE_COUNTER
    with pytest.raises(Refused, match="no-level-at-this-age"):
        requirements_for(2, "citizen", 5, now=now)
    assert requirements_for(1, "citizen", 5, now=now) == CARD_ONLINE
