"""Grounds are added and ended, each with its source, and all of it is on record."""

from __future__ import annotations

from datetime import timedelta

from identity.account import Ground
from identity.audit import SYSTEM, Event, events_about
from identity.locks import close, grounds_of, lock, unlock
from tests.identity.account_scene import make_account


def names(db, account):
    return [event.name for event in events_about(db, ("account", account.id))]


def test_the_same_ground_of_the_same_source_is_not_added_twice(db, now):
    account = make_account(db, now)
    first = lock(db, account, Ground.TERMS, "operator", SYSTEM, now=now)
    db.flush()
    assert lock(db, account, Ground.TERMS, "operator", SYSTEM, now=now) is first
    assert lock(db, account, Ground.TERMS, "court", SYSTEM, now=now) is not first


def test_a_planted_ground_does_not_hide_one_of_today(db, now):
    account = make_account(db, now)
    lock(db, account, Ground.DOCUMENT_EXPIRED, "card", SYSTEM, now=now, since=now + timedelta(days=90))
    db.flush()
    assert grounds_of(db, account.id, now=now) == []
    lock(db, account, Ground.DOCUMENT_EXPIRED, "card", SYSTEM, now=now)
    db.flush()
    assert len(grounds_of(db, account.id, now=now)) == 1


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
    assert [ground.ground for ground in grounds_of(db, account.id, now=now)] == ["death"]
