"""Phone numbers: one spelling (E.164), and a mask that its owner still recognises.

Numbers move between operators and new operators appear, so a prefix is no reason to refuse; that the number is in the
applicant's own name is checked by the operator or at the counter, not from its digits.
"""

from __future__ import annotations

import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from identity.base import Refused

REGION = "VN"
VIETNAM = 84
LONGEST = 40
LANDLINE = "2"
MOBILE = ("3", "5", "7", "8", "9")
MOBILE_DIGITS = 9


def normalise_phone(text: str, *, field: str = "phone") -> str:
    """A mobile number in E.164; without a country it is Vietnamese.

    Raises Refused phone-invalid, or phone-not-mobile for a Vietnamese landline, which gets no text message.
    """
    number = _parse(text)
    if number is None or not phonenumbers.is_possible_number(number):
        raise Refused("phone-invalid", field=field)
    if number.country_code == VIETNAM:
        _check_vietnamese(str(number.national_number), field)
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def masked_phone(e164: str) -> str:
    """All but the last three digits hidden; a Vietnamese number in its home spelling: 09•• ••• 678."""
    if e164.startswith("+84") and len(e164) == 12:
        return f"0{e164[3]}•• ••• {e164[-3:]}"
    return f"{e164[:3]} ••• ••• {e164[-3:]}"


def _parse(text: str) -> phonenumbers.PhoneNumber | None:
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain or len(plain) > LONGEST:
        return None
    try:
        number = phonenumbers.parse(plain, REGION)
    except NumberParseException:
        return None
    return None if number.extension else number


def _check_vietnamese(national: str, field: str) -> None:
    if national.startswith(LANDLINE):
        raise Refused("phone-not-mobile", field=field)
    if len(national) != MOBILE_DIGITS or not national.startswith(MOBILE):
        raise Refused("phone-invalid", field=field)
