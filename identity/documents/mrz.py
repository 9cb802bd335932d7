"""The machine-readable zone: passports (TD3, 2 lines of 44) and residence cards (TD1, 3 lines of 30).

Source: ICAO Doc 9303 parts 3 (check digits 4.9, names 6), 4 (TD3) and 5 (TD1). Reading forgives spaces, line breaks,
case and how the filler was typed; it is strict about check digits and says which one failed, because that is where the
typing mistake sits. An unsigned text: it prefills a form and proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import cycle

from identity.base import Refused
from identity.names import fold

WEIGHTS = (7, 3, 1)
EXPIRY_WINDOW = 50
"""Two-digit years of expiry lie within 50 years of today."""
FARTHEST = 13
"""A line that is this many signs off its width is still that line; beyond it the text is something else."""
SEXES = {"M": "male", "F": "female", "<": "unspecified", "X": "unspecified"}

_GERMANY = {"D": "DEU"}
"""The one state whose code in a zone is not its ISO 3166-1 alpha-3 code (Doc 9303 part 3, section 5)."""
_FILLER_LOOKALIKES = str.maketrans(dict.fromkeys("‹＜〈_", "<"))
_BLANK = re.compile(r"[^\S\n]")


@dataclass(frozen=True, slots=True)
class Mrz:
    """What a zone says. Names are bare capitals and may be cut; `kind` is "passport" or "card"."""

    kind: str
    issuer: str
    surname: str
    given_names: str
    document_number: str
    nationality: str
    birth_date: date
    sex: str
    expires_on: date
    optional: str = ""

    @property
    def full_name(self) -> str:
        """Family name first, as the zone has it."""
        return f"{self.surname} {self.given_names}".strip()


@dataclass(frozen=True, slots=True)
class _Check:
    """A check digit: `which` names it to the person, `covers` are the spans it is computed over, `at` its place."""

    which: str
    covers: tuple[tuple[int, int], ...]
    at: int
    may_be_filler: bool = False


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where a size of document keeps what, counted from 0 over its lines written as one."""

    kind: str
    codes: str
    lines: int
    width: int
    names: tuple[int, int]
    number: tuple[int, int]
    nationality: tuple[int, int]
    birth: tuple[int, int]
    sex: int
    expiry: tuple[int, int]
    optional: tuple[int, int]
    checks: tuple[_Check, ...]

    def is_of_names(self, place: int) -> bool:
        """Whether the line at this place (from 0) holds the names."""
        return place == self.names[1] // self.width - 1

    def may_be(self, line: str, place: int) -> bool:
        """Whether a line without blanks has as many signs as it must."""
        return len(line) == self.width or (len(line) < self.width and self.is_of_names(place))


_TD3 = _Layout(
    "passport", "P", 2, 44, (5, 44), (44, 53), (54, 57), (57, 63), 64, (65, 71), (72, 86),
    (
        _Check("document-number", ((44, 53),), 53),
        _Check("birth-date", ((57, 63),), 63),
        _Check("expiry-date", ((65, 71),), 71),
        _Check("optional", ((72, 86),), 86, may_be_filler=True),
        _Check("whole", ((44, 54), (57, 64), (65, 87)), 87),
    ),
)  # fmt: skip
_TD1 = _Layout(
    "card", "AIC", 3, 30, (60, 90), (5, 14), (45, 48), (30, 36), 37, (38, 44), (15, 30),
    (
        _Check("document-number", ((5, 14),), 14),
        _Check("birth-date", ((30, 36),), 36),
        _Check("expiry-date", ((38, 44),), 44),
        _Check("whole", ((5, 30), (30, 37), (38, 45), (48, 59)), 59),
    ),
)  # fmt: skip


def check_digit(text: str) -> str:
    """Weights 7-3-1 repeating; digits count as themselves, A-Z as 10-35, filler as 0; the sum modulo 10."""
    return str(sum(_value(sign) * weight for sign, weight in zip(text, cycle(WEIGHTS), strict=False)) % 10)


