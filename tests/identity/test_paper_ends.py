"""After the last day of a paper the account loses what it held, and the services are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from identity import jobs, paper_ends
from identity.account import Ground
from identity.deadlines import end_of_day, today_in_vietnam
from identity.locks import note_paper
from identity.oidc.grants import Grant
from identity.outbox import Lane, lease
from identity.session import SignInSession
from tests.identity.oidc.making import a_code, a_resident, a_service


@pytest.fixture
def now():
    """Keys carry the real time, by which sessions are found."""
    return datetime.now(UTC)


@pytest.fixture
def leaving(db, now):
    """A signed-in person at a service, on the last day of the card."""
    account = a_resident(db, now=now)
    client = a_service(db, now=now, backchannel_logout_uri="https://service.example/bye")
    note_paper(db, account, "card", Ground.DOCUMENT_EXPIRED, today_in_vietnam(now), now=now)
    _code, session = a_code(db, account, client, now=end_of_day(today_in_vietnam(now)) - timedelta(hours=1))
    db.flush()
    return session


def gone_through(db, now):
    """The whole job; returns how many steps it took."""
    cursor, steps = paper_ends.take_from_some(db, None, now=now), 1
    while cursor is not None:
        cursor, steps = paper_ends.take_from_some(db, cursor, now=now), steps + 1
    return steps


def told(db, now):
    return [message.facts["aud"] for message in lease(db, Lane.LOGOUT, now=now)]


def test_the_sessions_end_and_the_services_hear_of_it(db, now, leaving):
    midnight = end_of_day(today_in_vietnam(now))
    gone_through(db, midnight - timedelta(seconds=1))
    assert told(db, midnight) == []
    gone_through(db, midnight)
    assert told(db, midnight) == ["a-service"]
    assert db.get_one(SignInSession, leaving, populate_existing=True).ended_at == midnight
    gone_through(db, midnight + timedelta(hours=1))
    assert told(db, midnight) == []


def test_offline_access_ends_too_long_after_its_session(db, now):
    account = a_resident(db, now=now)
    client = a_service(db, now=now, backchannel_logout_uri="https://service.example/bye")
    last = today_in_vietnam(now) + timedelta(days=10)
    note_paper(db, account, "residence", Ground.RESIDENCE_EXPIRED, last, now=now)
    a_code(db, account, client, now=now, scope="openid profile offline_access")
    db.flush()
    gone_through(db, end_of_day(last))
    assert told(db, end_of_day(last)) == ["a-service"]
    [grant] = db.scalars(select(Grant).execution_options(populate_existing=True))
    assert grant.revoked_at == end_of_day(last)


def test_a_paper_that_lasts_ends_nothing(db, now):
    account, client = a_resident(db, now=now), a_service(db, now=now, backchannel_logout_uri="https://x.example/bye")
    note_paper(db, account, "card", Ground.DOCUMENT_EXPIRED, today_in_vietnam(now) + timedelta(days=1), now=now)
    a_code(db, account, client, now=now)
    gone_through(db, end_of_day(today_in_vietnam(now)))
    assert told(db, now + timedelta(days=1)) == []


def test_many_sessions_are_looked_through_some_at_a_time(db, now, monkeypatch):
    monkeypatch.setattr(paper_ends, "BATCH", 2)
    client = a_service(db, now=now, backchannel_logout_uri="https://service.example/bye")
    for number in range(5):
        account = a_resident(db, now=now, login=f"00115801234{number}")
        note_paper(db, account, "card", Ground.DOCUMENT_EXPIRED, today_in_vietnam(now), now=now)
        a_code(db, account, client, now=now)
    midnight = end_of_day(today_in_vietnam(now))
    assert gone_through(db, midnight) == 4, "three batches of sessions, and no grant is left"
    assert len(told(db, midnight)) == 5


def test_each_day_asks_once(db, now):
    for hours in (0, 1, 24):
        paper_ends.start_the_days_ends(db, now=now + timedelta(hours=hours))
        db.flush()
    assert db.query(jobs.Job).filter_by(kind=paper_ends.JOB).count() == 2
