"""How names are compared: on the folded form, because one person's name is typed in several ways.

Source: names are compared on NFC, case-folded, with and without marks, old and new tone placement equal (hoà, hòa);
a machine-readable zone carries no marks at all (ICAO 9303 part 3, section 6).
"""

from __future__ import annotations

import re
import unicodedata

LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "n"}
)
"""Letters that Unicode does not decompose into a base letter and a mark."""

TRANSLITERATED = str.maketrans(
    {"Ä": "AE", "ä": "ae", "Ö": "OE", "ö": "oe", "Ü": "UE", "ü": "ue", "Ø": "OE", "ø": "oe", "Å": "AA", "å": "aa"}
)
"""How a machine-readable zone may spell these letters (ICAO 9303 part 3, section 6, table of transliterations)."""

_LATIN_MARKS = re.compile("[\u0300-\u036f]")  # only these: Japanese, Thai and Indian signs are letters, not marks
_APOSTROPHES = re.compile("['’ʼ`´]")
_DASHES = re.compile(r"[\s.,\-‐‑–—]+")


def fold(name: str) -> str:
    """The search form: đ→d, marks dropped, lower case, single spaces. Composed and decomposed input fold alike."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    bare = _LATIN_MARKS.sub("", decomposed).translate(LETTERS)
    return " ".join(unicodedata.normalize("NFKC", bare).split())


def same_name(one: str, other: str, *, any_order: bool = False) -> bool:
    """Do two spellings stand for the same name?

    Apostrophes are ignored and hyphens read as spaces, as a machine-readable zone writes them. `any_order` is for
    foreign names: the family name stands first or last depending on who typed it, and ü may be written UE.
    """
    if not any_order:
        return _words(one) == _words(other)
    return any(sorted(_words(a)) == sorted(_words(b)) for a in _spellings(one) for b in _spellings(other))


def _words(name: str) -> list[str]:
    return _DASHES.sub(" ", _APOSTROPHES.sub("", fold(name))).split()


def _spellings(name: str) -> tuple[str, ...]:
    composed = unicodedata.normalize("NFC", name)
    return (composed, composed.translate(TRANSLITERATED))


def short_name(name: str | None) -> str:
    """As much of a name as an acquaintance needs: `N. T. Hoa`."""
    *before, last = (name or "").split() or [""]
    return " ".join([*(f"{part[0]}." for part in before), last])
