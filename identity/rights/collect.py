"""Everything that is held about a person, found by walking the tables instead of a list that somebody must keep.

A row is the person's when a foreign key leads from it to a row that is, when it names one without a key (`LOOSE`), when
it carries the pseudonym under which they were helped, or when a `FINDERS` entry says so. What is left out stands in
`LEFT_OUT` with its reason; a test fails for a table that is neither reached nor listed.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Column, ColumnElement, LargeBinary, Table, Uuid, false, or_, select
from sqlalchemy.orm import Mapper, Session

from identity.account import Account
from identity.application import Application
from identity.base import Base
from identity.helping.consent import HelpConsent
from identity.person import Person, documents_of
from identity.rights.left_out import LEFT_OUT, SECRET, WORK
from identity.sealed import Sealed, vault

LOOSE = frozenset({"owner_id", "recipient_id", "subject_id"})
NAMED = {"account_id": "account", "person_id": "person", "application_id": "application"}
"""Columns that say what they point at where no key holds them to it."""
ACTING = ("by_id", "actor_id", "to_id", "trainer_id", "witness_id")
"""Columns that name who did something: shown as "you" or "staff", never followed."""
Held = dict[str, list[dict[str, Any]]]


@dataclass(slots=True)
class Whose:
    """What is known so far about whose rows are looked for."""

    db: Session
    account: Account | None
    person: Person | None
    ids: dict[str, set[UUID]] = field(default_factory=dict)

    @property
    def every_id(self) -> set[UUID]:
        return set().union(*self.ids.values())


Finder = Callable[[Whose, Table], ColumnElement[bool]]
FINDERS: dict[str, Finder] = {}
"""Table → the rows that no key leads to; `onboarding.rights` adds its own."""


def everything_about(db: Session, account: Account) -> Held:
    """Every row about this account and its person by table, readable; secrets and ciphers are left away."""
    person = db.get(Person, account.person_id) if account.person_id else None
    return _held(Whose(db, account, person, {"account": {account.id}, "person": {person.id} if person else set()}))


def everything_in(db: Session, application: Application) -> Held:
    """The same of one application that has no account."""
    return _held(Whose(db, None, None, {Application.__tablename__: {application.id}}))


def _held(whose: Whose) -> Held:
    held: Held = {}
    for mapper in walked():
        rows = list(_rows(whose, mapper))
        if rows:
            held[str(_table(mapper).name)] = rows
    return held


@cache
def walked() -> tuple[Mapper[Any], ...]:
    """The mapped tables that may hold something about a person, parents first."""
    by_name = {_table(mapper).name: mapper for mapper in Base.registry.mappers}
    ordered = (table.name for table in Base.metadata.sorted_tables)
    return tuple(by_name[name] for name in ordered if name in by_name and name not in LEFT_OUT)


def is_reached(table: Table) -> bool:
    """Whether a walk can come to this table at all."""
    return table.name in FINDERS or bool(list(_ways(table)))


def _rows(whose: Whose, mapper: Mapper[Any]) -> Iterator[dict[str, Any]]:
    table = _table(mapper)
    found: list[ColumnElement[bool]] = [column.in_(_owners(whose, owner)) for column, owner in _ways(table)]
    if table.name in FINDERS:
        found.append(FINDERS[table.name](whose, table))
    for row in whose.db.scalars(select(mapper.class_).where(or_(false(), *found)).order_by(*table.primary_key)):
        if isinstance(getattr(row, "id", None), UUID):
            whose.ids.setdefault(table.name, set()).add(row.id)
        yield readable(whose, mapper, row)


def _ways(table: Table) -> Iterator[tuple[ColumnElement[Any], str]]:
    """The columns of a table that lead to somebody, and to what; "" is anything of theirs."""
    if table.name in {"person", "account"}:
        yield table.c.id, table.name
    for column in table.columns:
        if column.name == "pseudonym":
            yield column, "pseudonym"
        elif column.name in LOOSE and isinstance(column.type, Uuid):
            yield column, ""
        elif table.name not in WORK and not column.name.endswith(ACTING):
            yield from ((column, parent) for parent in _parents(column) if parent in personal_tables())


def _parents(column: Column[Any]) -> list[str]:
    """The tables that a column leads to."""
    keys = [key.column.table.name for key in column.foreign_keys]
    return keys or ([NAMED[column.name]] if column.name in NAMED else [])


@cache
def personal_tables() -> frozenset[str]:
    """Tables whose rows belong to one person: person, account, and whatever hangs on them."""
    personal = {"person", "account", *FINDERS}
    for table in Base.metadata.sorted_tables:
        if table.name in LEFT_OUT or table.name in WORK:
            continue
        columns = (column for column in table.columns if not column.name.endswith(ACTING))
        if any(parent in personal for column in columns for parent in _parents(column)):
            personal.add(table.name)
    return frozenset(personal)


def _owners(whose: Whose, owner: str) -> list[Any]:
    if owner == "pseudonym":
        return _pseudonyms(whose)
    return list(whose.ids.get(owner, ()) if owner else whose.every_id)


def _pseudonyms(whose: Whose) -> list[bytes]:
    """Under which the person was helped, as long as the consent stands; afterwards nothing leads there any more."""
    if whose.person is None:
        return []
    query = select(HelpConsent.pseudonym).where(HelpConsent.person_id == whose.person.id)
    return [one for one in whose.db.scalars(query) if one is not None]


def readable(whose: Whose, mapper: Mapper[Any], row: Any) -> dict[str, Any]:
    """The row in plain values."""
    shown: dict[str, Any] = {}
    for column in _table(mapper).columns:
        name = str(column.name)
        if f"{mapper.local_table.name}.{name}" in SECRET or name in SECRET:  # type: ignore[attr-defined]
            continue
        if name.endswith("_sealed"):
            opened = name.removesuffix("_sealed")
            if isinstance(getattr(mapper.class_, opened, None), Sealed):
                shown[opened] = _plain(whose, opened, False, getattr(row, opened))
        elif not isinstance(column.type, LargeBinary):
            shown[name] = _plain(whose, name, _names_somebody(column), getattr(row, name))
    return shown


def _names_somebody(column: Column[Any]) -> bool:
    return column.name.endswith("account_id") or any(parent in {"account", "person"} for parent in _parents(column))


def _plain(whose: Whose, name: str, names_somebody: bool, value: Any) -> Any:
    if isinstance(value, UUID):
        return _who(whose, name, names_somebody, value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {key: one for key, one in value.items() if not str(key).endswith(ACTING)}
    return value


def _who(whose: Whose, name: str, names_somebody: bool, value: UUID) -> str:
    """An id; of people only the person's own, anybody else is a role."""
    if not names_somebody and not name.endswith(ACTING):
        return str(value)
    if whose.account is not None and value in {whose.account.id, whose.account.person_id}:
        return str(value) if names_somebody else "you"
    return "staff" if name.endswith(ACTING) else "somebody else"


def _table(mapper: Mapper[Any]) -> Table:
    return cast(Table, mapper.local_table)


def _applications(whose: Whose, table: Table) -> ColumnElement[bool]:
    """Also those that never led to a person: refused, withdrawn, abandoned, under one of the person's numbers."""
    if whose.person is None:
        return table.c.id.in_(list(whose.ids.get(table.name, ())))
    papers = documents_of(whose.db, whose.person.id)
    numbers = {whose.person.personal_number, *(f"{paper.issued_by}:{paper.number}" for paper in papers)}
    indexes = [vault(whose.db).blind(NUMBER, number) for number in numbers if number]
    return or_(table.c.number_index.in_(indexes), table.c.person_id == whose.person.id)


NUMBER = "application.number"
FINDERS[Application.__tablename__] = _applications
