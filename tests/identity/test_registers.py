from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event

from identity.gateways import (
    MISMATCH,
    CitizenQuery,
    ForeignerQuery,
    ImmigrationRegister,
    MatchResult,
    PopulationRegister,
    RegisterUnavailable,
)
from identity.registers.embedded import open_registers, open_session
from identity.registers.tables import Citizen, Foreigner, RegisterBase, set_available

HOA = {
    "personal_number": "001190912345",
    "full_name": "Trần Thị Hoà",
    "birth_date": date(1990, 9, 2),
    "sex": "female",
    "nationality": "VNM",
    "address": "12 Lê Lợi, Phường Ba Đình, Thành phố Hà Nội",
    "unit_code": "00004",
    "card_number": "001190912345",
    "card_expires_on": date(2030, 9, 2),
    "has_biometrics": True,
}
AN = HOA | {"personal_number": "001090912346", "card_number": "001090912346", "full_name": "Lê Văn An", "sex": "male"}
DEAD = HOA | {"personal_number": "001150912347", "card_number": "001150912347", "died_on": date(2026, 1, 2)}
KIM = {
    "residence_card": "ZT0000001",
    "residence_kind": "TRC",
    "residence_category": "LD",
    "residence_expires_on": date(2027, 1, 1),
    "passport_number": "ZZ0000001",
    "passport_expires_on": date(2030, 1, 1),
    "nationality": "KOR",
    "surname": "KIM",
    "given_names": "MINJUN",
    "original_name": "김민준",
    "birth_date": date(1988, 5, 6),
    "sex": "male",
    "has_biometrics": False,
    "address": "1 Hùng Vương, Phường Võ Cường, Thành phố Bắc Ninh",
    "unit_code": "09190",
}
LEE = KIM | {"residence_card": "ZT0000002", "passport_number": "ZZ0000002", "surname": "LEE", "has_biometrics": True}

ASKED_HOA = CitizenQuery("001190912345", "Trần Thị Hoà", date(1990, 9, 2), "001190912345")
ASKED_KIM = ForeignerQuery("ZZ0000001", "KOR", date(1988, 5, 6), "ZT0000001", "KIM MINJUN")


@pytest.fixture
def url(engine, tmp_path, request) -> str:
    if engine == "sqlite":
        address = f"sqlite:///{tmp_path / 'registers.db'}"
    else:
        address = request.getfixturevalue("postgresql").create(f"registers_{uuid4().hex[:12]}")
    with open_session(address) as session:
        session.add_all([Citizen(**HOA), Citizen(**AN), Citizen(**DEAD), Foreigner(**KIM), Foreigner(**LEE)])
        session.commit()
    return address


@pytest.fixture
def population(url) -> Iterator[PopulationRegister]:
    register, _ = open_registers(url)
    yield register
    register.close()


@pytest.fixture
def immigration(url) -> Iterator[ImmigrationRegister]:
    _, register = open_registers(url)
    yield register
    register.close()


@contextmanager
def heard() -> Iterator[list[str]]:
    """The statements that reach any database meanwhile."""
    statements: list[str] = []

    def hear(_connection, _cursor, statement, *_rest) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    yield statements
    event.remove(Engine, "before_cursor_execute", hear)


def test_a_citizen_whose_claims_are_right_is_confirmed(population):
    record = population.confirm(ASKED_HOA, "level 2 application")
    assert (record.full_name, record.address, record.is_dead) == ("Trần Thị Hoà", HOA["address"], False)


def test_how_a_name_and_a_number_are_typed_does_not_matter(population, immigration):
    typed = replace(ASKED_HOA, full_name=" tran thi  HÒA", personal_number="001 190 912 345")
    assert population.confirm(typed, "test").personal_number == "001190912345"
    typed = replace(ASKED_KIM, full_name="Minjun Kim", passport_number="zz 0000001", residence_card="zt0000001")
    assert immigration.confirm(typed, "test").full_name == "KIM MINJUN"


