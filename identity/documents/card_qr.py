"""The QR of the citizen's identity card: text in fields parted by `|`. Unsigned: it prefills a form, never proves.

Fields: personal number, old nine-digit number (may be empty), full name, birth date ddmmyyyy, sex, permanent address,
date of issue ddmmyyyy. Samples of six fields exist, and newer cards add fields at the end: both are read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from identity.base import Refused

FEWEST_FIELDS = 6
LONGEST = 2000
SEXES = {"nam": "male", "nữ": "female", "nu": "female"}

_DAY = re.compile(r"[0-9]{8}")
_NUMBER = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True)
class CardQR:
    """What the card's QR says."""

    personal_number: str
    old_number: str
    full_name: str
    birth_date: date
    sex: str
    address: str
    issued_on: date | None


def parse_card_qr(text: str) -> CardQR:
    """Read the text of a card's QR.

    Raises Refused, field "card_qr": card-qr-shape · card-qr-number · card-qr-name · card-qr-birth-date · -issue-date.
    """
    fields = [" ".join(part.split()) for part in unicodedata.normalize("NFC", text[:LONGEST]).strip().split("|")]
    if len(fields) < FEWEST_FIELDS:
        raise Refused("card-qr-shape", field="card_qr", found=len(fields))
    number, old_number, name, born, sex, address, *rest = fields
    if not _NUMBER.fullmatch(number):
        raise Refused("card-qr-number", field="card_qr")
    if not name:
        raise Refused("card-qr-name", field="card_qr")
    issued_on = _day("issue-date", rest[0]) if rest and rest[0] else None
    sex = SEXES.get(sex.casefold(), "unspecified")
    return CardQR(number, old_number, name, _day("birth-date", born), sex, address, issued_on)


def build_card_qr(card: CardQR) -> str:
    """The text of a made-up card's QR."""
    sex = {"male": "Nam", "female": "Nữ"}.get(card.sex, "")
    issued = f"{card.issued_on:%d%m%Y}" if card.issued_on else ""
    fields = (card.personal_number, card.old_number, card.full_name, f"{card.birth_date:%d%m%Y}", sex, card.address)
    return "|".join((*fields, issued))


def _day(which: str, signs: str) -> date:
    try:
        if not _DAY.fullmatch(signs):
            raise ValueError(signs)
        return date(int(signs[4:]), int(signs[2:4]), int(signs[:2]))
    except ValueError:
        raise Refused(f"card-qr-{which}", field="card_qr", which=which) from None
