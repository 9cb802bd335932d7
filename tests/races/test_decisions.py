"""Withdrawing against deciding, hearing against taking back, and everything twice: one winner, the others are told."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import count
from uuid import UUID

from sqlalchemy import func, select

from identity.account import Account
from identity.application import (
    Appeal,
    Application,
    DecisionPaper,
    appeal,
    decide,
    decide_appeal,
    take_back_appeal,
    withdraw,
)
from identity.audit import Actor
from identity.base import Refused
from identity.complaints import Complainant, Complaint, answer_complaint, complain
from portal.database import Database
from tests.identity.applicants import an_officer, matched
from tests.races.at_once import CALLERS, at_once

OVERTAKEN = {"application-changed", "application-state", "appeal-late", "four-eyes", "refused-before"}


def a_file(database: Database, now: datetime, *, refused: bool = False, appealed: bool = False) -> UUID:
    with database.transaction() as db:
        application, _officer = matched(db, now=now)
        if refused or appealed:
            decide(db, application, an_officer(db, "approving_officer", now=now), "refused", "second-account", now=now)
        if appealed:
            appeal(db, application, "Xin xem lại.", now=now)
        return application.id


def officers(database: Database, now: datetime, role: str = "approving_officer") -> list[Actor]:
    with database.transaction() as db:
        return [an_officer(db, role, now=now) for _ in range(CALLERS)]


def tried(database: Database, application_id: UUID, verb: str, officer: Actor, now: datetime) -> str:
    try:
        with database.transaction() as db:
            application = db.get_one(Application, application_id)
            if verb == "withdraw":
                withdraw(db, application, now=now)
            elif verb == "appeal":
                appeal(db, application, "Xin xem lại.", now=now)
            elif verb == "take-back":
                take_back_appeal(db, application, now=now)
            elif verb in ("upheld", "overturned"):
                decide_appeal(db, application, replace(officer, role="supervisor"), verb, "Vì thế.", now=now)
            else:
                decide(db, application, officer, verb, "second-account" if verb == "refused" else None, now=now)
    except Refused as refusal:
        return refusal.code
    return verb


def outcome(database: Database, application_id: UUID, verbs: tuple[str, ...], now: datetime) -> tuple[str, str]:
    """What the one winner did, and the state that is left."""
    people, turn = officers(database, now), count()

    def call() -> str:
        place = next(turn)
        return tried(database, application_id, verbs[place % len(verbs)], people[place], now)

    answers = Counter(at_once(call))
    won = {verb: times for verb, times in answers.items() if verb in verbs}
    assert sum(won.values()) == 1, answers
    assert set(answers) - set(won) <= OVERTAKEN, answers
    with database.session(write=False) as db:
        return next(iter(won)), db.get_one(Application, application_id).state


def test_withdrawing_and_deciding_at_once_have_one_winner(database: Database, now: datetime) -> None:
    application_id = a_file(database, now)
    verb, state = outcome(database, application_id, ("withdraw", "approved", "refused"), now)
    assert state == {"withdraw": "withdrawn", "approved": "issued", "refused": "refused"}[verb]
    with database.session(write=False) as db:
        accounts = db.scalar(select(func.count()).select_from(Account).where(Account.kind == "resident"))
        papers = db.scalar(select(func.count()).select_from(DecisionPaper))
    assert (accounts, papers) == {"withdraw": (0, 0), "approved": (1, 1), "refused": (0, 1)}[verb]


def test_one_appeal_is_filed_by_sixteen_clicks(database: Database, now: datetime) -> None:
    application_id = a_file(database, now, refused=True)
    assert outcome(database, application_id, ("appeal",), now) == ("appeal", "appealed")
    with database.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(Appeal)) == 1


def test_hearing_and_taking_back_at_once_have_one_winner(database: Database, now: datetime) -> None:
    application_id = a_file(database, now, appealed=True)
    verb, state = outcome(database, application_id, ("take-back", "upheld", "overturned"), now)
    assert state == {"take-back": "refused", "upheld": "refused", "overturned": "matched"}[verb]
    with database.session(write=False) as db:
        assert db.scalars(select(Appeal.outcome)).one() == {"take-back": "taken-back"}.get(verb, verb)


def test_a_complaint_sent_and_answered_by_many_is_one_with_one_answer(database: Database, now: datetime) -> None:
    application_id, people, turn = a_file(database, now), officers(database, now, "supervisor"), count()

    def send() -> UUID:
        with database.transaction() as db:
            return complain(db, Complainant(db.get_one(Application, application_id)), "late", "Trễ hẹn.", now=now).id

    (complaint_id,) = set(at_once(send))

    def answer() -> str:
        place = next(turn)
        try:
            with database.transaction() as db:
                answer_complaint(db, db.get_one(Complaint, complaint_id), people[place], f"Lời {place}", now=now)
        except Refused as refusal:
            return refusal.code
        return f"Lời {place}"

    answers = at_once(answer)
    (winner,) = [one for one in answers if one.startswith("Lời")]
    assert answers.count("complaint-answered-already") == CALLERS - 1
    with database.session(write=False) as db:
        assert db.get_one(Complaint, complaint_id).answer == winner
