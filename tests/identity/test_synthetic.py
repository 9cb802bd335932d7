import io
from collections import Counter
from datetime import date
from itertools import islice

import pytest
from PIL import Image, ImageColor
from sqlalchemy import func, select, text

from identity.deadlines import age_on
from identity.documents import (
    check_personal_number,
    normalise_document_number,
    normalise_residence_card,
    parse_card_qr,
    parse_mrz,
)
from identity.files import prepare_image
from identity.gateways import CitizenQuery, ForeignerQuery, Mismatch
from identity.names import fold, same_name
from identity.places.loading import unit_rows
from identity.registers.embedded import open_registers, open_session
from identity.registers.synthetic import (
    REFERENCE_DAY,
    SyntheticCitizen,
    SyntheticForeigner,
    card_qr,
    generate,
    load,
    passport_mrz,
    residence_mrz,
)
from identity.registers.synthetic.faces import CLOTHES, COUNTER, GROUND, HAIR, SKIN, drawn_face
from identity.registers.synthetic.lists import read_lists
from identity.registers.tables import Citizen, Foreigner

FAMILIES = read_lists(REFERENCE_DAY).families
PEOPLE = list(generate(3000, 7))
CITIZENS = [person for person in PEOPLE if isinstance(person, SyntheticCitizen)]
FOREIGNERS = [person for person in PEOPLE if isinstance(person, SyntheticForeigner)]


def test_the_same_seed_gives_the_same_people_and_another_seed_others():
    assert list(generate(200, 7)) == PEOPLE[:200]
    assert list(generate(200, 8)) != PEOPLE[:200]


def test_every_number_is_used_once():
    assert len({person.personal_number for person in CITIZENS}) == len(CITIZENS)
    assert len({person.residence_card for person in FOREIGNERS}) == len(FOREIGNERS)
    assert len({person.passport_number for person in FOREIGNERS}) == len(FOREIGNERS)


def test_two_people_who_draw_the_same_number_get_different_ones(monkeypatch):
    monkeypatch.setattr("identity.registers.synthetic.people.SERIALS", 20)
    numbers = [person.personal_number for person in generate(3000, 7) if isinstance(person, SyntheticCitizen)]
    assert len(set(numbers)) == len(numbers)


def test_numbers_pass_the_rules_and_show_that_they_are_made_up():
    for person in CITIZENS:
        read = check_personal_number(person.personal_number, birth_date=person.birth_date, sex=person.sex)
        assert set(read.needs_review) <= {"province-code-unknown"}
        assert person.personal_number[6] == "9"
    for person in FOREIGNERS:
        assert normalise_document_number(person.passport_number).startswith("ZZ")
        assert normalise_residence_card(person.residence_card)[:2] in ("ZT", "ZP")


def test_the_papers_say_what_the_register_holds():
    for person in CITIZENS:
        read = parse_card_qr(card_qr(person))
        assert (read.personal_number, read.full_name, read.birth_date, read.sex) == (
            person.personal_number,
            person.full_name,
            person.birth_date,
            person.sex,
        )
    for person in FOREIGNERS:
        name = f"{person.surname} {person.given_names}"
        for zone in (passport_mrz(person), residence_mrz(person)):
            read = parse_mrz(zone, today=REFERENCE_DAY)
            assert (read.birth_date, read.nationality) == (person.birth_date, person.nationality)
            assert same_name(read.full_name, name, any_order=True)


def test_people_live_where_there_is_a_commune():
    codes = {row["code"]: row["name"] for row in unit_rows(REFERENCE_DAY)[1]}
    for person in PEOPLE:
        assert codes[person.unit_code] in person.address


def test_a_minor_lives_with_a_parent_who_is_old_enough():
    by_number = {person.personal_number: person for person in CITIZENS}
    minors = [person for person in CITIZENS if person.guardian_number]
    assert len(minors) == 300
    for minor in minors:
        parent = by_number[minor.guardian_number]
        assert age_on(minor.birth_date, REFERENCE_DAY) < 14
        assert minor.birth_date.year - parent.birth_date.year >= 18
        assert minor.address == parent.address
        if parent.full_name.split()[0] in FAMILIES:
            assert minor.full_name.split()[0] == parent.full_name.split()[0]


@pytest.mark.parametrize("size", [300, 3000])
def test_even_a_small_population_has_what_a_portal_must_cope_with(size):
    people = PEOPLE[:size]
    citizens = [person for person in people if isinstance(person, SyntheticCitizen)]
    foreigners = [person for person in people if isinstance(person, SyntheticForeigner)]
    assert any(person.card_expires_on and person.card_expires_on < REFERENCE_DAY for person in citizens)
    assert any(not person.has_biometrics for person in citizens)
    assert any(person.died_on for person in citizens)
    assert any(fold(person.full_name).upper() == person.full_name for person in citizens)
    assert any(check_personal_number(person.personal_number).needs_review for person in citizens)
    assert any(person.residence_expires_on < REFERENCE_DAY for person in foreigners)
    assert any(person.passport_expires_on < REFERENCE_DAY for person in foreigners)
    assert any(not person.has_biometrics for person in foreigners)
    assert {person.residence_kind for person in foreigners} == {"PRC", "TRC"}
    assert {"KOR", "CHN", "JPN", "FRA", "USA", "LAO", "IND"} <= {person.nationality for person in foreigners}
    assert any(not person.original_name.isascii() for person in foreigners)


