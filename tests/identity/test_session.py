"""Sessions: opened under a new token, alive while used, ended here and from afar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from identity.account import Ground
from identity.audit import SYSTEM
from identity.deadlines import end_of_day
from identity.locks import LOSSES, lock, note_paper, take_away
from identity.session import (
    SESSION_LOSSES,
    SignInSession,
    end_all_sessions,
    end_session,
    find_session,
    open_session,
    renew,
    sessions_of,
    touch,
)
from tests.identity.account_scene import make_account

LAST_DAY = date(2026, 12, 24)

TWO = ("pwd", "otp", "mfa")


def opened(db, account, now, **more):
    session = open_session(db, account, TWO, 2, now=now, user_agent="Firefox/140", address="203.0.113.5", **more)
    db.flush()
    return session


def test_a_session_is_found_by_its_token_and_by_nothing_else(db, now):
    session = opened(db, make_account(db, now), now)
    held = find_session(db, session.token, now=now)
    assert (held.aal, held.amr, held.display_name) == (2, TWO, "Nguyễn Thị Hoa")
    assert find_session(db, session.token + "x", now=now) is None
    assert find_session(db, "", now=now) is None


def test_neither_token_nor_address_can_be_read_in_the_row(db, now):
    session = opened(db, make_account(db, now), now)
    row = db.get_one(SignInSession, session.session_id)
    assert session.token.encode() not in row.token_digest
    assert b"203.0.113.5" not in row.address_sealed
    assert row.address == "203.0.113.5"


def test_the_look_up_costs_one_statement(db, now, monkeypatch):
    session = opened(db, make_account(db, now), now)
    seen = []
    monkeypatch.setattr("identity.statements.LISTENERS", [seen.append])
    find_session(db, session.token, now=now)
    assert len(seen) == 1


def test_an_unused_session_dies_and_a_used_one_lives_on(db, now):
    session = opened(db, make_account(db, now), now)
    later = now + timedelta(minutes=59)
    assert find_session(db, session.token, now=later)
    assert find_session(db, session.token, now=now + timedelta(minutes=60)) is None
    touch(db, session.session_id, now=later)
    assert find_session(db, session.token, now=later + timedelta(minutes=59))


def test_a_fresh_authentication_is_use(db, now):
    account = make_account(db, now)
    session, later = opened(db, account, now), now + timedelta(minutes=50)
    again = renew(db, session.session_id, account, TWO, 2, now=later)
    assert find_session(db, again.token, now=later + timedelta(minutes=59))


def test_use_does_not_carry_a_session_past_its_absolute_end(db, now):
    session, moment = opened(db, make_account(db, now), now), now
    for _ in range(24):
        moment += timedelta(minutes=30)
        touch(db, session.session_id, now=moment)
    assert find_session(db, session.token, now=now + timedelta(hours=12)) is None


def test_staff_sessions_are_shorter(db, now):
    session = opened(db, make_account(db, now, "canbo.lan", kind="staff"), now)
    assert find_session(db, session.token, now=now + timedelta(minutes=29))
    assert find_session(db, session.token, now=now + timedelta(minutes=30)) is None


def test_touching_within_a_minute_writes_nothing(db, now):
    session = opened(db, make_account(db, now), now)
    touch(db, session.session_id, now=now + timedelta(seconds=60))
    assert db.get_one(SignInSession, session.session_id, populate_existing=True).seen_at == now
    touch(db, session.session_id, now=now + timedelta(seconds=61))
    assert db.get_one(SignInSession, session.session_id, populate_existing=True).seen_at > now


def test_touching_does_not_revive_an_ended_session(db, now):
    account = make_account(db, now)
    session = opened(db, account, now)
    end_session(db, account.id, session.session_id, now=now)
    touch(db, session.session_id, now=now + timedelta(minutes=5))
    assert find_session(db, session.token, now=now + timedelta(minutes=5)) is None
    assert db.get_one(SignInSession, session.session_id, populate_existing=True).seen_at == now


def test_nobody_ends_the_session_of_another_account(db, now):
    mine, other = make_account(db, now), make_account(db, now, "001158099999")
    session = opened(db, mine, now)
    assert not end_session(db, other.id, session.session_id, now=now)
    assert find_session(db, session.token, now=now)
    assert end_session(db, mine.id, session.session_id, now=now)
    assert not end_session(db, mine.id, session.session_id, now=now)


def test_all_others_end_and_this_one_stays(db, now):
    account = make_account(db, now)
    here, there = opened(db, account, now), opened(db, account, now)
    assert end_all_sessions(db, account.id, now=now, but=here.session_id) == 1
    assert find_session(db, here.token, now=now)
    assert find_session(db, there.token, now=now) is None
    assert len(sessions_of(db, account.id)) == 2


def test_renewing_changes_the_token_and_keeps_the_row(db, now):
    account = make_account(db, now)
    before = open_session(db, account, ("pwd",), 1, now=now)
    sid = find_session(db, before.token, now=now).sid
    later = now + timedelta(minutes=10)
    after = renew(db, before.session_id, account, TWO, 2, now=later)
    assert find_session(db, before.token, now=later) is None
    held = find_session(db, after.token, now=later)
    assert (held.sid, held.session_id, held.aal, held.auth_time) == (sid, before.session_id, 2, later)


def test_an_ended_session_cannot_be_renewed(db, now):
    account = make_account(db, now)
    session = opened(db, account, now)
    end_session(db, account.id, session.session_id, now=now)
    assert renew(db, session.session_id, account, TWO, 2, now=now) is None


def test_a_lock_ends_sessions_at_once_and_they_stay_ended_after_it(db, now):
    account = make_account(db, now)
    session = opened(db, account, now)
    added = lock(db, account, Ground.OWN_REQUEST, "holder", SYSTEM, now=now)
    assert find_session(db, session.token, now=now) is None
    added.ended_at = now
    db.flush()
    assert find_session(db, session.token, now=now + timedelta(seconds=1)) is None


def test_a_paper_that_ends_later_leaves_todays_session_alone(db, now):
    account = make_account(db, now)
    note_paper(db, account, "card", Ground.DOCUMENT_EXPIRED, LAST_DAY, now=now)
    end = end_of_day(LAST_DAY)
    session = opened(db, account, end - timedelta(minutes=5))
    db.flush()
    assert find_session(db, session.token, now=end - timedelta(seconds=1))
    assert find_session(db, session.token, now=end) is None


@pytest.fixture
def session_loss():
    lost = []
    SESSION_LOSSES.append(lambda db, session_id, *, now: lost.append(session_id))
    yield lost
    SESSION_LOSSES.pop()


def test_what_was_granted_in_a_session_ends_with_it_whoever_ends_it(db, now, session_loss):
    account = make_account(db, now)
    first, second, third = (opened(db, account, now) for _ in range(3))
    end_session(db, account.id, first.session_id, now=now)
    assert session_loss == [first.session_id]
    end_session(db, account.id, first.session_id, now=now)
    end_all_sessions(db, account.id, now=now, but=third.session_id)
    assert session_loss == [first.session_id, second.session_id]


@pytest.fixture
def loss():
    lost = []
    LOSSES.append(lambda db, account_id, now: lost.append(account_id))
    yield lost
    LOSSES.pop()


def test_a_lock_takes_away_whatever_else_the_account_holds(db, now, loss):
    account = make_account(db, now)
    take_away(db, account.id, now=now)
    assert loss == [account.id]


def test_what_an_ended_paper_shut_out_does_not_come_back_with_its_renewal(db, now, loss):
    account = make_account(db, now)
    note_paper(db, account, "card", Ground.DOCUMENT_EXPIRED, LAST_DAY, now=now)
    end = end_of_day(LAST_DAY)
    session = opened(db, account, end - timedelta(minutes=5))
    note_paper(db, account, "card", Ground.DOCUMENT_EXPIRED, LAST_DAY, now=end - timedelta(minutes=4))
    assert loss == []
    renewed = end + timedelta(minutes=1)
    note_paper(db, account, "card", Ground.DOCUMENT_EXPIRED, LAST_DAY + timedelta(days=3650), now=renewed)
    assert loss == [account.id]
    assert find_session(db, session.token, now=renewed) is None
