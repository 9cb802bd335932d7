"""Sixteen clicks at once about one's own data: one request of a kind, one copy, one consent, one answer."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import count

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.exc import StaleDataError

from identity import purposes
from identity.account import get_account
from identity.audit import Actor
from identity.base import Refused
from identity.jobs import Job
from identity.purposes import PurposeConsent
from identity.rights.export import ask_for_copy, copy_some
from identity.rights.model import DataExport, RequestState, RightKind, RightsRequest
from identity.rights.requests import answer, ask
from identity.staff import hire
from portal.database import Database
from tests.identity.account_scene import make_account, make_person
from tests.races.at_once import CALLERS, at_once


@pytest.fixture
def owner(database: Database, now: datetime) -> Actor:
    with database.transaction() as db:
        return Actor(make_account(db, now, person_id=make_person(db, now).id).id, "resident")


def rows(database: Database, model: type) -> int:
    with database.session(write=False) as db:
        return db.scalar(select(func.count()).select_from(model)) or 0


def test_one_request_of_a_kind_is_open(database: Database, owner: Actor, now: datetime) -> None:
    def click() -> str:
        try:
            with database.transaction() as db:
                ask(db, get_account(db, owner.account_id), RightKind.ERASE, owner, now=now)
        except Refused as refusal:
            return refusal.code
        return "asked"

    assert Counter(at_once(click)) == {"asked": 1, "rights-already-open": CALLERS - 1}


def test_one_copy_is_made(database: Database, owner: Actor, now: datetime) -> None:
    def click() -> None:
        with database.transaction() as db:
            ask_for_copy(db, owner.account_id, owner, now=now)

    at_once(click)
    assert (rows(database, DataExport), rows(database, Job)) == (1, 1)

    def work() -> bool:
        with database.transaction() as db:
            return copy_some(db, None, now=now) is not None

    assert Counter(at_once(work))[True] == 1


def test_one_consent_stands(database: Database, owner: Actor, now: datetime) -> None:
    def click() -> None:
        with database.transaction() as db:
            purposes.agree(db, owner.account_id, "survey", 1, "vi", owner, now=now)

    at_once(click)
    assert rows(database, PurposeConsent) == 1


def test_one_of_sixteen_officers_answers(database: Database, owner: Actor, now: datetime) -> None:
    with database.transaction() as db:
        ask(db, get_account(db, owner.account_id), RightKind.ACCESS, owner, now=now)
        officers = [Actor(hire(db, f"officer-{n}", "Cán bộ", now=now).id, "receiving_officer") for n in range(CALLERS)]
    turn = count()

    def click() -> str:
        try:
            with database.transaction() as db:
                row = db.scalars(select(RightsRequest)).one()
                answer(db, row, officers[next(turn)], RequestState.GRANTED, "done", "", now=now)
                db.flush()
        except (Refused, StaleDataError):
            return "late"
        return "answered"

    assert Counter(at_once(click)) == {"answered": 1, "late": CALLERS - 1}
