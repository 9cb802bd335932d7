"""Who lives in the demonstration: the synthetic population, with some of it moved into one ward."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from identity.deadlines import age_on
from identity.gateways import CitizenRecord, ForeignerRecord
from identity.registers.embedded import open_session
from identity.registers.synthetic import (
    SyntheticCitizen,
    SyntheticForeigner,
    card_qr,
    generate,
    load,
    passport_mrz,
)
from identity.registers.synthetic.faces import drawn_face

SEED = 20261121
WARD_CODE, WARD_ADDRESS = "00004", "Phường Ba Đình, Thành phố Hà Nội"
PROVINCE_CODE = "01"
CITIZENS, FOREIGNERS = 90, 30
"""How many people of each kind are moved into the ward."""

Neighbour = SyntheticCitizen | SyntheticForeigner


@dataclass(frozen=True, slots=True)
class Neighbours:
    """People of the ward whose papers are in order, in a fixed order. Guardians have a child in the register."""

    citizens: list[SyntheticCitizen]
    foreigners: list[SyntheticForeigner]
    guardians: list[SyntheticCitizen]


def fill_registers(url: str, size: int, today: date) -> Neighbours:
    """Load `size` people into both registers (again: the same people) and return those of the ward."""
    people = list(_with_a_ward(generate(size, SEED), today))
    with open_session(url) as session:
        load(session, people)
        session.commit()
    moved = [person for person in people if person.unit_code == WARD_CODE and _in_order(person, today)]
    citizens = [person for person in moved if isinstance(person, SyntheticCitizen)]
    parents = {person.guardian_number for person in people if isinstance(person, SyntheticCitizen)}
    return Neighbours(
        [person for person in citizens if person.personal_number not in parents],
        [person for person in moved if isinstance(person, SyntheticForeigner)],
        [person for person in citizens if person.personal_number in parents],
    )


def _with_a_ward(people: Iterable[Neighbour], today: date) -> Iterator[Neighbour]:
    """Those of the ward, and children of those moved there, have a photo in the register; of others it sends none."""
    left, adults = {SyntheticCitizen: CITIZENS, SyntheticForeigner: FOREIGNERS}, set[str]()
    for number, person in enumerate(people, start=1):
        if left[type(person)] and _in_order(person, today):
            left[type(person)] -= 1
            adults |= {person.personal_number} if isinstance(person, SyntheticCitizen) else set()
            there = f"Số {number} đường Minh Hoạ, {WARD_ADDRESS}"
            yield replace(person, unit_code=WARD_CODE, address=there, photo=face_of(person, today))
        elif person.has_biometrics and (person.unit_code == WARD_CODE or _parent(person) in adults):
            yield replace(person, photo=face_of(person, today))
        else:
            yield person


def _parent(person: Neighbour) -> str | None:
    return person.guardian_number if isinstance(person, SyntheticCitizen) else None


def _in_order(person: Neighbour, today: date) -> bool:
    """Alive, grown up, with papers that last and biometrics on record."""
    if person.died_on is not None or not person.has_biometrics or person.birth_date.year > today.year - 19:
        return False
    if isinstance(person, SyntheticCitizen):
        return person.card_expires_on is None or person.card_expires_on.year > today.year + 1
    return min(person.residence_expires_on, person.passport_expires_on).year > today.year


def full_name(person: Neighbour) -> str:
    """As in the register."""
    return (
        person.full_name if isinstance(person, SyntheticCitizen) else f"{person.surname} {person.given_names}".strip()
    )


def face_of(person: Neighbour, today: date, *, at_counter: bool = False) -> bytes:
    """A drawing: as the register keeps this person, or as a counter takes them today."""
    number = person.personal_number if isinstance(person, SyntheticCitizen) else person.residence_card
    return drawn_face(number, person.sex, age_on(person.birth_date, today), at_counter=at_counter)


def record_of(person: Neighbour) -> CitizenRecord | ForeignerRecord:
    """What the register answers about this person."""
    if isinstance(person, SyntheticCitizen):
        return CitizenRecord(
            personal_number=person.personal_number,
            full_name=person.full_name,
            birth_date=person.birth_date,
            sex=person.sex,
            nationality=person.nationality,
            address=person.address,
            unit_code=person.unit_code,
            card_number=person.card_number,
            card_expires_on=person.card_expires_on,
            has_biometrics=person.has_biometrics,
            photo=person.photo,
            is_dead=False,
        )
    return ForeignerRecord(
        passport_number=person.passport_number,
        nationality=person.nationality,
        full_name=full_name(person),
        birth_date=person.birth_date,
        sex=person.sex,
        passport_expires_on=person.passport_expires_on,
        residence_card=person.residence_card,
        residence_kind=person.residence_kind,
        residence_category=person.residence_category,
        residence_expires_on=person.residence_expires_on,
        has_biometrics=person.has_biometrics,
        address=person.address,
        unit_code=person.unit_code,
        photo=person.photo,
    )


def documents_of(person: Neighbour) -> dict[str, str]:
    """What this person can show, as var/demo.json names it."""
    known = {"full_name": full_name(person), "birth_date": person.birth_date.isoformat()}
    if isinstance(person, SyntheticCitizen):
        ends = person.card_expires_on.isoformat() if person.card_expires_on else ""
        return known | {
            "personal_number": person.personal_number,
            "card_number": person.card_number,
            "card_expires_on": ends,
            "card_qr": card_qr(person),
        }
    return known | {
        "passport_number": person.passport_number,
        "nationality": person.nationality,
        "residence_card": person.residence_card,
        "mrz": passport_mrz(person),
    }
