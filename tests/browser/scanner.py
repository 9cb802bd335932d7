"""Looks for people in what must not name them: by name, number, document, phone, address, in many spellings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.names import fold
from identity.person import Document, Person

FEWEST = 6
"""Shorter things are found by chance."""
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True)
class Scanner:
    """`words` are folded and without spaces; `digits` are national numbers without their first zero or country code."""

    words: frozenset[str]
    digits: frozenset[str]

    @classmethod
    def of_everybody(cls, db: Session, names: Iterable[str]) -> Scanner:
        """All numbers that the database holds of anybody; of names these alone, others are too common to prove much."""
        words, digits = {_joined(name) for name in names}, set()
        for person in db.scalars(select(Person)):
            numbers = (person.personal_number, person.foreigner_number, person.phone)
            digits |= {_national(number) for number in numbers if number}
            words |= {_joined(text) for text in (person.email, person.address) if text}
        words |= {_joined(document.number) for document in db.scalars(select(Document)) if document.number}
        return cls(
            frozenset(word for word in words if len(word) >= FEWEST),
            frozenset(number for number in digits if len(number) >= FEWEST),
        )

    def found_in(self, content: str | bytes) -> list[str]:
        """What stands there, however it is written; bytes are read as UTF-8 and as UTF-16 at both offsets."""
        texts = [content] if isinstance(content, str) else _readings(content)
        found: set[str] = set()
        for text in texts:
            plain = ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
            joined = _joined(plain)
            found |= {word for word in self.words if word in joined}
            found |= _numbers(plain) & self.digits
        return sorted(found)


def _readings(content: bytes) -> list[str]:
    return [
        content.decode("utf-8", "ignore"),
        content.decode("utf-16-le", "ignore"),
        content[1:].decode("utf-16-le", "ignore"),
    ]


def _joined(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(unicodedata.normalize("NFC", text)))


def _national(number: str) -> str:
    return re.sub(r"^(\+?84|0)(?=\d)", "", re.sub(r"[^\d+]", "", number))


def _numbers(text: str) -> set[str]:
    """Runs of digits that at most one sign parts, as people write numbers; each with and without its beginning."""
    runs = {re.sub(r"[^\d+]", "", run) for run in re.findall(r"\+?\d(?:[\s.\-–/()]?\d){5,}", text)}
    return runs | {_national(run) for run in runs}


def everything(values: Any) -> str:
    """Whatever a page gave, as one text."""
    return values if isinstance(values, str) else "\n".join(everything(each) for each in values)
