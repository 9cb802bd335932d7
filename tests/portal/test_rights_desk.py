"""The data-rights desk: who may open it, what it lists, taking and answering, and what cannot be done there."""

from __future__ import annotations

import pytest
from sqlalchemy import select

import onboarding.rights  # noqa: F401 - as the worker does
from identity.account import Ground, get_account
from identity.audit import SYSTEM, Actor, AuditEvent, Event
from identity.inbox import InboxMessage
from identity.locks import close, lock
from identity.outbox import OutboxMessage
from identity.places import Unit
from identity.rights.model import RightKind, RightsRequest
from identity.rights.requests import ask
from identity.session import open_session
from identity.staff import give_role, hire
from tests.identity.account_scene import LOGIN, make_account, make_person
from tests.portal.work_scene import sign_in


@pytest.fixture
def units(database):
    with database.session(write=False) as db:
        return list(db.scalars(select(Unit.id).where(Unit.kind == "commune").limit(2)))


@pytest.fixture
def request_id(database, now, units):
    with database.transaction() as db:
        person = make_person(db, now)
        person.unit_id = units[0]
        account = make_account(db, now, person_id=person.id)
        return ask(
            db, account, RightKind.RECTIFY, Actor(account.id, "resident"), about="name", words="Thiếu chữ Thị", now=now
        ).id


def at_work(client, database, role, unit, now, name="officer-a"):
    with database.transaction() as db:
        account = hire(db, name, "Cán bộ Thử", now=now)
        db.flush()
        give_role(db, account.id, role, unit, SYSTEM, now=now)
        account_id = account.id
    sign_in(client, database, account_id, now=now)
    client.set_cookie("language", "en")
    return account_id


def saved(database, request_id):
    with database.session(write=False) as db:
        return db.get_one(RightsRequest, request_id)


def test_an_empty_desk_says_so(client, database, units, now):
    at_work(client, database, "receiving_officer", units[0], now)
    assert "Nobody waits for an answer about their data." in client.get("/office/data-rights").text


def test_a_request_is_listed_opened_taken_and_answered(client, database, units, request_id, now):
    at_work(client, database, "receiving_officer", units[0], now)
    assert "1 waits" in client.get("/office/data-rights").text
    page = client.get(f"/office/data-rights/{request_id}").text
    assert "Thiếu chữ Thị" in page
    client.post(f"/office/data-rights/{request_id}/take")
    assert saved(database, request_id).state == "taken"
    answer = client.post(
        f"/office/data-rights/{request_id}/answer",
        data={"answer": "partly:sent-to-register", "words": "Mời đến công an phường."},
    )
    assert answer.location == "/office/data-rights"
    assert saved(database, request_id).state == "partly"
    assert "Show what waits" in client.get("/office/data-rights?show=answered").text
    with database.session(write=False) as db:
        assert set(db.scalars(select(InboxMessage.kind))) == {"rights-received", "rights-taken", "rights-answered"}


def test_each_look_is_recorded_for_the_person_to_see(client, database, units, request_id, now):
    at_work(client, database, "receiving_officer", units[0], now)
    client.get(f"/office/data-rights/{request_id}")
    row = saved(database, request_id)
    with database.transaction() as db:
        seen = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.RIGHTS_VIEWED)).one()
        assert seen.subject_id == row.account_id
        opened = open_session(db, get_account(db, row.account_id), ("pwd", "otp"), 2, now=now)
    client.set_cookie("eid_session", opened.token)
    page = client.get("/account/history").text
    assert "An officer opened your request about your data" in page
    assert "to answer your request" in page
    assert "Cán bộ Thử" not in page


@pytest.mark.parametrize("fields", [{}, {"answer": "granted:already-right"}, {"answer": "open:done"}, {"answer": "x"}])
def test_an_answer_without_a_reason_that_fits_is_asked_again_and_words_stay(
    client, database, units, request_id, now, fields
):
    at_work(client, database, "receiving_officer", units[0], now)
    page = client.post(f"/office/data-rights/{request_id}/answer", data={**fields, "words": "Đã viết"}).text
    assert "Đã viết" in page
    assert saved(database, request_id).state == "open"


def test_another_ward_sees_nothing_and_its_try_is_recorded(client, database, units, request_id, now):
    at_work(client, database, "receiving_officer", units[1], now)
    assert "Nobody waits" in client.get("/office/data-rights").text
    assert client.get(f"/office/data-rights/{request_id}").status_code == 403
    assert client.post(f"/office/data-rights/{request_id}/take").status_code == 403
    with database.session(write=False) as db:
        assert db.scalars(select(AuditEvent.name).where(AuditEvent.name == Event.ATTEMPT_REFUSED)).first()


