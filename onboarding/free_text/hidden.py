"""What a note says in another way: numbers in words, addresses of people's pages, names of people from abroad.

Asked on the server alone, which decides; the phone's page has no room for it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from identity.names import fold
from onboarding.free_text.plain import FAMILY, PRODUCTS, WORD, Finding, runs

LEAST_DIGITS, LEAST_WORDS = 6, 4
"""As many as of a number in digits; four of them in words, because `21/11 năm 2026` is a day."""
IN_WORDS = {
    "0": "không khong zero oh nought",
    "1": "một mốt mot one",
    "2": "hai two",
    "3": "ba three",
    "4": "bốn tư bon tu four",
    "5": "năm lăm nhăm nam lam nham five",
    "6": "sáu sau six",
    "7": "bảy bẩy bay seven",
    "8": "tám tam eight",
    "9": "chín chin nine",
    "": "mươi muoi trăm tram linh lẻ le double triple",
    "10": "mười ten",
}
DIGITS = {word: digits for digits, words in IN_WORDS.items() for word in words.split()}
"""Word → what it is in digits. Thousands and millions are none of them: they stand in sums of money."""
TOKEN = re.compile(r"\d+|[^\W\d_]+")
GAP = re.compile(r"[\W_]{0,3}")
PAGE = re.compile(
    r"(?<![\w.])(?:https?://)?(?:[a-z]{1,3}\.)?"
    r"(?:(?:fb|facebook|m|messenger|instagram|tiktok|twitter|x|linkedin|threads|youtube)\.(?:com|me|net)"
    r"|(?:zalo|wa|t|telegram)\.me|line\.me|viber\.com)/[^\s]*\w"
    r"|(?<![\w.@])@(?=\w*[\d._]\w)\w[\w.]{3,}"
    r"|(?<!\w)(?:fb|facebook|zalo|telegram|viber|skype|insta|instagram|tiktok|wechat|line|kakao)[ \t]*[:=][ \t]*"
    r"(?=\S*(?:\d|[._]\w))(?=\S*[^\W\d_]{2})[\w.]{4,}",
    re.IGNORECASE,
)
"""`fb.com/lan.nguyen`, `@lan_95`, `zalo: lan95`."""
SPELT_ADDRESS = re.compile(
    r"\S+[ \t]*(?:@|[(\[]at[)\]]|a[ \t]?còng|a[ \t]?cong)[ \t]*(?:gmail|yahoo|hotmail|outlook|icloud)", re.IGNORECASE
)
SYLLABLE = re.compile(
    r"(?:ngh?|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|nh|ng|[cmnpt])?", re.IGNORECASE
)
"""A folded syllable of Vietnamese, roughly."""
MARKED = re.compile(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*")
ABROAD = {
    kind: frozenset(words.split())
    for kind, words in json.loads((Path(__file__).parents[1] / "data" / "names_abroad.json").read_text("utf-8")).items()
}
"""Folded words: given names that are no words of Vietnamese or English, and words in names of things."""


def as_read(text: str) -> str:
    """As people see it: wide and raised letters and digits as plain ones, without signs that have no width."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in plain if unicodedata.category(sign) not in ("Cf", "Me", "Mn"))


def number_in(text: str) -> Finding | None:
    """`không chín một hai ba bốn`: digits told in words, also mixed. Counting up or down in ones is no number."""
    for tokens in _numbers(text):
        words = sum(not token.group().isdecimal() for token in tokens)
        digits = "".join(DIGITS.get(token.group().lower(), token.group()) for token in tokens)
        steps = {int(after) - int(before) for before, after in pairwise(digits)}
        if len(digits) >= LEAST_DIGITS and words >= LEAST_WORDS and steps not in ({1}, {-1}):
            return Finding("number", text[tokens[0].start() : tokens[-1].end()])
    return None


def words_in(text: str) -> Finding | None:
    """The first address of a page or mailbox, letters nobody here can check, or name of somebody from abroad."""
    rules: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("page", lambda text: _first(PAGE, text)),
        ("address", lambda text: _first(SPELT_ADDRESS, text)),
        ("letters", _foreign_letters_in),
        ("name", _given_name_in),
        ("name", _first_words_in),
    )
    return next((Finding(kind, words) for kind, rule in rules if (words := rule(text))), None)


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group() if found else ""


def _numbers(text: str) -> Iterator[list[re.Match[str]]]:
    """Digits and words for them in a row."""
    row: list[re.Match[str]] = []
    for token in TOKEN.finditer(text):
        counts = token.group().isdecimal() or token.group().lower() in DIGITS
        if row and not (counts and GAP.fullmatch(text[row[-1].end() : token.start()])):
            yield row
            row = []
        if counts:
            row.append(token)
    if row:
        yield row


def _foreign_letters_in(text: str) -> str:
    """A word in letters that are not Latin: nobody here can tell whether it is a name."""
    return next((word.group() for word in WORD.finditer(text) if any(map(_is_foreign, word.group()))), "")


def _is_foreign(sign: str) -> bool:
    return unicodedata.category(sign) in ("Lu", "Ll", "Lt", "Lo") and not unicodedata.name(sign, "").startswith("LATIN")


def _given_name_in(text: str) -> str:
    return next((word.group() for word in WORD.finditer(text) if fold(word.group()) in ABROAD["given"]), "")


def _first_words_in(text: str) -> str:
    """Two capitalised words at the start of a sentence that are no syllables of Vietnamese, or the second a family's.

    In a note with Vietnamese marks alone: a sentence in English may begin with a verb and a place.
    """
    for run in runs(text):
        if run.before or len(run.words) != 2 or any(fold(word) in ABROAD["things"] | PRODUCTS for word in run.words):
            continue
        first, second = (fold(word) for word in run.words)
        foreign = not SYLLABLE.fullmatch(first) and not run.words[1].isupper()
        if foreign and (second in FAMILY or (not SYLLABLE.fullmatch(second) and MARKED.search(text))):
            return " ".join(run.words)
    return ""
