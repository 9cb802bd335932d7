"""The term base: each idea keeps its word in every sentence, and words that readers should not meet stay out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from babel.messages import pofile

from portal.settings import ROOT

BASE: dict[str, Any] = json.loads((ROOT / "translations" / "terms.json").read_text())
TERMS = [term for term in BASE["terms"] if not term.get("left_out_where_clear")]


def sentences(locale: str) -> Iterator[tuple[str, str]]:
    """English and translated sentence of each message, plural forms apart."""
    with (ROOT / "translations" / locale / "LC_MESSAGES" / "messages.po").open("rb") as catalogue:
        for message in pofile.read_po(catalogue):
            if not message.id:
                continue
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            words = [message.string] if isinstance(message.string, str) else list(message.string)
            for english, own in zip(ids, words, strict=False):
                yield _without_names(english), _without_names(own)


def _without_names(sentence: str) -> str:
    """The words alone: `%(login)s` is for the program, nobody reads it."""
    return re.sub(r"%\(\w+\)[a-z]", "…", sentence)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term["idea"])
def test_an_idea_keeps_its_word(term: dict[str, Any]) -> None:
    spoken = re.compile(rf"\b{term['en']}s?\b", re.IGNORECASE)
    meant = [(english, own) for english, own in sentences("vi") if spoken.search(english)]
    assert meant, f"no sentence speaks of {term['en']!r} any more: take the term out"
    strays = [pair for pair in meant if not any(word in pair[1].lower() for word in term["vi"])]
    assert strays == []


def test_english_stands_as_it_is_in_the_code() -> None:
    assert [own for english, own in sentences("en") if own != english] == []


@pytest.mark.parametrize("locale", sorted(BASE["not"]))
def test_technical_words_stay_out_of_sight(locale: str) -> None:
    avoided = re.compile(r"\b(" + "|".join(map(re.escape, BASE["not"][locale])) + r")\b", re.IGNORECASE)
    assert [own for _english, own in sentences(locale) if avoided.search(own)] == []
