"""Connections: what may be written through which, and what happens when the server goes away."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from identity.once import Spent, spend
from identity.vault import Vault
from portal.database import Database, connect
from tests.fakes import A_MONDAY
from tests.servers import PostgreSQL


def test_a_session_that_only_reads_cannot_write(bare_database: Database) -> None:
    with bare_database.session(write=False) as db, pytest.raises(RuntimeError, match="only reads"):
        spend(db, "test", "key", expires_at=A_MONDAY)
    with bare_database.session(write=False) as db, pytest.raises(RuntimeError, match="only reads"):
        db.execute(insert(Spent).values(purpose="test", key=b"k", expires_at=A_MONDAY))
    with bare_database.transaction() as db:
        assert spend(db, "test", "key", expires_at=A_MONDAY)


def backend(db: Session) -> int:
    return db.scalars(text("SELECT pg_backend_pid()")).one()


def test_a_connection_that_the_server_ended_is_replaced_before_it_is_used(postgresql: PostgreSQL, vault: Vault) -> None:
    opened = connect(postgresql.create("ended"), vault)
    with opened.session(write=False) as db:
        before = backend(db)
    postgresql.run(f"SELECT pg_terminate_backend({before}, 5000)")
    with opened.transaction() as db:
        assert backend(db) != before
    opened.engine.dispose()


def test_reading_keeps_the_connection_and_its_prepared_statements(postgresql: PostgreSQL, vault: Vault) -> None:
    opened = connect(postgresql.create("kept"), vault)
    for _ in range(10):
        with opened.session(write=False) as db:
            backend(db)
    with opened.session(write=False) as db:
        assert db.scalars(text("SELECT count(*) FROM pg_prepared_statements")).one() > 0
    opened.engine.dispose()
