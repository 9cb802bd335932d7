"""Signing in with a phone: fresh pictures only, the number that the computer shows, one browser, one winner."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from identity.account import Ground
from identity.audit import SYSTEM, Event, events_about
from identity.base import Refused
from identity.credentials import qr
from identity.credentials.sign_in import Visit
from identity.locks import lock
from identity.session import Opened, find_session
from tests.identity.account_scene import make_account
from tests.races.at_once import at_once

COMPUTER = Visit("198.51.100.9", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0")
LOCK = ("hwk", "user", "mfa")


@pytest.fixture
def account(db, now):
    return make_account(db, now)


@pytest.fixture
def begun(db, now):
    return qr.begin(db, COMPUTER, "a-service", now=now)


def say_yes(db, begun, account, now):
    return qr.approve(db, begun.waiting, account.id, begun.waiting.number, LOCK, now=now)


def finish(db, begun, now):
    return qr.finish(db, begun.secret, begun.waiting.id, COMPUTER, now=now)


def test_the_phone_says_yes_and_the_computer_is_as_strongly_signed_in(db, account, begun, now):
    shown = qr.find_shown(db, qr.token(db, begun.waiting, now=now), now=now)
    asked = qr.ask(db, shown, account.id, now=now)
    assert qr.find_asked(db, shown.id, asked, account.id, now=now) is shown
    assert say_yes(db, begun, account, now) is None
    db.refresh(begun.waiting)
    opened = finish(db, begun, now)
    held = find_session(db, opened.token, now=now)
    assert (held.account_id, held.aal, held.amr) == (account.id, 2, ("hwk", "user", "mfa", "mca"))


@pytest.mark.parametrize(("seconds", "is_good"), [(0, True), (59, True), (60, False), (90, False)])
def test_a_picture_older_than_one_change_fails(db, begun, now, seconds, is_good):
    start = now - timedelta(seconds=int(now.timestamp()) % 30)
    token, later = qr.token(db, begun.waiting, now=start), start + timedelta(seconds=seconds)
    if is_good:
        assert qr.find_shown(db, token, now=later)
    else:
        with pytest.raises(Refused, match="qr-old"):
            qr.find_shown(db, token, now=later)


@pytest.mark.parametrize("token", ["", "x", "A" * 38, "é", "=" * 38, "A" * 300])
def test_nonsense_is_an_old_picture(db, begun, now, token):
    with pytest.raises(Refused, match="qr-old"):
        qr.find_shown(db, token, now=now)


def test_another_computers_mark_opens_nothing(db, begun, now):
    other = qr.begin(db, COMPUTER, None, now=now)
    forged = qr.token(db, begun.waiting, now=now)[:21] + qr.token(db, other.waiting, now=now)[21:]
    with pytest.raises(Refused, match="qr-old"):
        qr.find_shown(db, forged, now=now)


def test_another_browser_cannot_use_the_approval(db, account, begun, now):
    say_yes(db, begun, account, now)
    other = qr.begin(db, COMPUTER, None, now=now)
    assert qr.finish(db, other.secret, begun.waiting.id, COMPUTER, now=now).code == "qr-other-browser"
    assert qr.finish(db, "", begun.waiting.id, COMPUTER, now=now).code == "qr-other-browser"
    db.refresh(begun.waiting)
    assert isinstance(finish(db, begun, now), Opened)


def test_what_one_phone_was_asked_another_account_cannot_answer(db, account, begun, now):
    asked = qr.ask(db, begun.waiting, account.id, now=now)
    other = make_account(db, now, "001158000009")
    for who, when in ((other.id, now), (account.id, now + timedelta(minutes=3))):
        with pytest.raises(Refused, match="qr-over"):
            qr.find_asked(db, begun.waiting.id, asked, who, now=when)


def test_a_wrong_number_ends_it(db, account, begun, now):
    wrong = next(one for one in begun.waiting.choices if one != begun.waiting.number)
    assert qr.approve(db, begun.waiting, account.id, wrong, LOCK, now=now).code == "qr-wrong-number"
    db.refresh(begun.waiting)
    with pytest.raises(Refused, match="qr-over"):
        say_yes(db, begun, account, now)
    assert finish(db, begun, now).code == "qr-refused"
    assert Event.QR_SIGN_IN_REFUSED in [event.name for event in events_about(db, ("account", account.id))]


def test_no_after_yes_still_counts(db, account, begun, now):
    say_yes(db, begun, account, now)
    qr.refuse(db, begun.waiting, account.id, now=now)
    db.refresh(begun.waiting)
    assert finish(db, begun, now).code == "qr-refused"


def test_before_the_phone_says_yes_nothing_happens(db, begun, now):
    assert finish(db, begun, now).code == "qr-waiting"


def test_it_is_over_after_five_minutes_and_after_one_use(db, account, begun, now):
    say_yes(db, begun, account, now)
    db.refresh(begun.waiting)
    assert finish(db, begun, now + timedelta(minutes=5)).code == "qr-over"
    assert isinstance(finish(db, begun, now), Opened)
    db.refresh(begun.waiting)
    assert finish(db, begun, now).code == "qr-over"
    qr.sweep(db, now=now + timedelta(minutes=6))
    assert db.scalar(select(qr.QrSignIn.id)) is None


def test_a_locked_account_gets_nothing_on_either_side(db, account, begun, now):
    say_yes(db, begun, account, now)
    lock(db, account, Ground.TERMS, "operator", SYSTEM, now=now)
    db.flush()
    db.refresh(begun.waiting)
    assert finish(db, begun, now).code == "qr-over"
    with pytest.raises(Refused, match="account-locked"):
        say_yes(db, qr.begin(db, COMPUTER, None, now=now), account, now)


def test_of_sixteen_finishes_at_once_one_wins(database, now):
    with database.transaction() as db:
        account = make_account(db, now)
        begun = qr.begin(db, COMPUTER, None, now=now)
        secret, row_id = begun.secret, begun.waiting.id
        say_yes(db, begun, account, now)

    def go():
        with database.transaction() as db:
            outcome = qr.finish(db, secret, row_id, COMPUTER, now=now)
            return outcome.code if isinstance(outcome, Refused) else "in"

    answers = at_once(go)
    assert answers.count("in") == 1 and set(answers) == {"in", "qr-over"}
