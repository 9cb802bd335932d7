"""A sign-in in a new browser: the owner is told and can undo it; a link alone does nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from identity import consent
from identity.account import Ground, get_account
from identity.audit import Actor, AuditEvent, Event
from identity.base import new_id
from identity.credentials.known_browser import introduce
from identity.credentials.sign_in import Visit, begin_session
from identity.freeze import paused_until
from identity.locks import grounds_of
from identity.outbox import Channel, Lane, lease
from identity.session import find_session
from tests.identity.account_scene import LOGIN, PASSWORD, make_account, make_person

TWO = ("pwd", "otp", "mfa")
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


@pytest.fixture
def person(database, now):
    with database.transaction() as db:
        made = make_person(db, now)
        made.email = "marie@example.org"
        return made


@pytest.fixture
def account(database, person, now):
    with database.transaction() as db:
        made = make_account(db, now, person_id=person.id)
        begin_session(db, made, TWO, 2, Visit("203.0.113.7", CHROME), now=now)
        return made


def sign_in(database, account, now, known_browser=None):
    with database.transaction() as db:
        visit = Visit("198.51.100.9", CHROME, known_browser)
        return begin_session(db, get_account(db, account.id), TWO, 2, visit, now=now)


def notices(database, now):
    with database.transaction() as db:
        return [one for one in lease(db, Lane.NOTICE, now=now, most=20) if one.kind == "new-browser"]


@pytest.fixture
def stranger(database, account, now):
    return sign_in(database, account, now)


@pytest.fixture
def link(database, stranger, now):
    [letter] = [one for one in notices(database, now) if one.channel is Channel.EMAIL]
    return f"/not-me?code={letter.facts['code']}"


@pytest.fixture
def reader(client):
    client.set_cookie("language", "en")
    return client


def is_alive(database, opened, now):
    with database.session(write=False) as db:
        return find_session(db, opened.token, now=now) is not None


def test_the_very_first_session_is_no_news(database, account, now):
    assert notices(database, now) == []


def test_a_browser_that_is_known_is_no_news(database, account, now):
    with database.session(write=False) as db:
        cookie = introduce(db, account.id, account.password_hash)
    sign_in(database, account, now, known_browser=cookie)
    assert notices(database, now) == []


def test_the_browser_that_changed_the_password_stays_known_and_no_other_does(client, database, account, now):
    entered = sign_in(database, account, now)
    notices(database, now)
    client.set_cookie("eid_session", entered.token)
    client.post("/account/password", data={"password": PASSWORD, "new_password": "con mèo trèo cây cau"})
    for cookie, told in ((entered.introduction, 2), (client.get_cookie("eid_known").value, 0)):
        sign_in(database, account, now, known_browser=cookie)
        assert len(notices(database, now)) == told


def test_without_a_mail_address_an_sms_tells_without_a_link(database, account, person, now):
    with database.transaction() as db:
        db.merge(person).email = None
    sign_in(database, account, now)
    [message] = notices(database, now)
    assert message.channel is Channel.SMS and "code" not in message.facts


def test_who_has_both_is_told_on_both_and_only_the_mail_carries_the_link(database, stranger, now):
    told = {one.channel: "code" in one.facts for one in notices(database, now)}
    assert told == {Channel.SMS: False, Channel.EMAIL: True}


def test_an_operator_may_save_the_sms(database, account, now, monkeypatch):
    monkeypatch.setattr("identity.new_browser.rule", lambda name, _on: ["email"] if name == "new_browser_ways" else 7)
    sign_in(database, account, now)
    assert [one.channel for one in notices(database, now)] == [Channel.EMAIL]


def test_opening_the_link_changes_nothing(reader, database, stranger, link, now):
    for _ in range(2):
        page = reader.get(link).text
        assert "Was this you?" in page and "Chrome" in page and "198.51.100.9" in page
    assert is_alive(database, stranger, now)


def test_the_stranger_is_signed_out_and_the_account_stays_open(reader, database, stranger, link, now):
    answer = reader.post(link, data={"answer": "end"})
    assert "That browser is signed out" in reader.get(answer.location).text
    assert not is_alive(database, stranger, now)
    assert (
        "Second step"
        in reader.post("/sign-in", data={"login": LOGIN, "password": PASSWORD}, follow_redirects=True).text
    )


def test_what_was_agreed_to_in_that_browser_ends_and_nothing_else(reader, database, account, stranger, link, now):
    """An earlier answer stays, and so does one of the owner's from another browser, to the same service, too."""
    mine, theirs = Actor(account.id, "resident"), UUID(str(stranger.session_id))
    with database.transaction() as db:
        before, after, both = (new_id() for _service in range(3))
        for service, items, session in (
            (before, ["name"], None),
            (both, ["phone"], new_id()),
            (after, ["name"], theirs),
        ):
            yes = dict.fromkeys(items, True)
            consent.answer(db, account.id, service, yes, {}, actor=mine, now=now, session_id=session)
        later = now + timedelta(minutes=1)
        consent.answer(db, account.id, both, {"name": True}, {}, actor=mine, now=later, session_id=theirs)
    assert "ends what was agreed to" in reader.get(link).text
    done = reader.get(reader.post(link, data={"answer": "end"}).location).text
    assert "What was agreed to with services in it has ended" in done
    with database.session(write=False) as db:
        stands = [consent.given(db, account.id, service) for service in (before, after, both)]
        assert stands == [{"name"}, frozenset(), {"phone"}]
        ended = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.CONSENT_WITHDRAWN)).all()
        assert [event.facts for event in ended] == [{"client": str(one), "items": ["name"]} for one in (after, both)]


def test_a_letter_stops_sign_ins_for_a_day_when_asked_and_freezes_nothing(
    reader, database, account, stranger, link, now
):
    page = reader.get(reader.post(link, data={"answer": "pause"}).location).text
    assert "New sign-ins and changes are stopped for 24 hours" in page and 'href="/freeze"' in page
    with database.session(write=False) as db:
        assert paused_until(db, account.id, now=now) == now + timedelta(days=1)
        assert grounds_of(db, db.merge(account), now=now)[0].ground == Ground.PAUSE
    answer = reader.post("/sign-in", data={"login": LOGIN, "password": PASSWORD}).text
    assert "stop new sign-ins and changes for a day" in answer and not is_alive(database, stranger, now)


def test_a_letter_is_answered_once_and_for_a_week(reader, link, clock):
    clock.advance(days=7)
    assert reader.get(link).status_code == 409
    clock.advance(days=-1)
    assert reader.post(link, data={"answer": "end"}).status_code == 303
    assert "answered already" in reader.post(link, data={"answer": "pause"}).text


@pytest.mark.parametrize("code", ["", "x", "0" * 43, "%00", "é"])
def test_a_code_that_is_none_says_so(reader, code):
    assert re.search("answered already", reader.get(f"/not-me?code={code}").text)
