"""Sixteen at once at the desks of locks, hotline and breaches: one wins, and nothing is done twice."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.exc import StaleDataError

from identity.account import Ground, LockGround, get_account
from identity.audit import Actor
from identity.base import Refused
from identity.breaches import telling
from identity.breaches.record import Finding, record_breach
from identity.freeze import freeze
from identity.hotline import acts
from identity.hotline.model import HotlineCall
from identity.inbox import InboxMessage
from identity.lock_requests.at_once import open_for_holder, settle_death
from identity.lock_requests.decide import decide
from identity.lock_requests.model import LockRequest
from identity.lock_requests.receive import forward
from identity.locks import lock
from identity.staff import hire
from portal.database import Database
from tests.identity.account_scene import make_account, make_person
from tests.identity.lock_scene import an_officer_of_locks, officers, received
from tests.races.at_once import CALLERS, at_once


@pytest.fixture
def holder(database: Database, now: datetime) -> UUID:
    with database.transaction() as db:
        return make_account(db, now, person_id=make_person(db, now).id).id


def tried(database: Database, act) -> str:
    """ "done", or why not: overtaken callers are told, never failed."""
    try:
        with database.transaction() as db:
            act(db)
    except Refused as refusal:
        return refusal.code
    except StaleDataError:
        return "overtaken"
    return "done"


def grounds(database: Database) -> list[str]:
    with database.session(write=False) as db:
        return list(db.scalars(select(LockGround.ground).where(LockGround.ended_at.is_(None))))


def counted(database: Database, model: type) -> int:
    with database.session(write=False) as db:
        return db.scalar(select(func.count()).select_from(model)) or 0


def test_one_ground_is_added(database: Database, holder: UUID, now: datetime) -> None:
    actor = Actor(holder, "resident")
    outcomes = at_once(
        lambda: tried(database, lambda db: lock(db, get_account(db, holder), Ground.TERMS, "x", actor, now=now))
    )
    assert Counter(outcomes) == {"done": CALLERS}
    assert grounds(database) == ["terms"]


def test_the_same_paper_is_taken_in_once(database: Database, holder: UUID, now: datetime) -> None:
    with database.transaction() as db:
        officer = an_officer_of_locks(db, now, "receiving_officer")
    outcomes = at_once(lambda: tried(database, lambda db: received(db, get_account(db, holder), officer, now)))
    assert Counter(outcomes) == {"done": 1, "lock-asked-already": CALLERS - 1}
    assert counted(database, LockRequest) == 1


def test_one_of_sixteen_decides_and_what_was_decided_is_done(database: Database, holder: UUID, now: datetime) -> None:
    with database.transaction() as db:
        receiving, _approving = officers(db, now)
        row = received(db, get_account(db, holder), receiving, now)
        forward(db, row, receiving, now=now)
        row_id = row.id
        deciding = [an_officer_of_locks(db, now, name=f"ky{number}") for number in range(CALLERS)]
    turn = count()

    def click() -> str:
        number = next(turn)
        granted, reason = number % 2 == 0, None if number % 2 == 0 else "no-basis"

        def act(db) -> None:
            decide(db, db.get_one(LockRequest, row_id), deciding[number], granted=granted, reason=reason, now=now)

        return tried(database, act)

    outcomes = Counter(at_once(click))
    assert outcomes["done"] == 1
    assert set(outcomes) <= {"done", "overtaken", "lock-request-moved"}
    with database.session(write=False) as db:
        state = db.get_one(LockRequest, row_id).state
    assert grounds(database) == (["authority"] if state == "granted" else [])


def test_one_of_sixteen_ends_the_lock_and_the_holder_hears_it_once(
    database: Database, holder: UUID, now: datetime
) -> None:
    with database.transaction() as db:
        receiving, _approving = officers(db, now)
        freeze(db, get_account(db, holder), Actor(holder, "resident"), now=now)
    outcomes = at_once(
        lambda: tried(database, lambda db: open_for_holder(db, get_account(db, holder), receiving, now=now))
    )
    assert Counter(outcomes) == {"done": 1, "lock-not-there": CALLERS - 1}
    with database.session(write=False) as db:
        told = db.scalars(select(InboxMessage.kind).where(InboxMessage.kind == "account-open-again")).all()
    assert (len(told), grounds(database)) == (1, [])


def test_a_death_closes_once(database: Database, holder: UUID, now: datetime) -> None:
    at_once(lambda: tried(database, lambda db: settle_death(db, get_account(db, holder), True, now=now)))
    assert grounds(database) == ["death"]


def test_wrong_answers_of_sixteen_callers_run_out_after_three(database: Database, holder: UUID, now: datetime) -> None:
    with database.transaction() as db:
        agent = Actor(hire(db, "tongdai", "Mai", now=now).id, "hotline_agent")
        ids = []
        for _ in range(CALLERS):
            call = HotlineCall(
                answered_by_id=agent.account_id, account_id=holder, found_by="number", opened_at=now,
                expires_at=now + timedelta(minutes=30), questions="full-name", tries=0,
            )  # fmt: skip
            db.add(call)
            db.flush()
            ids.append(call.id)
    turn = count()

    def click() -> str:
        try:
            with database.transaction() as db:
                wrong = acts.verify(db, db.get_one(HotlineCall, ids[next(turn)]), agent, {"full-name": "?"}, now=now)
        except Refused as refusal:
            return f"refused {refusal.code}"
        return wrong.code if wrong else "right"

    assert Counter(at_once(click)) == {"hotline-wrong": 2, "hotline-tries": 1, "refused hotline-tries": CALLERS - 3}


def test_each_person_of_a_breach_is_told_once_by_many_workers(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "BATCH", 3)
    with database.transaction() as db:
        keeper = Actor(hire(db, "baove", "Hộ", now=now).id, "data_protection_officer")
        logins = [f"0011580{number:05}" for number in range(12)]
        for login in logins:
            make_account(db, now, login=login, totp=False)
        words = {"vi": "Cẩn thận", "en": "Beware"}
        row = record_breach(db, Finding("attack", ["name"], 12, now, None, "Có", "Có", words), keeper, now=now)
        db.flush()
        telling.name_people(db, row, logins, keeper, now=now)
        telling.start_telling(db, row, keeper, now=now)

    def work() -> None:
        with database.transaction() as db:
            telling.tell_some(db, None, now=now)

    at_once(work)
    cursor: dict[str, object] | None = {}
    while cursor is not None:
        with database.transaction() as db:
            cursor = telling.tell_some(db, cursor, now=now)
    with database.session(write=False) as db:
        told = db.scalars(select(InboxMessage.account_id).where(InboxMessage.kind == "breach-notice")).all()
    assert len(told) == len(set(told)) == 12
