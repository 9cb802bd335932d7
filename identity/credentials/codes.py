"""Codes that people read, type and say: how they are made and how what was typed is understood."""

from __future__ import annotations

import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that nothing is confused and nothing is spelt. Five bits a character."""
ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
GROUP = 4


def new_code(groups: int, group: int = GROUP) -> str:
    """A random code like 7K4P-2M9Q-XT3B; 20 bits a group of four."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(group)) for _ in range(groups))


def in_groups(typed: str) -> str:
    """A code that somebody typed, as it was first shown: for copying down again."""
    plain = clean_code(typed)
    return "-".join(plain[start : start + GROUP] for start in range(0, len(plain), GROUP))


def clean_code(typed: str) -> str:
    """What was meant: wide characters, case, spaces, hyphens and look-alikes do not count."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    return "".join(letter for letter in plain if letter.isalnum()).translate(ALIKE)


def new_digits(count: int = 6) -> str:
    """A random number of that many digits."""
    return f"{secrets.randbelow(10**count):0{count}d}"


def clean_digits(typed: str) -> str:
    """Only the digits, whatever stands between them and in whichever script they are written."""
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(str(unicodedata.decimal(letter)) for letter in plain if letter.isdecimal())
