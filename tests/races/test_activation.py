"""One activation, sixteen browsers at once: active once, five guesses, no broken answer."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from identity.account import AccountState, get_account
from identity.activation import begin, confirm_recovery, find_journey, prove_identity, prove_phone
from identity.audit import AuditEvent, Event
from identity.base import Refused
from identity.credentials.recovery import codes_left
from tests.identity.account_scene import PASSPORT, make_issued, sent_otp
from tests.identity.test_activation import Step, go_to
from tests.races.at_once import CALLERS, at_once


@pytest.fixture
def issued(database, now):
    with database.transaction() as db:
        account, code = make_issued(db, now)
    return account, code


def token_at(database, code, now, step):
    """A browser's token at that step."""
    with database.transaction() as db:
        go_to(db, code, now, step)
    with database.transaction() as db:
        later = now + timedelta(minutes=2)
        begun = begin(db, code, address="203.0.113.5", now=later)
        assert prove_phone(db, begun.journey, sent_otp(db), now=later) is None
        assert prove_identity(db, begun.journey, "passport", PASSPORT, now=later) is None
    return begun.token, later


def test_the_code_opens_many_pages_and_breaks_none(app, issued):
    answers = at_once(lambda: app.test_client().post("/activate", data={"code": issued[1]}).status_code)
    assert set(answers) <= {303, 200}
    assert 303 in answers


def test_sixteen_finishes_make_one_active_account(app, database, issued, clock, now):
    token, moment = token_at(database, issued[1], now, Step.RECOVERY)
    clock.now = moment
    with database.session(write=False) as db:
        code = find_journey(db, token, now=moment).activation.recovery["codes"][0]

    def finish():
        browser = app.test_client()
        browser.set_cookie("eid_activation", token)
        return browser.post("/activate/recovery", data={"recovery": code}).status_code

    answers = Counter(at_once(finish))
    assert 500 not in answers
    with database.session(write=False) as db:
        count = select(func.count()).where(AuditEvent.name == Event.ACCOUNT_ACTIVATED.value)
        assert db.scalars(count).one() == 1
        assert get_account(db, issued[0].id).state == AccountState.ACTIVE
        assert codes_left(db, issued[0].id) == 10


def test_sixteen_guesses_share_five_tries(database, issued, now):
    with database.transaction() as db:
        go_to(db, issued[1], now, Step.PROOF)
    with database.transaction() as db:
        later = now + timedelta(minutes=2)
        begun = begin(db, issued[1], address="203.0.113.5", now=later)
        prove_phone(db, begun.journey, sent_otp(db), now=later)

    def guess():
        with database.transaction() as db:
            journey = find_journey(db, begun.token, now=later)
            return prove_identity(db, journey, "passport", "000000", now=later).code

    assert Counter(at_once(guess)) == {"activation-proof-wrong": 4, "activation-proof-ended": CALLERS - 4}
    with database.transaction() as db:
        journey = find_journey(db, begun.token, now=later)
        assert prove_identity(db, journey, "passport", PASSPORT, now=later).code == "activation-proof-ended"


def test_all_who_have_read_an_unfinished_activation_and_finish_it_make_one_winner(database, issued, now):
    token, moment = token_at(database, issued[1], now, Step.RECOVERY)
    together = Barrier(8 if database.engine.dialect.name == "postgresql" else 1)  # SQLite lets one in at a time

    def finish():
        try:
            with database.transaction() as db:
                journey = find_journey(db, token, now=moment)
                together.wait(timeout=30)
                if journey is None:
                    return "over"
                confirm_recovery(db, journey, journey.activation.recovery["codes"][0], now=moment)
                return "active"
        except Refused as refusal:
            return refusal.code

    answers = Counter(at_once(finish))
    assert answers.pop("active") == 1
    assert set(answers) <= {"over", "account-already-active"}
