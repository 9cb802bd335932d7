"""The hotline on its pages: one case, questions, acts with their scripts, the administrators' figures, the guard."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from identity.account import get_account
from identity.audit import SYSTEM, AuditEvent, Event
from identity.deadlines import rule
from identity.hotline.model import HotlineCall
from identity.locks import grounds_of
from identity.outbox import OutboxMessage
from identity.person import Kind
from identity.session import open_session
from identity.staff import give_role, hire
from tests.identity.account_scene import LOGIN, PASSPORT, PHONE, make_account, make_issued, make_person
from tests.portal.work_scene import sign_in, write

pytestmark = pytest.mark.any_engine

ANSWERS = {
    "full_name": "Marie Durand",
    "birth_date-day": "29",
    "birth_date-month": "2",
    "birth_date-year": "1988",
    "document_end": "X123",
}
BY_NUMBER = {"way": "number", "text": LOGIN}


@pytest.fixture
def holder(database, now) -> UUID:
    return write(database, lambda db: make_account(db, now, person_id=make_person(db, now).id).id)


@pytest.fixture
def agent(client, database, now):
    at_work(client, database, now, "hotline_agent")
    return client


def at_work(client, database, now, role, name="tongdai"):
    def hired(db):
        account = hire(db, name, "Mai Thị Nghe", now=now)
        db.flush()
        give_role(db, account.id, role, None, SYSTEM, now=now)
        return account.id

    sign_in(client, database, write(database, hired), now=now)
    client.set_cookie("language", "en")


def opened(agent, **fields) -> str:
    answer = agent.post("/hotline", data=BY_NUMBER | fields)
    assert answer.status_code == 303, answer.text
    return answer.location


def verified(agent) -> str:
    case = opened(agent)
    assert agent.post(f"{case}/verify", data=ANSWERS).status_code == 303
    return case


def test_the_first_page_has_the_script_and_lists_nobody(agent, holder):
    page = agent.get("/hotline").text
    assert "Please do not tell me any password or any code from a message" in page
    assert "Marie" not in page and "Nguyễn" not in page


def test_before_the_answers_a_case_shows_state_and_no_name(agent, holder):
    page = agent.get(opened(agent)).text
    assert "Active" in page and "09•• ••• 678" in page
    for hidden in ("Marie", "Nguyễn Thị Hoa", LOGIN, PHONE, "0912345678", "1988"):
        assert hidden not in page
    assert "Freeze the account" not in page and "Show the phone on file" not in page


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.CITIZEN, ("thẻ căn cước", "number of your identity card?")),
        (
            Kind.FOREIGNER,
            ("hộ chiếu hoặc thẻ cư trú", "number of your passport or of your residence card? Either counts."),
        ),
    ],
)
def test_the_question_names_the_papers_that_it_means(agent, database, now, kind, words):
    write(database, lambda db: make_account(db, now, person_id=make_person(db, now, kind=kind).id).id)
    case = opened(agent)
    for language, said in zip(("vi", "en"), words, strict=True):
        agent.set_cookie("language", language)
        assert said in agent.get(case).text


def test_nobody_found_is_said_and_what_was_typed_stays(agent):
    page = agent.post("/hotline", data={"way": "dossier", "text": "KHONG-CO"}).text
    assert "Nothing is found under this." in page and "KHONG-CO" in page
    assert "Choose an answer" in agent.post("/hotline", data={"way": "", "text": "1"}).text


def test_wrong_answers_say_no_more_than_that_and_stay_in_the_form(agent, holder, database):
    case = opened(agent)
    page = agent.post(f"{case}/verify", data=ANSWERS | {"document_end": "0000"}).text
    assert "Not everything agrees" in page and "0000" in page and "Marie Durand" in page
    agent.post(f"{case}/verify", data=ANSWERS | {"document_end": "0000"})
    page = agent.post(f"{case}/verify", data=ANSWERS | {"document_end": "0000"}).text
    assert "The answers were wrong too often today" in page
    assert "wrong too often" in agent.post(f"{case}/verify", data=ANSWERS).text
    with database.session(write=False) as db:
        assert db.scalars(select(HotlineCall.tries)).one() == 3


def test_after_right_answers_the_agent_calls_back_and_freezes(agent, holder, database, now):
    case = verified(agent)
    assert "Nguyễn Thị Hoa" in agent.get(case).text
    agent.post(f"{case}/call-back")
    page = agent.get(case).text
    assert PHONE in page
    assert "Call back first." in agent.post(f"{case}/freeze", data={}).text and 'id="freeze"' in page
    frozen = agent.post(f"{case}/freeze", data={"picked_up": "1"}, follow_redirects=True).text
    assert "The account is frozen." in frozen
    assert 'id="freeze"' not in frozen and 'id="hold-now"' not in frozen, "what is shut is not shut again"
    with database.session(write=False) as db:
        assert [one.ground for one in grounds_of(db, get_account(db, holder), now=now)] == ["own-request"]


def test_a_new_code_leaves_for_the_phone_on_file(agent, database, now):
    account_id = write(database, lambda db: make_issued(db, now)[0].id)
    case = opened(agent, text="901234567890")
    agent.post(f"{case}/verify", data=ANSWERS)
    page = agent.post(f"{case}/send", follow_redirects=True).text
    assert "A new activation code is on its way" in page
    with database.session(write=False) as db:
        sent = db.scalars(select(OutboxMessage).where(OutboxMessage.kind == "activation-code")).one()
        assert sent.recipient_id == account_id
    again = agent.post(f"{case}/send").text
    assert "A notice was sent a short while ago" in again and f'action="{case}/end"' in again, "the call goes on"


def test_acts_out_of_turn_are_refused_and_recorded(agent, holder, database):
    case = opened(agent)
    for act in ("send", "call-back"):
        assert agent.post(f"{case}/{act}").status_code == 403
    assert agent.post(f"{case}/freeze", data={"picked_up": "1"}).status_code == 403
    with database.session(write=False) as db:
        refused = db.scalars(select(AuditEvent.name).where(AuditEvent.name == Event.ATTEMPT_REFUSED)).all()
    assert len(refused) == 3


def test_a_hold_without_answers_and_the_end_of_the_call(agent, holder):
    case = opened(agent)
    assert "stopped for a day" in agent.post(f"{case}/hold", follow_redirects=True).text
    assert "within the last week" in agent.post(f"{case}/hold").text
    assert "Choose" in agent.post(f"{case}/end", data={}).text
    assert agent.post(f"{case}/end", data={"outcome": "informed"}).location == "/hotline"
    assert "This call is over." in agent.get(case).text


def test_a_case_left_open_is_over_after_half_an_hour(agent, holder, clock):
    case = opened(agent)
    clock.advance(minutes=29)
    assert agent.get(case).status_code == 200
    clock.advance(minutes=2)
    assert agent.get(case).status_code == 409


def test_the_person_sees_that_the_hotline_opened_the_case(app, agent, holder, database, now):
    verified(agent)
    opened_session = write(database, lambda db: open_session(db, get_account(db, holder), ("pwd", "otp"), 2, now=now))
    mine = app.test_client()
    mine.set_cookie("eid_session", opened_session.token)
    mine.set_cookie("language", "en")
    page = mine.get("/account/history").text
    assert "The hotline opened your case" in page and "Mai Thị Nghe" not in page
    assert "Somebody called our hotline as you" in mine.get("/account/inbox").text


def test_who_looks_up_too_many_is_warned_stopped_and_shown_to_administrators(
    app, agent, holder, database, now, monkeypatch
):
    limits = rule("hotline", date(2026, 11, 23))
    monkeypatch.setitem(limits, "warn_lookups", 2)
    monkeypatch.setitem(limits, "most_lookups", 3)
    opened(agent)
    assert "You have looked up many people today" not in agent.get("/hotline").text
    opened(agent)
    assert "You have looked up many people today" in agent.get("/hotline").text
    opened(agent)
    assert agent.post("/hotline", data=BY_NUMBER).status_code == 429
    admin = app.test_client()
    at_work(admin, database, now, "operator", "vanhanh")
    page = admin.get("/hotline/agents").text
    assert "Mai Thị Nghe" in page and "is-bad" in page


def test_administrators_of_an_empty_hotline_are_told_so(client, database, now):
    at_work(client, database, now, "auditor")
    assert "Nobody works at the hotline." in client.get("/hotline/agents").text


@pytest.mark.parametrize("role", ["operator", "auditor", "data_protection_officer"])
def test_others_at_work_open_no_case(client, database, now, role):
    at_work(client, database, now, role)
    assert client.get("/hotline").status_code == 403
    assert client.post("/hotline", data=BY_NUMBER).status_code == 403


def test_a_call_of_another_agent_is_none_of_mine(app, agent, holder, database, now):
    case = opened(agent)
    other = app.test_client()
    at_work(other, database, now, "hotline_agent", "tongdai2")
    assert other.get(case).status_code == 409
    assert other.get(f"/hotline/calls/{UUID(int=0)}").status_code == 409


def test_a_second_factor_is_needed(client, database, now):
    def hired(db):
        account = hire(db, "tongdai", "Mai", now=now)
        db.flush()
        give_role(db, account.id, "hotline_agent", None, SYSTEM, now=now - timedelta(days=1))
        return account.id

    sign_in(client, database, write(database, hired), now=now, aal=1)
    assert client.get("/hotline").status_code == 403


def test_an_agent_says_whose_calls_are_not_for_them(agent, database, holder):
    assert 'href="/office/conflicts"' in agent.get("/hotline").text
    page = agent.get("/office/conflicts").text
    assert "You declared nobody." in page and 'href="/office/queue"' not in page
    told = {"label": "my sister-in-law", "number": f"FRA {PASSPORT}", "tie": "relative"}
    assert agent.post("/office/conflicts", data=told).status_code == 303
    assert "my sister-in-law" in agent.get("/office/conflicts").text
    refused = agent.post("/hotline", data=BY_NUMBER)
    assert refused.status_code == 403 and "You declared a conflict of interest with this person" in refused.text
    declared = write(
        database, lambda db: db.scalar(select(AuditEvent).where(AuditEvent.name == Event.CONFLICT_DECLARED))
    )
    assert declared.actor_role == "hotline_agent"


@pytest.mark.parametrize(("role", "status"), [("data_protection_officer", 200), ("operator", 200), ("auditor", 403)])
def test_whoever_opens_accounts_may_declare_a_tie(client, database, now, role, status):
    at_work(client, database, now, role)
    assert client.get("/office/conflicts").status_code == status
