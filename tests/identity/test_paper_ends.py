"""After the last day of a paper the account loses what it held, and the services are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from identity import jobs, paper_ends
from identity.account import Ground
from identity.deadlines import end_of_day, today_in_vietnam
from identity.locks import note_paper
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


def told(db, now):
    return [message.facts["aud"] for message in lease(db, Lane.LOGOUT, now=now)]


def test_the_sessions_end_and_the_services_hear_of_it(db, now, leaving):
    midnight = end_of_day(today_in_vietnam(now))
    assert paper_ends.take_from_some(db, None, now=midnight - timedelta(seconds=1)) is None
    assert told(db, midnight) == []
    assert paper_ends.take_from_some(db, None, now=midnight) is None
    assert told(db, midnight) == ["a-service"]
    assert db.get_one(SignInSession, leaving, populate_existing=True).ended_at == midnight
    paper_ends.take_from_some(db, None, now=midnight + timedelta(hours=1))
    assert told(db, midnight) == []


def test_a_paper_that_lasts_ends_nothing(db, now):
    account, client = a_resident(db, now=now), a_service(db, now=now, backchannel_logout_uri="https://x.example/bye")
    note_paper(db, account, "card", Ground.DOCUMENT_EXPIRED, today_in_vietnam(now) + timedelta(days=1), now=now)
    a_code(db, account, client, now=now)
    paper_ends.take_from_some(db, None, now=end_of_day(today_in_vietnam(now)))
    assert told(db, now + timedelta(days=1)) == []


def test_many_sessions_are_looked_through_some_at_a_time(db, now, monkeypatch):
    monkeypatch.setattr(paper_ends, "BATCH", 2)
    client = a_service(db, now=now, backchannel_logout_uri="https://service.example/bye")
    for number in range(5):
        account = a_resident(db, now=now, login=f"00115801234{number}")
        note_paper(db, account, "card", Ground.DOCUMENT_EXPIRED, today_in_vietnam(now), now=now)
        a_code(db, account, client, now=now)
    midnight, cursor, steps = end_of_day(today_in_vietnam(now)), None, 0
    while steps == 0 or cursor is not None:
        cursor, steps = paper_ends.take_from_some(db, cursor, now=midnight), steps + 1
    assert steps == 3
    assert len(told(db, midnight)) == 5


def test_each_day_asks_once(db, now):
    for hours in (0, 1, 24):
        paper_ends.start_the_days_ends(db, now=now + timedelta(hours=hours))
        db.flush()
    assert db.query(jobs.Job).filter_by(kind=paper_ends.JOB).count() == 2
