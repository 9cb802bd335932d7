"""A row in every table that may hold something about a person, made from the models themselves."""

from __future__ import annotations

import importlib
import pkgutil
import secrets
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, Column, Date, Integer, LargeBinary, String, Table, Uuid, insert, select, text
from sqlalchemy.orm import Session

import identity
import onboarding
from identity.account import Account
from identity.base import Base, UTC_DateTime, new_id
from identity.learner_key import learner_key
from identity.person import Person
from identity.rights.collect import LOOSE, NAMED, personal_tables, walked
from identity.rights.left_out import NOT_ABOUT_RESIDENTS, WORK
from identity.sealed import Sealed, vault

for package in (identity, onboarding):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
NO_CHECKS = {
    "sqlite": "PRAGMA ignore_check_constraints = ON",
    "postgresql": """
        DO $$ DECLARE one record; BEGIN
        FOR one IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint
            WHERE contype = 'c' AND connamespace = 'public'::regnamespace
        LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.owner, one.conname); END LOOP; END $$""",
}
"""Which values fit together is of no interest here."""


class Filler:
    """Writes one row a table for one person; whatever a row must point at is written first."""

    def __init__(self, db: Session, account: Account, person: Person, *, now: datetime) -> None:
        self.db, self.account, self.person, self.now = db, account, person, now
        self.made: dict[str, Any] = {"account": account.id, "person": person.id}
        self.pseudonym = secrets.token_bytes(32)

    def fill(self) -> None:
        self.db.execute(text(NO_CHECKS[self.db.get_bind().dialect.name]))
        for mapper in walked():
            if mapper.local_table.name not in NOT_ABOUT_RESIDENTS:
                self.row(mapper.local_table)

    def row(self, table: Table) -> Any:
        if table.name in self.made:
            return self.made[table.name]
        if table.name in {"unit", "office"}:
            self.made[table.name] = self.db.scalar(select(table.c.id).limit(1))
            return self.made[table.name]
        self.made[table.name] = row_id = new_id()
        values = {column.name: self.value(table, column, row_id) for column in table.columns}
        self.db.execute(insert(table).values(**{name: one for name, one in values.items() if one is not None}))
        return row_id

    def value(self, table: Table, column: Column[Any], row_id: UUID) -> Any:
        if column.name == "id":
            return row_id
        if table.name == "learner" and column.name == "key":
            return learner_key(self.db, self.person.id)
        if column.name == "pseudonym":
            return self.pseudonym
        if column.name in LOOSE and isinstance(column.type, Uuid):
            return self.account.id
        parents = [key.column.table for key in column.foreign_keys]
        if not parents and column.name in NAMED:
            parents = [Base.metadata.tables[NAMED[column.name]]]
        if parents:
            return self.parent(table, column, parents[0])
        if column.name.endswith("_sealed"):
            return self.sealed(table, column, row_id)
        return plain(column, self.now)

    def parent(self, table: Table, column: Column[Any], parent: Table) -> Any:
        if parent is table:
            return None
        if table.name in WORK and parent.name == "account":
            return self.account.id if column.nullable is False else None
        if column.nullable and parent.name not in personal_tables():
            return None
        return self.row(parent)

    def sealed(self, table: Table, column: Column[Any], row_id: UUID) -> bytes:
        mapper = next(one for one in Base.registry.mappers if one.local_table is table)
        descriptor = getattr(mapper.class_, column.name.removesuffix("_sealed"), None)
        kind = descriptor.kind if isinstance(descriptor, Sealed) else bytes
        words = {str: b"words", date: b"2026-11-23", dict: b"{}"}.get(kind, b"{}")
        return vault(self.db).seal(f"{table.name}.{column.name}", row_id, words)


def plain(column: Column[Any], now: datetime) -> Any:
    """Something that the column takes, different each time where it must be."""
    if column.nullable and not column.primary_key:
        return None
    for kind, make in MAKERS.items():
        if isinstance(column.type, kind):
            return make(now)
    assert isinstance(column.type, String), column
    return secrets.token_hex(40)[: min(column.type.length or 40, 12)]


MAKERS: dict[type, Callable[[datetime], Any]] = {
    Uuid: lambda _now: new_id(),
    UTC_DateTime: lambda now: now,
    Date: lambda now: now.date(),
    Boolean: lambda _now: False,
    Integer: lambda _now: secrets.randbelow(30000),
    JSON: lambda _now: {},
    LargeBinary: lambda _now: secrets.token_bytes(32),
}
