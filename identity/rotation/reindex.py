"""Writing blind indexes anew under the newer key, from the values beside them, a batch a transaction.

One value may stand in several columns that are compared with one another, so all its places change together. Indexes of
counts that hold no plain value (`SHORT_LIVED`) are gone within days and are waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from identity.account import Account, login_index
from identity.application.known_numbers import number_index_of
from identity.application.model import Application
from identity.application.registered import from_facts, key_of, passport_of, residence_card_of
from identity.application.ties import Conflict
from identity.base import Base
from identity.either_key import Either
from identity.person import Document, DocumentKind, Person, document_index, same_person_index
from identity.rotation.turn import finish
from identity.sealed import vault
from identity.vault import Purpose

BATCH = 200
SHORT_LIVED = frozenset({"one_time_code", "register_lookup"})


@dataclass(frozen=True, slots=True)
class Index:
    """How the index of a row follows from its values, and every column in which such an index stands."""

    source: type[Any]
    index: Callable[[Session, Any], bytes | None]
    places: tuple[str, ...]


def _blind(column: str, value: Callable[[Any], str | None]) -> Callable[[Session, Any], bytes | None]:
    def index(db: Session, row: Any) -> bytes | None:
        plain = value(row)
        return vault(db).blind(column, plain) if plain else None

    return index


def _same(db: Session, row: Person | Application) -> bytes | None:
    if not row.full_name or row.birth_date is None:
        return None
    return same_person_index(db, row.full_name, row.birth_date)


def _login(db: Session, row: Account) -> bytes | None:
    return login_index(db, row.login) if row.login else None


def _document(db: Session, row: Document) -> bytes | None:
    return document_index(db, DocumentKind(row.kind), row.number, row.issued_by) if row.number else None


def _number(row: Application) -> str | None:
    return key_of(from_facts(row.record)) if row.record else None


def _passport(row: Application) -> str | None:
    return passport_of(from_facts(row.record)) if row.record else None


def _residence_card(row: Application) -> str | None:
    return residence_card_of(from_facts(row.record)) if row.record else None


def _guardian(db: Session, row: Application) -> bytes | None:
    return number_index_of(db, row.guardian_id)


NUMBERS = (
    "application.number_index",
    "application.open_index",
    "application.guardian_index",
    "conflict_of_interest.number_index",
)
SAME = ("person.same_index", "application.same_index")
INDEXES = (
    Index(Account, _login, ("account.login_index",)),
    Index(Person, _same, SAME),
    Index(Person, _blind("person.phone", lambda row: row.phone), ("person.phone_index",)),
    Index(Person, _blind("person.personal_number", lambda row: row.personal_number), ("person.personal_number_index",)),
    Index(
        Person, _blind("person.foreigner_number", lambda row: row.foreigner_number), ("person.foreigner_number_index",)
    ),
    Index(Document, _document, ("document.number_index",)),
    Index(Application, _blind("application.number", _number), NUMBERS),
    Index(Application, _guardian, NUMBERS),
    Index(Application, _blind("application.passport", _passport), ("application.passport_index",)),
    Index(Application, _blind("application.residence", _residence_card), ("application.residence_index",)),
    Index(Conflict, _blind("application.number", lambda row: row.number), NUMBERS),
    Index(Application, _same, SAME),
    Index(Application, _blind("application.phone", lambda row: row.phone), ("application.phone_index",)),
)


def reindex_some(db: Session, cursor: Mapping[str, Any] | None, *, now: datetime) -> dict[str, Any] | None:
    """One step of the job. It walks through everything until a walk changes nothing."""
    at = dict(cursor or {"of": len(INDEXES), "index": 0, "after": None, "rows": 0, "changed": 0, "clashes": 0})
    if at["index"] == len(INDEXES):
        if not at["changed"] and not at["clashes"]:
            finish(db, Purpose.INDEX, now=now)
            return None
        return {**at, "index": 0, "after": None, "changed": 0, "clashes": 0}
    index = INDEXES[at["index"]]
    query = select(index.source).order_by(index.source.id).limit(BATCH)
    if at["after"] is not None:
        query = query.where(index.source.id > UUID(at["after"]))
    rows = db.scalars(query).all()
    if not rows:
        return {**at, "index": at["index"] + 1, "after": None}
    for row in rows:
        _turn(db, index.index(db, row), index.places, at)
    return {**at, "after": str(rows[-1].id), "rows": at["rows"] + len(rows)}


def are_left_over(db: Session) -> bool:
    """Whether a conflict, declared before numbers were kept, has no file here: nobody could write it anew.

    While there is one the older key goes on counting, so that the officer is kept from that file when it comes.
    """
    with_file = select(Application.id).where(Application.number_index == Conflict.number_index).exists()
    bare = select(Conflict.id).where(Conflict.number_sealed.is_(None), ~with_file)
    return db.scalar(bare.limit(1)) is not None


def indexed(places: Iterable[str]) -> list[Column[Any]]:
    """The columns of these names."""
    named = (place.split(".") for place in places)
    return [Base.metadata.tables[table].c[column] for table, column in named if table in Base.metadata.tables]


def _turn(db: Session, keyed: bytes | None, places: tuple[str, ...], at: dict[str, Any]) -> None:
    if not isinstance(keyed, Either):
        return
    for column in indexed(places):
        change = update(column.table).where(column == keyed.other).values({column.name: bytes(keyed)})
        try:
            with db.begin_nested():
                at["changed"] += db.connection().execute(change).rowcount
        except IntegrityError:  # two rows of one value: neither may be lost, a person has to look
            at["clashes"] += 1
