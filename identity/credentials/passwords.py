"""Passwords: argon2id at OWASP's setting, and the rules for a new one.

Hashing takes some 20 ms of CPU: it is done before the transaction. A missing account is verified against a dummy hash,
so that an unknown login costs the same time. Rules: 12 characters, or 8 with four classes as VNeID has it; no common
password, also with its usual decorations (NIST SP 800-63B-4, 3.1.1.2); no composition rule beyond that.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from identity.base import Refused
from identity.credentials.argon_block import Block
from identity.deadlines import rule

HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
BLOCK = Block(HASHER)
DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$bmrYkMYI/52luINHwHnWIA$HZckOwh7XtsYVEPW9RfciyPNIUEE7ITSD/UtNvCxnhA"
"""Hash of a random value that nobody knows."""
LONGEST = 256
COMMON = Path(__file__).parent.parent / "data" / "common-passwords.txt"
LEET = str.maketrans("@4301!$5+7", "aaeoiisstt")
ROWS = ("01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "!@#$%^&*()")
COLUMNS = ("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm")
SHORTEST_PIECE, LEFT = 3, 4
"""What is made of pieces of rows, and of years, with so few characters beside them, is guessed soon: Abc@1234."""


def hash_password(plain: str) -> str:
    """The hash to store. Slow: call it before the transaction."""
    return HASHER.hash(_normal(plain))


def verify_password(stored: str | None, plain: str) -> bool:
    """Whether `plain` is the password. Slow, and as slow when there is none. Call it before the transaction."""
    try:
        right = BLOCK.verify(stored or DUMMY, _normal(plain)[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


def check_password_rules(plain: str, *, on: date, about: tuple[str, ...] = (), field: str = "password") -> None:
    """Refuse a weak new password. `about` is what others know of the person (`known_facts`)."""
    text = _normal(plain)
    if len(text) > LONGEST:
        raise Refused("password-too-long", field=field, most=LONGEST)
    lengths = rule("password_length", on)
    needed = lengths["four_classes"] if classes_of(text) == 4 else lengths["plain"]
    if len(text) < needed:
        raise Refused("password-too-short", field=field, count=len(text), **lengths)
    if is_common(text):
        raise Refused("password-common", field=field)
    if _is_about(text, about):
        raise Refused("password-about-you", field=field)


def classes_of(text: str) -> int:
    """How many of the classes small letters, capitals, digits and signs it has."""
    tests = (str.islower, str.isupper, str.isdecimal, lambda letter: not letter.isalnum())
    return sum(any(test(letter) for letter in text) for test in tests)


def is_common(text: str) -> bool:
    """A common password, a repetition or a keyboard row, also when decorated with digits, signs and look-alikes."""
    lowered = text.casefold()
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", lowered)
    forms = {lowered, bare, lowered.translate(LEET), bare.translate(LEET)}
    forms |= {re.sub(r"[^a-z]", "", form.translate(LEET)) for form in (lowered, bare)}
    halves = {form[: len(form) // 2] for form in forms if len(form) % 2 == 0 and form[: len(form) // 2] * 2 == form}
    return bool((forms | halves) & _common()) or len(set(lowered)) <= 4 or _is_row(lowered)


def _is_row(text: str) -> bool:
    """Made of years and of pieces of keyboard rows and columns, the alphabet or the digits."""
    rest = re.sub(r"(19|20)\d\d", "", text)
    for piece in _pieces():
        rest = rest.replace(piece, "")
    return len(rest) <= LEFT


@lru_cache(maxsize=1)
def _pieces() -> list[str]:
    """The longest first."""
    both = [form for row in (*ROWS, *COLUMNS) for form in (row, row[::-1])]
    ends = ((row, i, j) for row in both for i in range(len(row)) for j in range(i + SHORTEST_PIECE, len(row) + 1))
    return sorted({row[i:j] for row, i, j in ends}, key=lambda piece: (-len(piece), piece))


def _is_about(text: str, about: tuple[str, ...]) -> bool:
    """Little is left of it without a fact about the person, or without one word of their name."""
    squeezed = re.sub(r"\W", "", _bare(text))
    known = [re.sub(r"\W", "", _bare(word)) for fact in about for word in {fact, *fact.split()}]
    rests = [squeezed.replace(word, "") for word in known if len(word) >= 4 and word in squeezed]
    return any(len(rest) < 8 for rest in rests)


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def _normal(plain: str) -> str:
    """NFC, because Vietnamese keyboards send the same letter in two ways."""
    return unicodedata.normalize("NFC", plain)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
