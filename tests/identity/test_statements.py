"""Prepared statements: the same values, the same transaction and the same errors as the ORM's own way."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from uuid import UUID, uuid4

import pytest
from sqlalchemy import JSON, LargeBinary, String, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, MultipleResultsFound
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from identity.base import Base as HouseBase
from identity.base import UTC_DateTime
from identity.statements import Look, Prepared, ask_together
from identity.work import is_postgresql
from portal.database import Database

NOON = datetime(2026, 11, 23, 12, 30, 15, 123456, tzinfo=UTC)


class Colour(StrEnum):
    RED = "red"


class Base(DeclarativeBase):
    type_annotation_map = HouseBase.type_annotation_map


class Thing(Base):
    __tablename__ = "prepared_thing"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    at: Mapped[datetime | None]
    facts: Mapped[dict[str, object] | None] = mapped_column(JSON)
    blob: Mapped[bytes | None] = mapped_column(LargeBinary)
    number: Mapped[int]
    good: Mapped[bool]


TABLE = Thing.__table__
INSERT = Prepared(insert(TABLE).values({column.name: bindparam(column.name, type_=column.type) for column in TABLE.c}))
ALL = Prepared(select(TABLE).order_by(TABLE.c.number))
ONE = Prepared(select(TABLE).where(TABLE.c.name == bindparam("name")))
LOOK = Look(select(TABLE).order_by(TABLE.c.number))
RENAME = Prepared(update(TABLE).where(TABLE.c.name == bindparam("old")).values(name=bindparam("new")))
TAKE = Prepared(
    update(TABLE)
    .where(TABLE.c.name == bindparam("name"), TABLE.c.at < bindparam("now", type_=UTC_DateTime()))
    .values(at=bindparam("now", type_=UTC_DateTime()))
    .returning(TABLE.c.id, TABLE.c.at)
)


@pytest.fixture
def things(database: Database) -> Iterator[Database]:
    Base.metadata.create_all(database.engine)
    yield database
    Base.metadata.drop_all(database.engine)


def thing(name: str = "a", **other: object) -> dict[str, object]:
    return {"id": uuid4(), "name": name, "at": NOON, "facts": {"k": [1, "đ"]}, "blob": b"\x00\xff", "number": 7} | {
        "good": True,
        **other,
    }


def test_every_type_comes_back_as_it_went_in(things: Database) -> None:
    row = thing("Nguyễn %s $1 %(x)s", number=2**30)
    with things.transaction() as db:
        assert INSERT.run(db, **row) == 1
    with things.session(write=False) as db:
        found = ALL.all(db)
        by_orm = db.scalars(select(Thing)).one()
    assert [dict(one._mapping) for one in found] == [row]
    assert {name: getattr(by_orm, name) for name in row} == row
    assert found[0].at.tzinfo is UTC


def test_null_stays_null(things: Database) -> None:
    with things.transaction() as db:
        INSERT.run(db, **thing(at=None, facts=None, blob=None))
        row = ONE.one(db, name="a")
    assert row is not None
    assert (row.at, row.facts, row.blob) == (None, None, None)


def test_a_time_of_another_zone_is_the_same_moment_and_one_without_is_refused(things: Database) -> None:
    with things.transaction() as db:
        INSERT.run(db, **thing(at=NOON.astimezone(timezone(timedelta(hours=7)))))
        assert ONE.one(db, name="a").at == NOON  # type: ignore[union-attr]
    with things.session(write=True) as db, pytest.raises(ValueError, match="without zone"):
        INSERT.run(db, **thing("b", at=NOON.replace(tzinfo=None)))


def test_an_enum_is_bound_as_its_word(things: Database) -> None:
    with things.transaction() as db:
        INSERT.run(db, **thing(Colour.RED))
        assert ONE.one(db, name="red").name == "red"  # type: ignore[union-attr]


def test_a_name_that_comes_twice_is_one_parameter(things: Database) -> None:
    later = NOON + timedelta(hours=1)
    with things.transaction() as db:
        INSERT.run(db, **thing())
        assert TAKE.one(db, name="a", now=later).at == later  # type: ignore[union-attr]
        assert TAKE.one(db, name="a", now=later) is None


def test_run_counts_the_rows_it_touched(things: Database) -> None:
    with things.transaction() as db:
        INSERT.run(db, **thing())
        assert (RENAME.run(db, old="a", new="b"), RENAME.run(db, old="a", new="b")) == (1, 0)


def test_what_the_orm_holds_back_is_seen_and_what_is_prepared_is_seen_by_the_orm(things: Database) -> None:
    with things.session(write=True) as db:
        db.add(Thing(**thing("by orm", number=1)))
        assert [row.name for row in ALL.all(db)] == ["by orm"]
        INSERT.run(db, **thing("prepared", number=2))
        assert db.scalars(select(Thing.name).order_by(Thing.number)).all() == ["by orm", "prepared"]
        db.commit()
    assert names(things) == ["by orm", "prepared"]


@pytest.mark.parametrize("first", ["prepared", "orm"])
def test_one_transaction_whoever_begins_it(things: Database, first: str) -> None:
    def write(db: Session) -> None:
        if first == "prepared":
            INSERT.run(db, **thing("x"))
        db.add(Thing(**thing("y")))
        db.flush()
        if first == "orm":
            INSERT.run(db, **thing("x"))

    with things.session(write=True) as db:
        write(db)
        db.rollback()
    assert names(things) == []
    with things.session(write=True) as db:
        write(db)
    assert names(things) == [], "closed without a commit"
    with things.session(write=True) as db:
        write(db)
        assert names(things) == [], "nobody else sees it before the commit"
        db.commit()
    assert sorted(names(things)) == ["x", "y"]


def test_a_session_that_only_asked_for_its_bind_commits_too(things: Database) -> None:
    with things.session(write=True) as db:
        assert db.get_bind().dialect.name
        INSERT.run(db, **thing("x"))
        db.commit()
    with things.session(write=True) as db, db.begin():
        INSERT.run(db, **thing("y"))
    with things.session(write=True) as db:
        INSERT.run(db, **thing("z"))
        with db.begin_nested():
            RENAME.run(db, old="z", new="w")
        db.commit()
    assert sorted(names(things)) == ["w", "x", "y"]


def test_a_savepoint_takes_back_what_was_prepared_in_it(things: Database) -> None:
    with things.session(write=True) as db:
        INSERT.run(db, **thing("kept"))
        with pytest.raises(IntegrityError), db.begin_nested():
            INSERT.run(db, **thing("lost"))
            INSERT.run(db, **thing("lost"))
        db.commit()
    assert names(things) == ["kept"]


def test_an_error_is_sqlalchemys_shows_no_parameters_and_leaves_the_connection_usable(things: Database) -> None:
    with things.session(write=True) as db:
        INSERT.run(db, **thing("Bí mật"))
        with pytest.raises(IntegrityError) as caught:
            INSERT.run(db, **thing("Bí mật"))
        db.rollback()
        INSERT.run(db, **thing("second"))
        db.commit()
    assert "parameters" not in str(caught.value)
    assert names(things) == ["second"]


def test_a_session_that_reads_refuses_to_write(things: Database) -> None:
    with things.session(write=False) as db, pytest.raises(RuntimeError, match="only reads"):
        RENAME.run(db, old="a", new="b")


def test_two_rows_where_one_is_asked_for_are_a_mistake(things: Database) -> None:
    with things.transaction() as db:
        INSERT.run(db, **thing("a"))
        INSERT.run(db, **thing("b"))
        with pytest.raises(MultipleResultsFound):
            ALL.one(db)


def test_a_plain_session_runs_it_the_slow_way(things: Database) -> None:
    with Session(things.writing) as db:
        INSERT.run(db, **thing("a"))
        assert ONE.one(db, name="a").good is True  # type: ignore[union-attr]
        db.commit()
    assert names(things) == ["a"]


def test_a_list_cannot_be_bound(things: Database) -> None:
    several = Prepared(select(TABLE).where(TABLE.c.name.in_(bindparam("names", expanding=True))))
    with things.session(write=False) as db, pytest.raises(ValueError, match="a list cannot be bound"):
        several.all(db, names=["a"])


def test_values_of_the_statement_itself_are_kept(things: Database) -> None:
    first = Prepared(select(TABLE.c.name).where(TABLE.c.good.is_(True)).order_by(TABLE.c.number).limit(1))
    with things.transaction() as db:
        INSERT.run(db, **thing("b", number=2))
        INSERT.run(db, **thing("a", number=1))
        assert [row.name for row in first.all(db)] == ["a"]


def names(database: Database) -> list[str]:
    with database.session(write=False) as db:
        return [row.name for row in ALL.all(db)]


def test_what_the_driver_throws_away_after_a_savepoint_is_prepared_anew(things: Database) -> None:
    with things.transaction() as db:
        for number in range(8):  # the driver prepares what it sees six times, and drops all of it after a ROLLBACK
            assert ONE.one(db, name="nobody") is None
            db.execute(select(Thing.id).where(Thing.number == number)).all()
        with contextlib.suppress(ZeroDivisionError), db.begin_nested():
            raise ZeroDivisionError
        db.execute(select(Thing.id).where(Thing.number == 9)).all()
        assert ONE.one(db, name="nobody") is None
        assert ALL.all(db) == []


def test_a_write_that_may_wait_is_there_for_whatever_comes_next(things: Database) -> None:
    with things.session(write=True) as db:
        INSERT.run_later(db, **thing("a"))
        assert [row.name for row in ALL.all(db)] == ["a"]
        INSERT.run_later(db, **thing("b"))
        assert len(db.scalars(select(Thing)).all()) == 2, "the ORM sees it too"
        INSERT.run_later(db, **thing("c"))
        db.commit()
    with things.session(write=False) as db:
        assert len(ALL.all(db)) == 3


def test_writes_that_waited_are_kept_together_or_not_at_all(things: Database) -> None:
    for names in (["a"], ["b", "c"]):
        with things.session(write=True) as db:
            for name in names:
                INSERT.run_later(db, **thing(name))
            db.commit()
    with things.session(write=True) as db:
        INSERT.run_later(db, **thing("d"))
        with pytest.raises(IntegrityError):
            INSERT.run_later(db, **thing("a"))
            db.commit()
        db.rollback()
        INSERT.run_later(db, **thing("e"))
        db.rollback()
        INSERT.run_later(db, **thing("f"))
        db.commit()
    with things.session(write=False) as db:
        assert sorted(row.name for row in ALL.all(db)) == ["a", "b", "c", "f"]


def test_one_write_by_itself_that_fails_leaves_the_connection_well(things: Database) -> None:
    with things.transaction() as db:
        INSERT.run(db, **thing("a"))
    with things.session(write=True) as db, pytest.raises(IntegrityError):
        INSERT.run_later(db, **thing("a"))
        db.commit()
    with things.transaction() as db:
        assert INSERT.run(db, **thing("b")) == 1
    with things.session(write=False) as db:
        assert len(ALL.all(db)) == 2


def test_a_write_does_not_wait_beside_what_the_orm_holds(things: Database) -> None:
    with things.session(write=True) as db:
        db.add(Thing(**thing("a", number=1)))
        INSERT.run_later(db, **thing("b", number=2))
        assert [row.name for row in db.scalars(select(Thing).order_by(Thing.number))] == ["a", "b"]
        db.commit()
    with things.session(write=True) as db:
        INSERT.run_later(db, **thing("c"))
        with contextlib.suppress(IntegrityError), db.begin_nested():
            db.add(Thing(**thing("a")))
        db.commit()
    with things.session(write=False) as db:
        assert sorted(row.name for row in ALL.all(db)) == ["a", "b", "c"]


@pytest.mark.parametrize("writes", [True, False])
def test_several_asked_together_answer_in_order(things: Database, writes: bool) -> None:
    with things.transaction() as db:
        for number, name in enumerate("ab"):
            INSERT.run(db, **thing(name, number=number))
    with things.session(write=writes) as db:
        if writes:
            INSERT.run_later(db, **thing("c", number=2))
        one, nobody, everybody = ask_together(db, (ONE, {"name": "b"}), (ONE, {"name": "nobody"}), (ALL, {}))
        assert ([row.number for row in one], list(nobody)) == ([1], [])
        assert [row.name for row in everybody] == (["a", "b", "c"] if writes else ["a", "b"])
        assert one[0].at == NOON, "with the types of the columns"


def test_each_of_several_sees_what_those_before_it_did(things: Database) -> None:
    with things.transaction() as db:
        INSERT.run(db, **thing("a"))
        later = NOON + timedelta(minutes=1)
        taken, seen = ask_together(db, (TAKE, {"name": "a", "now": later}), (ONE, {"name": "a"}))
        assert taken[0].at == seen[0].at == later
    with things.session(write=False) as db:
        assert ONE.one(db, name="a").at == later  # type: ignore[union-attr]


def test_one_of_several_that_fails_undoes_all_and_leaves_the_connection_well(things: Database) -> None:
    with things.transaction() as db:
        INSERT.run(db, **thing("a"))
    with things.session(write=True) as db:
        with pytest.raises(IntegrityError):
            ask_together(db, (RENAME, {"old": "a", "new": "b"}), (INSERT, thing("b")), (ALL, {}))
        db.rollback()
        assert [row.name for row in ask_together(db, (ALL, {}))[0]] == ["a"]
    with things.session(write=False) as db, pytest.raises(RuntimeError, match="asked to write"):
        ask_together(db, (ALL, {}), (INSERT, thing("c")))


def has_begun(db: Session) -> bool:
    """Whether the server has a transaction open for this piece of work. SQLite begins at once, to be the one writer."""
    held = db.driver_or_none()  # type: ignore[attr-defined]
    return held.info.transaction_status.name != "IDLE" if is_postgresql(db) else held.in_transaction


def test_a_look_begins_nothing_and_what_is_written_after_it_is_one_transaction(things: Database) -> None:
    with things.session(write=True) as db:
        assert LOOK.all(db) == []
        assert has_begun(db) != is_postgresql(db)
        INSERT.run(db, **thing("a"))
        assert [row.name for row in LOOK.all(db)] == ["a"], "inside the transaction that is open"
        assert names(things) == []
        db.rollback()
    with things.session(write=True) as db:
        LOOK.all(db)
        INSERT.run_later(db, **thing("b"))
        assert [row.name for row in LOOK.all(db)] == ["b"], "what waits goes before it"
        assert has_begun(db)
        db.commit()
    with things.session(write=True) as db:
        LOOK.all(db)
        INSERT.run(db, **thing("c"))
        with pytest.raises(IntegrityError):
            INSERT.run(db, **thing("b"))
        db.rollback()
    assert names(things) == ["b"]