@pytest.mark.parametrize(
    "changed",
    [
        {"personal_number": "001190999999"},
        {"personal_number": AN["personal_number"]},
        {"personal_number": AN["personal_number"], "document_number": AN["personal_number"]},
        {"personal_number": DEAD["personal_number"], "document_number": DEAD["personal_number"]},
        {"personal_number": "", "document_number": "", "full_name": "-", "birth_date": date.min},
        {"full_name": "Trần Thị Hoa Mai"},
        {"full_name": ""},
        {"birth_date": date(1990, 2, 9)},
        {"document_number": "001190912344"},
        {"document_number": ""},
    ],
)
def test_whatever_differs_a_citizen_gets_the_one_answer(population, changed):
    assert population.confirm(replace(ASKED_HOA, **changed), "test") is MISMATCH


@pytest.mark.parametrize(
    "changed",
    [
        {"passport_number": LEE["passport_number"]},
        {"residence_card": LEE["residence_card"]},
        {"residence_card": "ZT9999999"},
        {"residence_card": "", "passport_number": "", "nationality": "", "full_name": "-", "birth_date": date.min},
        {"nationality": "PRK"},
        {"birth_date": date(1988, 6, 5)},
        {"full_name": "KIM MINJI"},
    ],
)
def test_whatever_differs_a_foreigner_gets_the_one_answer(immigration, changed):
    assert immigration.confirm(replace(ASKED_KIM, **changed), "test") is MISMATCH


def test_a_right_and_a_wrong_question_cost_the_same_look_ups(population):
    def look_ups(query: CitizenQuery) -> list[str]:
        with heard() as statements:
            population.confirm(query, "test")
        return statements

    right = look_ups(ASKED_HOA)
    assert len(right) == 2
    assert look_ups(replace(ASKED_HOA, personal_number="001190999999")) == right
    assert look_ups(replace(ASKED_HOA, full_name="Lê Văn An")) == right
    assert look_ups(replace(ASKED_HOA, personal_number=DEAD["personal_number"])) == right


def test_an_expired_residence_is_confirmed_with_its_date(url, immigration):
    with open_session(url) as session:
        session.get_one(Foreigner, "ZT0000001").residence_expires_on = date(2020, 1, 1)
        session.commit()
    assert immigration.confirm(ASKED_KIM, "test").residence_expires_on == date(2020, 1, 1)


def test_a_capture_matches_the_person_it_was_taken_of(population, immigration):
    assert population.match_biometrics("001190912345", "capture-1", "test").matched
    again = population.match_biometrics("001190912345", "capture-1", "test")
    assert again == population.match_biometrics("001190912345", "capture-1", "test")
    assert immigration.match_biometrics("ZT0000002", "capture-1", "test").matched


def test_another_persons_capture_does_not_match(population):
    result = population.match_biometrics("001190912345", "nomatch-1", "test")
    assert not result.matched
    assert result.score < 75


@pytest.mark.parametrize("reference", ["ZT0000001", "ZT9999999"])
def test_where_nothing_is_on_record_nothing_matches(immigration, reference):
    assert immigration.match_biometrics(reference, "capture-1", "test") == MatchResult(0, False)


def test_a_register_that_is_switched_off_answers_nobody_until_it_is_on_again(url, population, immigration):
    with open_session(url) as session:
        set_available(session, "immigration", False)
        session.commit()
    with pytest.raises(RegisterUnavailable):
        immigration.confirm(ASKED_KIM, "test")
    with pytest.raises(RegisterUnavailable):
        immigration.match_biometrics("ZT0000002", "capture-1", "test")
    assert population.confirm(ASKED_HOA, "test") is not MISMATCH
    with open_session(url) as session:
        set_available(session, "immigration", True)
        session.commit()
    assert immigration.confirm(ASKED_KIM, "test") is not MISMATCH


def test_a_register_whose_database_is_away_is_unavailable(tmp_path):
    population, _ = open_registers(f"sqlite:///{tmp_path / 'nowhere' / 'registers.db'}")
    with pytest.raises(RegisterUnavailable):
        population.confirm(ASKED_HOA, "test")


def test_the_register_tables_are_no_part_of_the_portals_database():
    from identity.base import Base

    assert not set(RegisterBase.metadata.tables) & set(Base.metadata.tables)
