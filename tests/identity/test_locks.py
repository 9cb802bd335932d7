"""Grounds are added and ended, each with its source, and all of it is on record."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from identity.account import Account, Ground, LockGround
from identity.audit import SYSTEM, Event, events_about
from identity.locks import close, grounds_of, lock, note_paper, unlock
from tests.identity.account_scene import make_account
from tests.stored import stored

TODAY = date(2026, 11, 23)
"""The day of the fixture `now` in Vietnam."""


def names(db, account):
    return [event.name for event in events_about(db, ("account", account.id))]


def test_the_same_ground_of_the_same_source_is_not_added_twice(db, now):
    account = make_account(db, now)
    first = lock(db, account, Ground.TERMS, "operator", SYSTEM, now=now)
    db.flush()
    assert lock(db, account, Ground.TERMS, "operator", SYSTEM, now=now) is first
    assert lock(db, account, Ground.TERMS, "court", SYSTEM, now=now) is not first


def test_a_paper_that_ends_later_does_not_hide_a_ground_of_today(db, now):
    account = make_account(db, now)
    note_paper(db, account, "card", Ground.DOCUMENT_EXPIRED, TODAY + timedelta(days=90), now=now)
    assert grounds_of(db, account, now=now) == []
    lock(db, account, Ground.DOCUMENT_EXPIRED, "card", SYSTEM, now=now)
    db.flush()
    assert [one.ground for one in grounds_of(db, account, now=now)] == ["document-expired"]


def test_each_paper_that_has_ended_is_a_ground_the_oldest_first(db, now):
    account = make_account(db, now)
    note_paper(db, account, "passport", Ground.DOCUMENT_EXPIRED, TODAY - timedelta(days=1), now=now)
    note_paper(db, account, "residence-card", Ground.RESIDENCE_EXPIRED, TODAY - timedelta(days=9), now=now)
    grounds = grounds_of(db, account, now=now)
    assert [(one.ground, one.source) for one in grounds] == [
        ("residence-expired", "residence-card"),
        ("document-expired", "passport"),
    ]
    note_paper(db, account, "residence-card", Ground.RESIDENCE_EXPIRED, TODAY, now=now)
    assert [one.source for one in grounds_of(db, account, now=now)] == ["passport"]


def test_the_last_day_of_a_paper_is_nowhere_in_clear(db, now):
    account = make_account(db, now)
    note_paper(db, account, "card", Ground.DOCUMENT_EXPIRED, date(2031, 5, 17), now=now)
    db.flush()
    row = db.execute(select(Account.__table__).where(Account.__table__.c.id == account.id)).one()
    assert row.papers_end_sealed is not None
    assert b"2031-05-17" not in stored(row)
    assert db.scalars(select(LockGround)).all() == []
    assert account.papers_end == {"card": ["document-expired", "2031-05-17"]}


def test_unlocking_what_is_not_locked_changes_nothing(db, now):
    account = make_account(db, now)
    assert not unlock(db, account, Ground.TERMS, "operator", SYSTEM, now=now)
    assert Event.ACCOUNT_UNLOCKED not in names(db, account)


def test_locking_and_unlocking_are_on_record(db, now):
    account = make_account(db, now)
    lock(db, account, Ground.TERMS, "operator", SYSTEM, now=now)
    db.flush()
    unlock(db, account, Ground.TERMS, "operator", SYSTEM, now=now)
    assert sorted(names(db, account)) == sorted([Event.ACCOUNT_LOCKED, Event.ACCOUNT_UNLOCKED])


def test_a_closed_account_keeps_its_row(db, now):
    account = make_account(db, now)
    close(db, account, SYSTEM, now=now)
    db.flush()
    assert account.state == "closed"
    assert [ground.ground for ground in grounds_of(db, account, now=now)] == ["death"]
