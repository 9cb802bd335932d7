"""Revisions that move rows: what stood in an older database is there afterwards, in its new form."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.orm import Session

import identity
import onboarding
from identity.account import get_account
from identity.base import Base, new_id
from identity.deadlines import end_of_day
from identity.evidence import evidence_of
from identity.person import documents_of
from identity.staff.model import Role
from identity.vault import Vault
from portal.database import connect
from portal.engine import open_engine
from portal.migrations import upgrade
from tests.conftest import Templates

LAST_DAY = date(2031, 5, 17)
A_VALUE: dict[type, Any] = {str: "x", bytes: b"x", int: 1, bool: False, datetime: datetime(2026, 1, 1, tzinfo=UTC)}


@pytest.fixture
def old_url(templates: Templates, engine: str) -> Iterator[str]:
    """A database of revision 0002."""
    url = templates.copy(engine, "old", lambda fresh: upgrade(fresh, revision="0002"))
    yield url
    templates.discard(engine, url)


class Old:
    """Writes rows of an older shape: columns that nobody names get some value of their type."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)

    def insert(self, table: str, **values: Any) -> UUID:
        found = sa.Table(table, sa.MetaData(), autoload_with=self.engine)
        row: dict[str, Any] = {"id": new_id(), **values}
        for column in found.columns:
            if not column.nullable and column.name not in row:
                row[column.name] = A_VALUE[column.type.python_type]
        if self.engine.dialect.name == "sqlite":
            row = {name: value.hex if isinstance(value, UUID) else value for name, value in row.items()}
        with self.engine.execution_options(write=True).begin() as connection:
            connection.execute(found.insert().values(row))
        return UUID(str(row["id"]))


def test_the_last_days_of_papers_are_sealed_where_they_lay_in_clear(old_url: str, vault: Vault) -> None:
    old = Old(old_url)
    person_id = old.insert("person", kind="citizen")
    account_id = old.insert("account", kind="resident", person_id=person_id, state="active")
    old.insert("document", person_id=person_id, kind="citizen_card", expires_on=LAST_DAY)
    old.insert("evidence", person_id=person_id, kind="citizen-card", expires_at=end_of_day(LAST_DAY))
    old.insert("evidence", person_id=person_id, kind="register", expires_at=None)
    planted = {"ground": "document-expired", "source": "citizen_card", "since": end_of_day(LAST_DAY), "ended_at": None}
    old.insert("lock_ground", account_id=account_id, **planted)
    old.insert("lock_ground", account_id=account_id, ground="terms", source="operator", ended_at=None)
    old.insert("staff_role", account_id=account_id, role="approving_officer", unit_id=None, valid_from=LAST_DAY)
    old.engine.dispose()
    with pytest.raises(RuntimeError, match="flask migrate"):
        upgrade(old_url, revision="0003")
    upgrade(old_url, vault)
    opened = connect(old_url, vault)
    with opened.session(write=False) as db:
        check_moved(db, person_id, account_id)
        roles = db.scalars(sa.select(Role).where(Role.account_id == account_id).order_by(Role.role)).all()
        assert [(role.role, role.valid_from) for role in roles] == [
            ("approving_officer", LAST_DAY),
            ("supervisor", LAST_DAY),
        ], "who approved had supervised, too"
        assert all(role.confirmed_at == role.given_at for role in roles), "who worked before the rule goes on"
    opened.engine.dispose()


def check_moved(db: Session, person_id: UUID, account_id: UUID) -> None:
    assert [paper.expires_on for paper in documents_of(db, person_id)] == [LAST_DAY]
    assert {proof.kind: proof.ends_on for proof in evidence_of(db, person_id)} == {
        "citizen-card": LAST_DAY,
        "register": None,
    }
    assert get_account(db, account_id).papers_end == {"citizen_card": ["document-expired", "2031-05-17"]}
    assert db.execute(sa.text("SELECT ground FROM lock_ground")).scalars().all() == ["terms"]
    columns = {column["name"] for column in sa.inspect(db.connection()).get_columns("document")}
    assert "expires_on" not in columns


def test_models_and_revisions_tell_the_same_tables(bare_url: str) -> None:
    """Tables, columns, keys and indexes; types are compared by the statements of all other tests."""
    everything = (identity, onboarding)
    for package in everything:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    engine = open_engine(bare_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        found = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert [change for change in found if "alembic_version" not in str(change)] == []
