"""`Sealed`: a personal value that is plain in the code and ciphertext in its column.

    class Person(Keyed, Base):
        full_name_sealed: Mapped[bytes]
        full_name = Sealed(str)

Reading and writing need the vault of the row's session, so the row joins the session first:
`person = add(db, Person(kind=…), full_name=…)`.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Generic, TypeVar, cast, overload
from uuid import UUID

from sqlalchemy.orm import Session, object_session

from identity.vault import Vault

T = TypeVar("T")
Row = TypeVar("Row")


class Sealed(Generic[T]):
    """Descriptor over the column `<name>_sealed`; None stays NULL. Kinds: str, date, dict (as JSON), bytes."""

    def __init__(self, kind: type[T]) -> None:
        self.kind = kind

    def __set_name__(self, owner: type, name: str) -> None:
        self.owner, self.column = owner, f"{name}_sealed"

    def opened(self, db: Session, key: UUID, stored: bytes | None) -> T | None:
        """The value in a row that was read by columns: its id, and what its column holds."""
        if stored is None:
            return None
        return _decode(self.kind, vault(db).open(self._name(self.owner), key, stored))

    @overload
    def __get__(self, row: None, owner: type) -> Sealed[T]: ...
    @overload
    def __get__(self, row: object, owner: type) -> T | None: ...

    def __get__(self, row: object | None, owner: type) -> Sealed[T] | T | None:
        if row is None:
            return self
        stored = getattr(row, self.column)
        if stored is None:
            return None
        return _decode(self.kind, vault_of(row).open(self._name(row), _key(row), stored))

    def __set__(self, row: object, value: T | None) -> None:
        sealed = None if value is None else vault_of(row).seal(self._name(row), _key(row), _encode(value))
        setattr(row, self.column, sealed)

    def sealed(self, db: Session, key: UUID, value: T | None) -> bytes | None:
        """What its column holds in the row of this id."""
        return None if value is None else vault(db).seal(self._name(self.owner), key, _encode(value))

    def _name(self, row_or_class: object) -> str:
        return f"{cast(Any, row_or_class).__tablename__}.{self.column}"


def add(db: Session, row: Row, **sealed: Any) -> Row:
    """Add `row` to the session, then set its sealed values."""
    db.add(row)
    for name, value in sealed.items():
        setattr(row, name, value)
    return row


def vault_of(row: object) -> Vault:
    """The vault of the row's session."""
    db = object_session(row)
    if db is None:
        raise RuntimeError("add the row to a session before touching its sealed values")
    return vault(db)


def vault(db: Session) -> Vault:
    """The vault that the session was made with (`portal.database`)."""
    return cast(Vault, db.info["vault"])


def _key(row: object) -> UUID:
    return cast(UUID, cast(Any, row).id)


def _encode(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, date):
        return value.isoformat().encode()
    return value.encode() if isinstance(value, str) else json.dumps(value, ensure_ascii=False).encode()


def _decode(kind: type[T], plain: bytes) -> T:
    value: Any = plain
    if kind is str:
        value = plain.decode()
    elif kind is date:
        value = date.fromisoformat(plain.decode())
    elif kind is not bytes:
        value = json.loads(plain)
    return cast(T, value)