def parse_mrz(text: str, *, today: date) -> Mrz:
    """Read a passport's or a residence card's zone.

    Raises Refused, field "mrz": mrz-line (line, found, width) · mrz-length (found, passport, card) ·
    mrz-characters (found) · mrz-kind (found) · mrz-check-document-number, -birth-date, -expiry-date, -optional, -whole
    (which, expected, found) · mrz-birth-date, mrz-expiry-date (which) when there is no such day.
    """
    layout, signs = _recognise(text)
    strange = re.search(r"[^A-Z0-9<]", signs)
    if strange:
        raise Refused("mrz-characters", field="mrz", found=strange.group())
    if signs[0] not in layout.codes:
        raise Refused("mrz-kind", field="mrz", found=signs[0])
    for check in layout.checks:
        _verify(check, signs)
    return _read(layout, signs, today)


def build_passport_mrz(mrz: Mrz) -> str:
    """The two lines of a passport with their check digits, for documents that we make up."""
    data = f"{mrz.document_number:<<9}0{_zone_code(mrz.nationality)}{mrz.birth_date:%y%m%d}0{_sex_sign(mrz)}"
    data += f"{mrz.expires_on:%y%m%d}0{mrz.optional:<<14}00"
    return _complete(_TD3, f"P<{_zone_code(mrz.issuer)}{_name_line(mrz, 39)}{data}")


def build_residence_mrz(mrz: Mrz) -> str:
    """The three lines of a card of size TD1 with their check digits."""
    data = f"I<{_zone_code(mrz.issuer)}{mrz.document_number:<<9}0{mrz.optional:<<15}"
    data += f"{mrz.birth_date:%y%m%d}0{_sex_sign(mrz)}{mrz.expires_on:%y%m%d}0{_zone_code(mrz.nationality)}"
    return _complete(_TD1, f"{data}{'<' * 11}0{_name_line(mrz, 30)}")


def _recognise(text: str) -> tuple[_Layout, str]:
    """Which layout the text has, and its signs as one line."""
    upper = text.strip().upper().replace("\r\n", "\n").translate(_FILLER_LOOKALIKES)
    for filler in ("<<", "<"):  # editors join << to «, and some fonts show one
        lines = [line.strip() for line in upper.replace("«", filler).split("\n") if line.strip()]
        for layout in (_TD3, _TD1):
            signs = _join(layout, lines)
            if signs is not None:
                return layout, signs
    raise _miscounted(upper.replace("«", "<<"))


def _join(layout: _Layout, lines: list[str]) -> str | None:
    """The signs of a layout. Lines that are broken elsewhere than in the document must prove themselves whole."""
    if len(lines) == layout.lines:
        even = [_even(layout, place, line) for place, line in enumerate(lines)]
        if all(len(line) == layout.width for line in even):
            return "".join(even)
    signs = re.sub(r"\s", "", "".join(lines))
    if len(signs) != layout.lines * layout.width:
        return None
    return signs if len(lines) not in (_TD3.lines, _TD1.lines) or _is_sound(layout, signs) else None


def _even(layout: _Layout, place: int, line: str) -> str:
    """Blanks dropped if that fits, else read as fillers. At the end of the names fillers may be missing."""
    compact = _BLANK.sub("", line)
    if len(compact) == layout.width:
        return compact
    spelt = _BLANK.sub("<", line)
    return spelt.ljust(layout.width, "<") if layout.is_of_names(place) else spelt


def _is_sound(layout: _Layout, signs: str) -> bool:
    try:
        for check in layout.checks:
            _verify(check, signs)
    except Refused:
        return False
    return True


