"""Loads made-up people into both registers, in batches; who is there already stays as they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from itertools import islice
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from identity.registers.synthetic.people import SyntheticCitizen, SyntheticForeigner
from identity.registers.tables import Citizen, Foreigner

BATCH = 2000
TABLES = {SyntheticCitizen: Citizen.__table__, SyntheticForeigner: Foreigner.__table__}


def load(session: Session, people: Iterable[SyntheticCitizen | SyntheticForeigner]) -> int:
    """Insert the people whose numbers are new; the caller commits. Gives how many were offered."""
    remaining, offered = iter(people), 0
    while batch := list(islice(remaining, BATCH)):
        offered += len(batch)
        for kind in TABLES:
            _insert(session, kind, [_row(person) for person in batch if type(person) is kind])
    return offered


def _insert(session: Session, kind: type, rows: list[dict[str, Any]]) -> None:
    if rows:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        session.execute(dialect.insert(TABLES[kind]).on_conflict_do_nothing(), rows)


def _row(person: SyntheticCitizen | SyntheticForeigner) -> dict[str, Any]:
    return {field.name: getattr(person, field.name) for field in fields(person)}
