"""Numbers on documents, in messages and on phones. Spaces, dots and hyphens are the reader's own business."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
from wtforms.validators import ValidationError

from portal.answers import is_put_aside
from portal.fields.base import Typed
from portal.language import _, _l, ngettext

SEPARATORS = re.compile(r"[\s.\-‐‑–_/()]+")


class Number(Typed):
    """Digits or letters in any grouping."""

    wide_characters = True
    spellcheck = False
    capitals = "characters"

    def clean(self, text: str) -> str:
        return SEPARATORS.sub("", text).upper()


class IdentityNumberField(Number):
    """The personal number: 12 digits (Law on Identification 26/2023/QH15, article 12)."""

    css = "input--number"
    input_mode = "numeric"
    missing = _l("Enter the personal number of 12 digits")
    digits = 12

    def check(self) -> None:
        if not self.data.isdigit():
            raise ValidationError(_("The personal number has digits only."))
        if len(self.data) != self.digits:
            raise ValidationError(
                ngettext(
                    "The personal number has 12 digits. Only %(num)s digit was entered.",
                    "The personal number has 12 digits. %(num)s digits were entered.",
                    len(self.data),
                )
            )

    def written(self, value: Any) -> str:
        return " ".join(re.findall(r"\d{1,3}", str(value)))


class DocumentNumberField(Number):
    """Number of a passport or residence card: Latin letters and digits (ICAO Doc 9303 part 4 allows no other)."""

    css = "input--number"
    missing = _l("Enter the number of the document")

    def __init__(self, label: Any = "", *, shortest: int = 5, longest: int = 20, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.shortest, self.longest = shortest, longest

    def check(self) -> None:
        if not re.fullmatch(r"[A-Z0-9]+", self.data):
            raise ValidationError(_("The number has letters A to Z and digits only."))
        if not self.shortest <= len(self.data) <= self.longest:
            raise ValidationError(
                _(
                    "The number has between %(least)s and %(most)s letters and digits; %(count)s were entered.",
                    least=self.shortest,
                    most=self.longest,
                    count=len(self.data),
                )
            )


class PhoneField(Typed):
    """A phone number, kept in E.164. Without + it is read as a Vietnamese one."""

    wide_characters = True
    input_type = "tel"
    input_mode = "tel"
    css = "input--number"
    spellcheck = False
    missing = _l("Enter a phone number")

    def __init__(self, label: Any = "", *, country: str = "VN", **kwargs: Any) -> None:
        super().__init__(label, **{"autocomplete": "tel", "length": 32, **kwargs})
        self.country = country

    def check(self) -> None:
        try:
            number = phonenumbers.parse(self.data, self.country)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_valid_number(number):
            raise ValidationError(
                _("This is not a phone number in use. A Vietnamese mobile number has 10 digits, like 0912 345 678.")
            )
        self.data = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def written(self, value: Any) -> str:
        number = phonenumbers.parse(str(value), self.country)
        shape = phonenumbers.PhoneNumberFormat
        home = number.country_code == phonenumbers.country_code_for_region(self.country)
        return phonenumbers.format_number(number, shape.NATIONAL if home else shape.INTERNATIONAL)


class CodeField(Number):
    """A code from a message, an app or a paper. `digits` fixes its length; without it letters are taken too.

    A code that counts `once` stands in no page that waits (`portal.answers`).
    One box, never six: people paste it, and phones fill it in (WCAG 2.2, 3.3.8).
    """

    css = "input--code"
    missing = _l("Enter the code")

    def __init__(self, label: Any = "", *, digits: int | None = 6, once: bool = True, **kwargs: Any) -> None:
        super().__init__(
            label,
            **{
                "autocomplete": "one-time-code" if digits else "off",
                "length": 64,
                **kwargs,
            },
        )
        self.digits = digits
        self.once = once and bool(digits)
        self.input_mode = "numeric" if digits else ""
        self.css = "input--code" if digits else "input--number"

    @property
    def typed(self) -> str:
        return "" if self.once and is_put_aside() else super().typed

    def check(self) -> None:
        if self.digits and not (self.data.isdigit() and len(self.data) == self.digits):
            raise ValidationError(_("The code has %(count)s digits.", count=self.digits))