def _miscounted(text: str) -> Refused:
    """Which line has too few or too many signs; where even that cannot be told, how many signs there should be."""
    lines = [_BLANK.sub("", line) for line in text.split("\n") if line.strip()]
    for layout in (_TD3, _TD1):
        wrong = {place + 1: len(line) for place, line in enumerate(lines) if not layout.may_be(line, place)}
        near = all(abs(found - layout.width) <= FARTHEST for found in wrong.values())
        if wrong and near and len(lines) == layout.lines:
            line = min(wrong)
            return Refused("mrz-line", field="mrz", line=line, found=wrong[line], width=layout.width)
    passport, card = (layout.lines * layout.width for layout in (_TD3, _TD1))
    return Refused("mrz-length", field="mrz", found=sum(map(len, lines)), passport=passport, card=card)


def _verify(check: _Check, signs: str) -> None:
    covered = "".join(signs[start:end] for start, end in check.covers)
    expected, found = check_digit(covered), signs[check.at]
    unused = check.may_be_filler and found == "<" and not covered.strip("<")
    if found != expected and not unused:
        raise Refused(f"mrz-check-{check.which}", field="mrz", which=check.which, expected=expected, found=found)


def _read(layout: _Layout, signs: str, today: date) -> Mrz:
    surname, _, given_names = signs[slice(*layout.names)].partition("<<")
    return Mrz(
        kind=layout.kind,
        issuer=_iso_code(signs[2:5]),
        surname=_spaced(surname),
        given_names=_spaced(given_names),
        document_number=signs[slice(*layout.number)].replace("<", ""),
        nationality=_iso_code(signs[slice(*layout.nationality)]),
        birth_date=_birth_date(signs[slice(*layout.birth)], today),
        sex=SEXES.get(signs[layout.sex], "unspecified"),
        expires_on=_expiry_date(signs[slice(*layout.expiry)], today),
        optional=signs[slice(*layout.optional)].strip("<"),
    )


def _birth_date(signs: str, today: date) -> date:
    """Nobody is born after today."""
    born = _date("birth-date", signs, today.year // 100)
    return born if born <= today else _date("birth-date", signs, today.year // 100 - 1)


def _expiry_date(signs: str, today: date) -> date:
    century = today.year // 100
    near = [
        c
        for c in (century - 1, century, century + 1)
        if abs(c * 100 + _digits(signs[:2]) - today.year) <= EXPIRY_WINDOW
    ]
    return _date("expiry-date", signs, near[0] if near else century)


def _date(which: str, signs: str, century: int) -> date:
    try:
        return date(century * 100 + int(signs[:2]), int(signs[2:4]), int(signs[4:6]))
    except ValueError:
        raise Refused(f"mrz-{which}", field="mrz", which=which) from None


def _digits(signs: str) -> int:
    return int(signs) if signs.isdigit() else 0


def _complete(layout: _Layout, signs: str) -> str:
    for check in layout.checks:
        covered = "".join(signs[start:end] for start, end in check.covers)
        signs = signs[: check.at] + check_digit(covered) + signs[check.at + 1 :]
    return "\n".join(signs[start : start + layout.width] for start in range(0, len(signs), layout.width))


def _name_line(mrz: Mrz, width: int) -> str:
    words = [
        re.sub(r"[^A-Z]+", "<", fold(part).upper().replace("'", "")).strip("<")
        for part in (mrz.surname, mrz.given_names)
    ]
    return "<<".join(word for word in words if word)[:width].ljust(width, "<")


def _zone_code(code: str) -> str:
    return next((zone for zone, iso in _GERMANY.items() if iso == code), code).ljust(3, "<")


def _iso_code(signs: str) -> str:
    code = signs.replace("<", "")
    return _GERMANY.get(code, code)


def _sex_sign(mrz: Mrz) -> str:
    return {"male": "M", "female": "F"}.get(mrz.sex, "<")


def _spaced(signs: str) -> str:
    return " ".join(signs.replace("<", " ").split())


def _value(sign: str) -> int:
    if sign.isdigit():
        return int(sign)
    return 0 if sign == "<" else ord(sign) - ord("A") + 10
