"""The audit trail is append-only, refused by the database itself."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from identity.audit import SYSTEM, AuditEvent, Event, events_about, record
from identity.base import new_id
from portal.database import Database


@pytest.fixture
def recorded(bare_database: Database, now: datetime) -> Database:
    with bare_database.transaction() as db:
        record(
            db,
            Event.SIGNED_IN,
            SYSTEM,
            now=now,
            subject=("account", new_id()),
            amr="pwd",
        )
    return bare_database


@pytest.mark.parametrize(
    "statement",
    [update(AuditEvent).values(name="session:signed-out"), delete(AuditEvent)],
)
def test_the_database_refuses_to_change_or_delete_an_event(recorded: Database, statement: object) -> None:
    with pytest.raises(DBAPIError, match="append-only"), recorded.transaction() as db:
        db.execute(statement)
    with recorded.session(write=False) as db:
        assert db.query(AuditEvent).one().name == "session:signed-in"


def test_no_event_takes_the_place_of_another(recorded: Database) -> None:
    with recorded.session(write=False) as db:
        kept = dict(db.execute(select(AuditEvent.__table__)).one()._mapping)
    replacing = insert(AuditEvent).values({**kept, "name": "session:signed-out"})
    if recorded.engine.dialect.name == "sqlite":
        replacing = replacing.prefix_with("OR REPLACE")
    with suppress(DBAPIError), recorded.transaction() as db:
        db.execute(replacing)
    with recorded.session(write=False) as db:
        assert db.query(AuditEvent).one().name == "session:signed-in"


def test_postgresql_refuses_to_truncate_the_trail(recorded: Database) -> None:
    if recorded.engine.dialect.name == "sqlite":
        return  # SQLite has no TRUNCATE; its DELETE is refused above
    with pytest.raises(DBAPIError, match="append-only"), recorded.transaction() as db:
        db.execute(text("TRUNCATE audit_event"))


def test_what_concerns_a_subject_is_found_newest_first(bare_database: Database, now: datetime) -> None:
    subject, other = ("application", new_id()), ("application", new_id())
    with bare_database.transaction() as db:
        record(db, Event.APPLICATION_SUBMITTED, SYSTEM, now=now, subject=subject)
        record(
            db,
            Event.APPLICATION_RECEIVED,
            SYSTEM,
            now=now.replace(hour=4),
            subject=subject,
        )
        record(db, Event.APPLICATION_SUBMITTED, SYSTEM, now=now, subject=other)
        names = [event.name for event in events_about(db, subject)]
    assert names == ["application:received", "application:submitted"]


def test_what_is_rolled_back_with_its_cause_leaves_no_event(bare_database: Database, now: datetime) -> None:
    class Broken(Exception):
        pass

    with pytest.raises(Broken), bare_database.transaction() as db:
        record(db, Event.SIGNED_IN, SYSTEM, now=now)
        raise Broken
    with bare_database.session(write=False) as db:
        assert db.query(AuditEvent).count() == 0