def test_operators_look_after_what_has_no_unit(client, database, request_id, now):
    with database.transaction() as db:
        db.get_one(RightsRequest, request_id).unit_id = None
    at_work(client, database, "operator", None, now)
    assert client.get(f"/office/data-rights/{request_id}").status_code == 200


@pytest.mark.parametrize("role", ["member", "coordinator"])
def test_others_at_work_may_not_open_it(client, database, units, request_id, now, role):
    at_work(client, database, role, units[0], now)
    assert client.get("/office/data-rights").status_code == 403
    assert client.get(f"/office/data-rights/{request_id}").status_code == 403


def test_a_request_answered_meanwhile_is_refused_in_words(client, database, units, request_id, now):
    at_work(client, database, "receiving_officer", units[0], now)
    data = {"answer": "refused:already-right", "words": ""}
    client.post(f"/office/data-rights/{request_id}/answer", data=data)
    answer = client.post(f"/office/data-rights/{request_id}/answer", data=data)
    assert "This request was answered or taken back already." in answer.text


def test_what_nobody_knows_is_not_found(client, database, units, now):
    at_work(client, database, "receiving_officer", units[0], now)
    assert client.get("/office/data-rights/00000000-0000-0000-0000-000000000000").status_code == 404


# at the counter, for whoever cannot sign in


@pytest.fixture
def locked(database, now, units):
    with database.transaction() as db:
        person = make_person(db, now)
        person.unit_id = units[0]
        account = make_account(db, now, person_id=person.id)
        lock(db, account, Ground.AUTHORITY, "TK03-1", SYSTEM, now=now)
        return account


def take_in(client, locked, **fields):
    asked = {"asker": "holder", "kind": "access", "words": "Ai đã xem hồ sơ của tôi?", "original": "1", **fields}
    return client.post(f"/office/data-rights/counter/account/{locked.id}", data=asked)


def test_an_officer_takes_in_the_request_of_somebody_who_is_locked_out_and_a_colleague_answers(
    client, database, units, locked, now
):
    at_work(client, database, "receiving_officer", units[0], now)
    found = client.post("/office/data-rights/counter", data={"number": LOGIN})
    assert found.location == f"/office/data-rights/counter/account/{locked.id}"
    assert "What they ask for" in client.get(found.location).text
    assert "taken in" in client.get(take_in(client, locked).location).text
    with database.session(write=False) as db:
        row = db.scalars(select(RightsRequest)).one()
        assert (row.kind, row.unit_id, row.words) == ("access", units[0], "Ai đã xem hồ sơ của tôi?")
        assert set(db.scalars(select(OutboxMessage.kind))) == {"rights-received"}
    assert "asked for already" in take_in(client, locked).text
    page = client.get(f"/office/data-rights/{row.id}").text
    assert "a colleague answers it" in page and 'id="take"' not in page
    assert client.post(f"/office/data-rights/{row.id}/take").status_code == 403
    assert client.post(f"/office/data-rights/{row.id}/answer", data={"answer": "granted:done"}).status_code == 403
    at_work(client, database, "approving_officer", units[0], now, "officer-b")
    assert "The holder or applicant, who cannot sign in" in client.get(f"/office/data-rights/{row.id}").text
    client.post(f"/office/data-rights/{row.id}/answer", data={"answer": "granted:done", "words": "Xem phụ lục."})
    assert "print this page" in client.get(f"/office/data-rights/{row.id}").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"words": ""}, "Write what they want"),
        ({"kind": "rectify", "about": "survey"}, "Choose what it is about"),
        ({"kind": "erase", "asker": "representative"}, "Enter number and day of the paper"),
        ({"asker": "heir", "paper": "Số 1/2026"}, "No death is on record"),
        ({"original": ""}, "Look at the original first"),
    ],
)
def test_what_is_missing_at_the_counter_is_said_and_nothing_is_kept(client, database, units, locked, now, fields, said):
    at_work(client, database, "receiving_officer", units[0], now)
    assert said in take_in(client, locked, **fields).text
    with database.session(write=False) as db:
        assert db.scalars(select(RightsRequest)).all() == []


def test_an_heir_asks_about_an_account_that_a_death_has_closed(client, database, units, locked, now):
    with database.transaction() as db:
        close(db, get_account(db, locked.id), SYSTEM, now=now)
    at_work(client, database, "receiving_officer", units[0], now)
    take_in(client, locked, asker="heir", paper="Giấy khai tử 12/2026, 3.11.2026")
    with database.session(write=False) as db:
        assert db.scalars(select(RightsRequest)).one().words.startswith("Giấy khai tử 12/2026")


def test_the_counter_is_for_officers_alone(client, database, units, locked, now):
    at_work(client, database, "data_protection_officer", None, now)
    assert client.get("/office/data-rights/counter").status_code == 403
    assert take_in(client, locked).status_code == 403
