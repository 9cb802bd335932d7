"""Who the made-up people are.

They come in households of ten: six adult citizens, a minor (a child of the first adult), three foreign residents. What
a portal must cope with comes at a fixed pace, so that a small population has it too: expired cards and residence,
missing biometrics, a name the register writes without marks, a number of somebody born abroad, a dead person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, islice
from random import Random

from identity.documents.numbers import PROVINCE_CODES, build_personal_number
from identity.names import fold
from identity.registers.synthetic.lists import Lists, read_lists

REFERENCE_DAY = date(2026, 11, 1)
"""Ages and expiry dates are reckoned from here unless the caller says otherwise."""

ADULTS, MINORS, FOREIGNERS = 6, 1, 3
BORN_ABROAD = "301"
"""Stands for the unpublished country codes of personal numbers."""
SERIALS_FROM, SERIALS = 900_000, 100_000
EVERY_EXPIRED_CARD, EVERY_NO_BIOMETRICS, EVERY_PLAIN_NAME, EVERY_DEAD, EVERY_ABROAD = 24, 19, 16, 90, 61
EVERY_EXPIRED_RESIDENCE, EVERY_EXPIRED_PASSPORT, EVERY_NOT_CAPTURED, EVERY_PERMANENT = 17, 41, 8, 7


@dataclass(frozen=True, slots=True)
class SyntheticCitizen:
    """A row of the population register, by its column names."""

    personal_number: str
    full_name: str
    birth_date: date
    sex: str
    nationality: str
    address: str
    unit_code: str
    card_number: str
    card_issued_on: date
    card_expires_on: date | None
    has_biometrics: bool
    photo: bytes | None
    guardian_number: str | None
    died_on: date | None


@dataclass(frozen=True, slots=True)
class SyntheticForeigner:
    """A row of the immigration register, by its column names."""

    residence_card: str
    residence_kind: str
    residence_category: str
    residence_expires_on: date
    passport_number: str
    passport_expires_on: date
    nationality: str
    surname: str
    given_names: str
    original_name: str
    birth_date: date
    sex: str
    has_biometrics: bool
    address: str
    unit_code: str
    photo: bytes | None
    died_on: date | None


def generate(size: int, seed: int, *, on: date = REFERENCE_DAY) -> Iterator[SyntheticCitizen | SyntheticForeigner]:
    """The first `size` people of the population with this seed; a longer run begins with the same people."""
    return islice(_everybody(seed, on), size)


def _everybody(seed: int, on: date) -> Iterator[SyntheticCitizen | SyntheticForeigner]:
    lists, taken = read_lists(on), set[str]()
    for household in count():
        draw = Random(f"{seed}:{household}")
        first: SyntheticCitizen | None = None
        for member in range(ADULTS):
            adult = _adult(draw, lists, household * ADULTS + member, on, taken)
            first = first or adult
            yield adult
        if first is not None:
            yield _minor(draw, lists, household, on, taken, first)
        for member in range(FOREIGNERS):
            yield foreigner(draw, lists, household * FOREIGNERS + member, on)


def _adult(draw: Random, lists: Lists, index: int, on: date, taken: set[str]) -> SyntheticCitizen:
    if index % ADULTS == 0:
        birth_date = on - timedelta(days=draw.randint(34 * 365, 55 * 365))  # old enough to be the minor's parent
    else:
        birth_date = on - timedelta(days=int(draw.triangular(18.1, 92, 36) * 365.25))
    sex = draw.choice(("male", "female"))
    name = lists.vietnamese_name(draw, sex)
    address, unit_code = lists.citizens_live.draw(draw)
    number = _personal_number(draw, index, birth_date, sex, taken)
    issued_on, expires_on = _card_dates(draw, birth_date, on, expired=index % EVERY_EXPIRED_CARD == 11)
    return SyntheticCitizen(
        personal_number=number,
        full_name=fold(name).upper() if index % EVERY_PLAIN_NAME == 9 else name,
        birth_date=birth_date,
        sex=sex,
        nationality="VNM",
        address=address,
        unit_code=unit_code,
        card_number=number,
        card_issued_on=issued_on,
        card_expires_on=expires_on,
        has_biometrics=index % EVERY_NO_BIOMETRICS != 3,
        photo=None,
        guardian_number=None,
        died_on=on - timedelta(days=draw.randint(10, 900)) if index % EVERY_DEAD == 32 else None,
    )


def _minor(
    draw: Random, lists: Lists, index: int, on: date, taken: set[str], parent: SyntheticCitizen
) -> SyntheticCitizen:
    """Lives with the parent and bears the father's or mother's family name."""
    birth_date = on - timedelta(days=draw.randint(200, 13 * 365))
    sex = draw.choice(("male", "female"))
    number = _personal_number(draw, index, birth_date, sex, taken)
    return SyntheticCitizen(
        personal_number=number,
        full_name=lists.child_name(draw, sex, parent.full_name),
        birth_date=birth_date,
        sex=sex,
        nationality="VNM",
        address=parent.address,
        unit_code=parent.unit_code,
        card_number=number,
        card_issued_on=birth_date + timedelta(days=60),
        card_expires_on=_birthday(birth_date, 14),
        has_biometrics=on.year - birth_date.year > 6,
        photo=None,
        guardian_number=parent.personal_number,
        died_on=None,
    )


def citizen(draw: Random, lists: Lists, index: int, on: date) -> SyntheticCitizen:
    """Somebody grown up. Two may get the same number: a caller who draws many gives them numbers of its own."""
    return _adult(draw, lists, index, on, set())


def foreigner(draw: Random, lists: Lists, index: int, on: date) -> SyntheticForeigner:
    """Somebody with a residence card; `index` makes the numbers of the papers, different for the first ten million."""
    country, sex = lists.countries.draw(draw), draw.choice(("male", "female"))
    surname, given_names, original_name = country.name(draw, sex)
    address, unit_code = lists.foreigners_live.draw(draw)
    permanent = index % EVERY_PERMANENT == 2
    kind = "PRC" if permanent else "TRC"
    return SyntheticForeigner(
        residence_card=f"Z{kind[0]}{_scattered(index)}",
        residence_kind=kind,
        residence_category=draw.choice(lists.residence[kind]),
        residence_expires_on=_expiry(draw, on, 10 if permanent else 3, expired=index % EVERY_EXPIRED_RESIDENCE == 5),
        passport_number=f"ZZ{_scattered(index + 1)}",
        passport_expires_on=_expiry(draw, on, 9, expired=index % EVERY_EXPIRED_PASSPORT == 20),
        nationality=country.code,
        surname=surname,
        given_names=given_names,
        original_name=original_name,
        birth_date=on - timedelta(days=int(draw.triangular(4, 74, 34) * 365.25)),
        sex=sex,
        has_biometrics=index % EVERY_NOT_CAPTURED != 3,
        address=address,
        unit_code=unit_code,
        photo=None,
        died_on=on - timedelta(days=30) if index % EVERY_DEAD == 44 else None,
    )


def _personal_number(draw: Random, index: int, birth_date: date, sex: str, taken: set[str]) -> str:
    province = BORN_ABROAD if index % EVERY_ABROAD == 30 else draw.choice(_PROVINCES)
    for serial in count(draw.randrange(SERIALS)):
        number = build_personal_number(province, birth_date, sex, SERIALS_FROM + serial % SERIALS)
        if number not in taken:
            break
    taken.add(number)
    return number


def _scattered(index: int) -> str:
    """Seven digits, different for the first ten million, that do not run in order."""
    return f"{(index * 7_654_321 + 1_234_567) % 10_000_000:07d}"


def _card_dates(draw: Random, birth_date: date, on: date, *, expired: bool) -> tuple[date, date | None]:
    """A card runs to the next birthday of 25, 40, 60; from 60 it has no end (Law 26/2023/QH15, Art. 21)."""
    if expired:
        return on - timedelta(days=3000), on - timedelta(days=draw.randint(5, 300))
    age = on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
    ends = next((_birthday(birth_date, limit) for limit in (25, 40, 60) if age < limit), None)
    return on - timedelta(days=draw.randint(30, 1400)), ends


def _expiry(draw: Random, on: date, years: int, *, expired: bool) -> date:
    return on + timedelta(days=-draw.randint(3, 200) if expired else draw.randint(90, years * 365))


def _birthday(birth_date: date, age: int) -> date:
    """29 February falls on 1 March of a common year."""
    try:
        return birth_date.replace(year=birth_date.year + age)
    except ValueError:
        return date(birth_date.year + age, 3, 1)


_PROVINCES = sorted(PROVINCE_CODES)
