"""Countries to choose from, by the three-letter codes that passports carry (ISO 3166-1 alpha-3)."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from babel import Locale
from babel.core import get_global

from portal.language import current_locale

OFTEN = ("KOR", "CHN", "JPN", "TWN", "USA", "IND", "FRA", "GBR", "DEU", "RUS", "AUS", "LAO", "KHM", "THA", "PHL")
"""Where most foreign residents come from: offered first."""
GONE = frozenset({"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR"})
HOME = "VNM"


def nationalities() -> list[tuple[str, str]]:
    """(code, name) in the reader's language, the frequent ones first."""
    names = _names(current_locale())
    often = [(code, names[code]) for code in OFTEN]
    rest = sorted((pair for pair in names.items() if pair[0] not in OFTEN), key=lambda pair: pair[1])
    return often + rest


def country(code: str) -> str:
    """The name of a country; the code itself when it is unknown."""
    return _names(current_locale()).get(code, code)


@lru_cache(maxsize=8)
def _names(tag: str) -> dict[str, str]:
    territories = Locale.parse(tag, sep="-").territories
    codes = {
        code: aliases[0]
        for code, aliases in get_global("territory_aliases").items()
        if len(code) == 3 and code.isalpha() and len(aliases) == 1 and code not in GONE and code != HOME
    }
    return {
        code: str(territories[short])
        for code, short in codes.items()
        if short in phonenumbers.SUPPORTED_REGIONS and short in territories
    }
