"""Finds what must not stand in a note: numbers of phones, documents and vehicles, addresses, secrets, people's names.

A record of help describes a visit, not a person. Better one note refused too many than one name stored: the member sees
which words are meant and rephrases. What the phone lets pass the server still finds, and sends back with the reason.
"""

from __future__ import annotations

import unicodedata

from onboarding.free_text import hidden, plain
from onboarding.free_text.plain import WORDS, Finding

__all__ = ["WORDS", "Finding", "personal_words"]


def personal_words(text: str) -> Finding | None:
    """The first number, or else the first address, secret or name, said plainly or in another way."""
    text = unicodedata.normalize("NFC", text)
    as_read = hidden.as_read(text)
    return (
        plain.number_in(text)
        or plain.number_in(as_read)
        or hidden.number_in(as_read)
        or plain.words_in(text)
        or plain.words_in(as_read)
        or hidden.words_in(as_read)
    )
