"""What a note says plainly: numbers, addresses, secrets, names by the frequent family and given names of Vietnam.

The phone knows these rules as well (`static/js/team/free-text.js`, the same words) and asks them first.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from identity.names import fold

NUMBER = re.compile(r"\+?\d(?:[\s.,\-–/()]{0,3}\d){5,}")
"""Also with letters right before or behind: `sđt0912345678`, `C1234567`."""
PROCEDURE = re.compile(r"(?<![\d.])[1-3]\.\d{6}(?:\.\d{3}\.\d\d\.\d\d)?(?!\d)")
"""The code of an administrative procedure in the national database; not a number of a person."""
PLATE = re.compile(r"(?<![^\W_])\d\d-?(?:[A-ZĐ][A-ZĐ\d]?[ .-]{0,3}|[a-zđ][a-zđ\d]?[.-])\d{3}\.?\d\d(?!\d)")
"""`29A-12345`, `30E 123.45`; in small letters only with a sign between, because `24h 10000` is an hour and a number."""
E_MAIL = re.compile(r"[^ \t\n@()<>,;]+@[^ \t\n@.()<>,;]+\.[^ \t\n@()<>,;]+")
SECRET = re.compile(
    r"(?:mật khẩu|mat khau|password|passcode|(?:mã )?(?:pin|otp)(?=[ \t]*(?:là|la|is|[:=])))"
    r"[ \t]*(?:là|la|is|[:=])?[ \t]*(?=[^ \t\n]{0,40}[\d@#$%&*!])([^ \t\n]{4,40})",
    re.IGNORECASE,
)
"""A password or code with its value; a value has a digit or a sign."""
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
GAP_IN_NAME = re.compile(r"[ \t-]{1,3}")
WORDS = {
    kind: frozenset(words.split())
    for kind, words in json.loads((Path(__file__).parents[1] / "data" / "name_words.json").read_text("utf-8")).items()
}
"""Folded words: frequent family names, what stands before a name or a place, products that are no people."""
KEPT = {kind: {tuple(pair.split("-")) for pair in WORDS[kind]} for kind in ("title", "no_name")}
LAST = WORDS["last"] | WORDS["plain"] | {fold(word) for word in WORDS["given"]}
MIDDLE = {"văn": {"phòng", "hoá", "hóa", "bản"}, "thị": {"trấn", "xã", "trường"}}
"""What stands within a name, however it is written, and what follows where it does not."""
KINDS_OF_PLACES = {"phường", "xã", "thôn", "huyện", "quận", "tỉnh", "đường", "phố"}
"""Only with their marks: `phường Ba Đình` and `xã Cô Tô` are places, although people are called so as well."""
FAMILY, HONORIFICS, PLACES, PRODUCTS = (WORDS[kind] for kind in ("family", "before_name", "before_place", "products"))


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind` is number, address, page, secret, letters or name; `words` is the piece of the note that is meant."""

    kind: str
    words: str


def number_in(text: str) -> Finding | None:
    """The first number of six digits or more that is no procedure's, or of a vehicle."""
    number = NUMBER.search(PROCEDURE.sub("|", text)) or PLATE.search(text)
    return Finding("number", number.group().strip()) if number else None


def words_in(text: str) -> Finding | None:
    """The first address or secret, or the first thing that looks like a person's name."""
    for kind, found in (("address", E_MAIL.search(text)), ("secret", SECRET.search(text))):
        if found is not None:
            return Finding(kind, found.group())
    words = next((words for words in map(_name_in, runs(text)) if words), "")
    words = words or _small_name_in(text) or _plain_name_in(text)
    return Finding("name", words) if words else None


@dataclass(frozen=True, slots=True)
class Run:
    """Capitalised words in a row, and the word before them ('' at the start of a sentence)."""

    before: str
    words: tuple[str, ...]


def runs(text: str) -> list[Run]:
    """All of a text, in its order."""
    runs: list[Run] = []
    words: list[str] = []
    before = previous = ""
    end = 0
    for match in WORD.finditer(text):
        joined = GAP_IN_NAME.fullmatch(text[end : match.start()]) is not None
        if not joined and words:
            runs.append(Run(before, tuple(words)))
            words = []
        if not joined:
            previous = ""
        if match.group()[0].isupper():
            before = before if words else previous
            words.append(match.group())
        elif words:
            runs.append(Run(before, tuple(words)))
            words = []
        previous, end = match.group(), match.end()
    return [*runs, Run(before, tuple(words))] if words else runs


def _small_name_in(text: str) -> str:
    """A name that is known by its middle: `nguyễn thị lan`."""
    words = list(WORD.finditer(text))
    for family, middle, given in zip(words, words[1:], words[2:], strict=False):
        gaps = text[family.end() : middle.start()], text[middle.end() : given.start()]
        others = MIDDLE.get(middle.group().lower())
        if others is None or given.group().lower() in others or fold(family.group()) not in FAMILY:
            continue
        if all(map(GAP_IN_NAME.fullmatch, gaps)):
            return text[family.start() : given.end()]
    return ""


def _plain_name_in(text: str) -> str:
    """Words that only together are a name: `nguyen van an`, `chị hương`, `cô giáo Thảo`, however they are written."""
    words = list(WORD.finditer(text))
    for place, last in enumerate(words):
        one, two = (_before(text, words, place, back) for back in (1, 2))
        after = _before(text, words, place + 1, 0)
        if (fold(last.group()), fold(after)) in KEPT["no_name"]:
            continue
        start = place - 2 if _is_full_name(two, one, last.group()) or _is_titled(two, one, last.group()) else place - 1
        if start == place - 2 or (one.lower() in WORDS["kin"] and _is_given(last.group())):
            return text[words[start].start() : last.end()]
    return ""


def _before(text: str, words: list[re.Match[str]], place: int, back: int) -> str:
    """The word `back` words before, or at the place itself, '' where something else stands between."""
    first = place - max(back, 1)
    if first < 0 or place >= len(words):
        return ""
    pairs = zip(words[first:place], words[first + 1 : place + 1], strict=True)
    joined = all(GAP_IN_NAME.fullmatch(text[one.end() : two.start()]) for one, two in pairs)
    return words[place - back].group() if joined else ""


def _is_given(word: str) -> bool:
    return word.lower() in WORDS["given"] or word.lower() in WORDS["plain"]


def _is_full_name(family: str, middle: str, last: str) -> bool:
    if fold(family) not in WORDS["family_sure"] or fold(middle) not in WORDS["middle"]:
        return False
    known = _is_given(last) or (last.isascii() and last.lower() in LAST)
    return known and (fold(middle), fold(last)) not in KEPT["no_name"]


def _is_titled(one: str, two: str, last: str) -> bool:
    return (fold(one), fold(two)) in KEPT["title"] and _is_given(last)


def _name_in(run: Run) -> str:
    if run.before.lower() in KINDS_OF_PLACES:
        return ""
    words, before = list(run.words), fold(run.before)
    at_start = not run.before
    while words and fold(words[0]) in HONORIFICS:
        before, at_start = fold(words.pop(0)), False
    if before in PLACES or (words and fold(words[0]) in PLACES and fold(words[0]) not in FAMILY):
        return ""
    if at_start and words and fold(words[0]) not in FAMILY:
        words = words[1:]  # a sentence begins with a capital anyway
    words = [word for word in words if fold(word) not in PRODUCTS]
    named = len(words) >= 2 or (len(words) == 1 and before in HONORIFICS)
    return " ".join(words) if named else ""
