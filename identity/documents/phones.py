"""Phone numbers: one spelling (E.164), and a mask that its owner still recognises.

Numbers move between operators and new operators appear, so a prefix is no reason to refuse; that the number is in the
applicant's own name is checked by the operator or at the counter, not from its digits.
"""

from __future__ import annotations

import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from identity.base import Refused

REGION = "VN"
VIETNAM = 84
LONGEST = 40


def normalise_phone(text: str, *, field: str = "phone") -> str:
    """The number in E.164; without a country it is Vietnamese. Raises Refused phone-invalid."""
    number = _parse(text)
    if number is None or not phonenumbers.is_possible_number(number):
        raise Refused("phone-invalid", field=field)
    if number.country_code == VIETNAM and len(str(number.national_number)) != 9 and is_mobile(_e164(number)):
        raise Refused("phone-invalid", field=field)
    return _e164(number)


def is_mobile(e164: str) -> bool:
    """May it receive a text message? A Vietnamese number that starts 3, 5, 7, 8 or 9; abroad, what the plan says."""
    if e164.startswith("+84"):
        return e164[3:4] in set("35789")
    kind = phonenumbers.number_type(phonenumbers.parse(e164))
    return kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.UNKNOWN)


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


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
