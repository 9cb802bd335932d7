"""What a resident allowed helpers: listed in the account with what was done under it, and ended there."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from identity.account import find_account_of
from identity.audit import SYSTEM, Event, events_about
from identity.deadlines import today_in_vietnam
from identity.helping import new_help_code, withdraw_help
from identity.person import Person
from identity.session import open_session
from onboarding.assistance import State, take_in
from onboarding.catalogue import Mode, Task
from onboarding.delegation import Delegation, delegate, find_delegation
from onboarding.team import membership
from tests.onboarding.scene import activate, communes, entry, member_of, resident, team_in

TWO = ("pwd", "otp", "mfa")


@pytest.fixture
def given(database, now):
    """A resident who allowed a member one matter with today's code, and the member's record of it."""
    with database.transaction() as db:
        person = resident(db, communes(db)[0], now=now)
        activate(db, person, now=now)
        member = member_of(db, team_in(db, communes(db)[0], now=now), now=now)
        code = new_help_code(db, person.id, now=now)
        row = delegate(db, member, Task.LAND, 3, SYSTEM, now=now - timedelta(minutes=5), agreed=True, help_code=code)
        db.flush()
        done = entry(now, task=Task.LAND, mode=Mode.ON_BEHALF, authorised=True, delegation_id=row.id)
        assert take_in(db, member.account_id, done, now=now).state is State.SAVED
        return person.id, row.id


@pytest.fixture
def signed_in(client, database, given, now):
    with database.transaction() as db:
        account = find_account_of(db, given[0])
        client.set_cookie("eid_session", open_session(db, account, TWO, 2, now=now).token)
    client.set_cookie("language", "en")
    return client


def test_it_is_listed_with_whom_and_what_was_done(signed_in):
    assert 'href="/account/authorisations"' in signed_in.get("/account/help").text
    page = signed_in.get("/account/authorisations").text
    assert "Lê Thị Mai" in page and "End it now" in page and "20 minutes" in page


def test_it_is_ended_and_the_trail_says_who(signed_in, database, given):
    answer = signed_in.post(f"/account/authorisations/{given[1]}/end")
    page = signed_in.get(answer.location).text
    assert "It has ended" in page and "End it now" not in page
    with database.session(write=False) as db:
        assert db.get(Delegation, given[1]).revoked_at is not None
        events = events_about(db, ("delegation", given[1]))
        assert [event.actor_id for event in events if event.name == Event.DELEGATION_REVOKED] == [
            find_account_of(db, given[0]).id
        ]


def test_somebody_elses_is_as_unknown_as_none(client, database, given, now):
    with database.transaction() as db:
        other = resident(db, communes(db)[0], now=now, name="Lò Văn Khác", phone="+84912345299")
        activate(db, other, now=now)
        account = find_account_of(db, other.id)
        client.set_cookie("eid_session", open_session(db, account, TWO, 2, now=now).token)
    client.set_cookie("language", "en")
    assert "Nothing is known here" in client.get("/account/authorisations").text
    for id_ in (given[1], uuid4()):
        assert client.post(f"/account/authorisations/{id_}/end").status_code == 404
    with database.session(write=False) as db:
        assert db.get(Delegation, given[1]).revoked_at is None


def test_after_the_consent_is_withdrawn_the_list_knows_nothing(signed_in, database, given, now):
    with database.transaction() as db:
        withdraw_help(db, db.get_one(Person, given[0]), now=now, actor=SYSTEM)
    assert "Nothing is known here" in signed_in.get("/account/authorisations").text


def test_who_stops_the_help_reads_what_does_not_end_with_it(signed_in, database, given, now):
    """A receipt without a help code says nowhere whose it is: neither is it listed, nor ended with the consent."""
    with database.transaction() as db:
        team_of = db.get_one(Delegation, given[1])
        member = membership(db, team_of.account_id, on=today_in_vietnam(now))
        alone = delegate(db, member, Task.SHOPPING, 3, SYSTEM, now=now, agreed=True)
        code = alone.code
    for page in (signed_in.get("/account/help"), signed_in.post("/account/help/stop", follow_redirects=True)):
        assert "without a help code goes on" in page.text and 'href="/verify/receipt"' in page.text
    with database.session(write=False) as db:
        assert db.get_one(Delegation, given[1]).revoked_at is not None
        assert find_delegation(db, code).revoked_at is None