def test_most_people_are_ordinary():
    expired = sum(person.residence_expires_on < REFERENCE_DAY for person in FOREIGNERS)
    assert expired / len(FOREIGNERS) < 0.08
    assert Counter(person.residence_kind for person in FOREIGNERS)["TRC"] / len(FOREIGNERS) > 0.8


def test_dates_follow_the_day_that_is_asked_for():
    later = date(2030, 5, 1)
    ordinary = next(person for person in generate(10, 7, on=later) if isinstance(person, SyntheticForeigner))
    assert ordinary.residence_expires_on > later


def test_loading_fills_both_registers_and_again_adds_nobody(tmp_path):
    url = f"sqlite:///{tmp_path / 'registers.db'}"
    for _ in range(2):
        with open_session(url) as session:
            assert load(session, islice(PEOPLE, 200)) == 200
            session.commit()
    with open_session(url) as session:
        assert session.scalar(select(func.count()).select_from(Citizen)) == 140
        assert session.scalar(select(func.count()).select_from(Foreigner)) == 60


def test_registers_of_an_older_release_get_the_columns_that_they_lack(tmp_path):
    url = f"sqlite:///{tmp_path / 'registers.db'}"
    with open_session(url) as session:
        session.execute(text("ALTER TABLE register_foreigner DROP COLUMN photo"))
        session.commit()
    with open_session(url) as session:
        load(session, PEOPLE[:20])
        assert session.scalars(select(Foreigner.photo)).first() is None


def test_a_face_is_the_persons_own_and_the_same_in_every_picture():
    """At the counter it is nearer, before another ground, in other clothes: two pictures of one face, not one twice."""
    numbers = [f"90000{one}" for one in range(1, 9)]
    register = {number: drawn_face(number, "female", 30) for number in numbers}
    counter = {number: drawn_face(number, "female", 30, at_counter=True) for number in numbers}
    assert len(set(register.values()) | set(counter.values())) == 2 * len(numbers)
    assert drawn_face("900001", "female", 30) == register["900001"]
    assert len({look(face) for face in register.values()}) > 3, "the face depends on the number"
    for number in numbers:
        assert look(counter[number]) == look(register[number])
        kept, taken = opened(register[number]), opened(counter[number])
        assert near(kept.getpixel((5, 5)), GROUND) and near(taken.getpixel((5, 5)), COUNTER)
        assert width_of_face(taken, COUNTER) > width_of_face(kept, GROUND)
    assert any(worn(counter[number]) != worn(register[number]) for number in numbers)
    assert all(prepare_image(face, least_side=240) for face in register.values())


def opened(face):
    return Image.open(io.BytesIO(face)).convert("RGB")


def near(colour, wanted):
    """Equal but for what a JPEG loses."""
    return all(abs(one - other) < 12 for one, other in zip(colour, ImageColor.getrgb(wanted), strict=True))


def width_of_face(picture, ground):
    """From ear to ear, or from hair to hair: what is not ground on the line of the eyes."""
    return sum(not near(picture.getpixel((x, 144)), ground) for x in range(picture.width))


def look(face):
    """The colours that were meant, of the forehead and of the hair above it."""
    return tuple(meant(opened(face).getpixel((120, y)), colours) for y, colours in ((128, SKIN), (78, HAIR)))


def worn(face):
    return meant(opened(face).getpixel((120, 310)), CLOTHES)


def meant(colour, colours):
    return min(colours, key=lambda one: sum(abs(a - b) for a, b in zip(colour, ImageColor.getrgb(one), strict=True)))


def test_registers_confirm_everybody_alive(tmp_path):
    url = f"sqlite:///{tmp_path / 'registers.db'}"
    with open_session(url) as session:
        load(session, PEOPLE[:200])
        session.commit()
    population, immigration = open_registers(url)
    for person in PEOPLE[:200]:
        if isinstance(person, SyntheticCitizen):
            number = person.personal_number
            answer = population.confirm(CitizenQuery(number, person.full_name, person.birth_date, number), "test")
        else:
            name = f"{person.given_names} {person.surname}"
            query = ForeignerQuery(
                person.passport_number, person.nationality, person.birth_date, person.residence_card, name
            )
            answer = immigration.confirm(query, "test")
        assert isinstance(answer, Mismatch) == (person.died_on is not None)
