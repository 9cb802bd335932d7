"""Connections: what may be written through which, and what happens when the server goes away."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Integer, bindparam, column, insert, select, table, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from identity.once import Spent, spend
from identity.statements import Prepared
from identity.vault import Vault
from portal import engine
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


NUMBERS = table("number", column("n", Integer))
ADD = Prepared(insert(NUMBERS).values(n=bindparam("n", type_=Integer)))
ALL = Prepared(select(NUMBERS.c.n))


@pytest.mark.parametrize("before", [[], [1]])
def test_a_server_that_goes_away_before_a_write_that_waited_is_told(
    postgresql: PostgreSQL, vault: Vault, before: list[int]
) -> None:
    """Nothing of it is kept, the caller hears of it as of any lost connection, and the next work goes on."""
    name = f"lost_{len(before)}"
    opened = connect(postgresql.create(name), vault)
    with opened.transaction() as db:
        db.execute(text("CREATE TABLE number (n int PRIMARY KEY)"))
    with opened.session(write=True) as db:
        for number in before:
            ADD.run(db, n=number)
        ADD.run_later(db, n=2)
        postgresql.run(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")
        with pytest.raises(OperationalError):
            db.commit()
    with opened.transaction() as db:
        ADD.run_later(db, n=3)
    with opened.session(write=False) as db:
        assert [row.n for row in ALL.all(db)] == [3]
    opened.engine.dispose()


@pytest.mark.parametrize("url", ["postgresql://portal:word@127.0.0.1:9/portal", "sqlite:////nowhere/portal.db"])
@pytest.mark.parametrize("writes", [False, True])
def test_a_database_that_is_away_is_told_as_one(vault: Vault, url: str, writes: bool) -> None:
    """The driver's own error passed by whoever answers with a page for it, and every page was our fault."""
    opened = connect(url, vault)
    for ask in (ALL.all, lambda db: db.scalar(select(NUMBERS.c.n))):
        with opened.session(write=writes) as db, pytest.raises(OperationalError):
            ask(db)


def test_a_sqlite_that_somebody_else_keeps_locked_is_told_as_busy(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_MS", 1)
    opened = connect(f"sqlite:///{tmp_path / 'locked.db'}", vault)
    with opened.transaction() as db:
        db.execute(text("CREATE TABLE number (n int PRIMARY KEY)"))
    with opened.transaction() as first:
        first.execute(text("INSERT INTO number VALUES (1)"))
        with opened.session(write=True) as db, pytest.raises(OperationalError, match="locked"):
            ADD.run(db, n=2)
    opened.engine.dispose()
