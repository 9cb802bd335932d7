"""Numbers on documents: the citizen's personal number, passport and residence card numbers.

Personal number (Law 26/2023/QH15; Decree 137/2015/ND-CP, Art. 13): `PPP C YY NNNNNN`, the province or country of birth
registration, century and sex, year of birth, six digits. It has no check digit.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from identity.base import Refused

BIRTH_PROVINCES = Path(__file__).parent.parent / "data" / "birth_provinces.json"
PROVINCE_CODES: frozenset[str] = frozenset(json.loads(BIRTH_PROVINCES.read_text(encoding="utf-8"))["codes"])
"""The 63 provinces before the merger of 2025, which stay on cards; today's 34 codes are among them. People born abroad
carry a country code whose list is not published, so an unknown code is looked at by an officer, never refused."""

_SEPARATORS = re.compile(r"[\s.·-]+")
_PERSONAL_NUMBER = re.compile(r"[0-9]{12}")
_RESIDENCE_CARD = re.compile(r"[A-Z0-9-]{5,20}")
_DOCUMENT_NUMBER = re.compile(r"[A-Z0-9]{5,15}")


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """A personal number and what it tells. `needs_review`: why an officer should look, never why to refuse."""

    number: str
    century_sex: int
    birth_year: int
    needs_review: tuple[str, ...] = ()

    @property
    def sex(self) -> str:
        """Even digits are male, odd female; a corrected sex need not follow."""
        return "female" if self.century_sex % 2 else "male"


def check_personal_number(
    text: str,
    *,
    birth_date: date | None = None,
    sex: str | None = None,
    today: date | None = None,
    field: str = "personal_number",
) -> PersonalNumber:
    """Read a personal number; with birth date and sex, note where they disagree with it.

    Raises Refused personal-number-invalid when it is not 12 digits, personal-number-century (digit, year) when its year
    of birth comes after `today`. Reviews: province-code-unknown, birth-year-differs, sex-differs.
    """
    number = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if not _PERSONAL_NUMBER.fullmatch(number):
        raise Refused("personal-number-invalid", field=field, found=len(re.sub("[^0-9]", "", number)))
    century_sex = int(number[3])
    read = PersonalNumber(number, century_sex, 1900 + century_sex // 2 * 100 + int(number[4:6]))
    if today is not None and read.birth_year > today.year:
        raise Refused("personal-number-century", field=field, digit=century_sex, year=read.birth_year)
    return PersonalNumber(number, century_sex, read.birth_year, tuple(_reviews(read, birth_date, sex)))


def build_personal_number(province_code: str, birth_date: date, sex: str, serial: int) -> str:
    """A number by the rule, for people that we make up."""
    century_sex = (birth_date.year // 100 - 19) * 2 + (sex == "female")
    return f"{province_code}{century_sex}{birth_date:%y}{serial:06d}"


def normalise_residence_card(text: str, *, field: str = "residence_card") -> str:
    """Capitals, digits and hyphens, 5 to 20: no format is published. Raises Refused residence-card-invalid."""
    number = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    if not _RESIDENCE_CARD.fullmatch(number):
        raise Refused("residence-card-invalid", field=field)
    return number


COUNTRY_LETTERS = 3
"""Of the country that issued a passport, where they stand before its number: KOR M12345678 (ICAO 9303)."""


def normalise_document_number(text: str, *, field: str = "passport_number") -> str:
    """A passport or travel paper number: capitals and digits, 5 to 15. Raises Refused document-number-invalid."""
    number = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if not _DOCUMENT_NUMBER.fullmatch(number):
        raise Refused("document-number-invalid", field=field)
    return number


def _reviews(read: PersonalNumber, birth_date: date | None, sex: str | None) -> list[str]:
    checks = {
        "province-code-unknown": read.number[:3] not in PROVINCE_CODES,
        "birth-year-differs": birth_date is not None and birth_date.year != read.birth_year,
        "sex-differs": sex in ("male", "female") and sex != read.sex,
    }
    return [reason for reason, found in checks.items() if found]
