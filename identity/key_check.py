"""Do the keys of this process belong to this database? Asked at start and by `/readyz` (architecture, invariant 6).

Wrong keys would not fail loudly by themselves: blind indexes would find nobody and digests would match nothing. One row
a key remembers a digest of it that tells nothing about the key.
"""

from __future__ import annotations

from sqlalchemy import LargeBinary, String, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base
from identity.sealed import vault


class KeyCheck(Base):
    """What a key of this database answers to a fixed question."""

    __tablename__ = "key_check"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    answer: Mapped[bytes] = mapped_column(LargeBinary(32))


def remember_keys(db: Session) -> None:
    """Store the answers of keys that this database has not met; known ones stay as they are."""
    known = set(db.scalars(select(KeyCheck.name)))
    for name, answer in vault(db).checks().items():
        if name not in known:
            db.execute(insert(KeyCheck).values(name=name, answer=answer))


def keys_fit(db: Session) -> bool:
    """Whether every key in use is the one that this database was made with; one of a coming turn is not known yet."""
    stored = {row.name: row.answer for row in db.execute(select(KeyCheck.name, KeyCheck.answer))}
    answers = vault(db).checks()
    known = all(stored[name] == answer for name, answer in answers.items() if name in stored)
    return known and all(name in stored and name in answers for name in vault(db).in_use())


def forget_key(db: Session, name: str) -> None:
    """A key that was dropped is asked for no more."""
    db.execute(delete(KeyCheck).where(KeyCheck.name == name))
