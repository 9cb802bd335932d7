"""The lock desk on its pages: finding, taking in, examining, deciding, the letter and its check, and who may not."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from sqlalchemy import select

from identity.account import get_account
from identity.audit import SYSTEM, Actor, AuditEvent, Event
from identity.freeze import freeze
from identity.lock_requests.model import LockRequest
from identity.locks import grounds_of
from identity.person import Kind, set_personal_number
from identity.registers.embedded import open_session
from identity.registers.tables import Citizen, Switch
from identity.session import open_session as sign_in_session
from identity.staff import give_role, hire
from tests.identity.account_scene import LOGIN, make_account, make_person
from tests.identity.lock_scene import a_unit
from tests.portal.work_scene import sign_in, write

pytestmark = pytest.mark.any_engine

PAPER = {
    "what": "lock|authority|",
    "authority": "Tòa án khu vực 1",
    "paper": "12/QĐ-TA",
    "words": "Phong tỏa theo Điều 114",
    "original": "1",
}
SEEN = {"original": "1", "face": "1"}


@pytest.fixture
def holder(database, now) -> UUID:
    def made(db):
        person = make_person(db, now, kind=Kind.CITIZEN)
        set_personal_number(db, person, LOGIN)
        return make_account(db, now, person_id=person.id).id

    return write(database, made)


@pytest.fixture
def receiving(app, database, now):
    return at_desk(app, database, now, "receiving_officer")


@pytest.fixture
def approving(app, database, now):
    return at_desk(app, database, now, "approving_officer")


def at_desk(app, database, now, role, unit=None, name="lan"):
    def hired(db):
        account = hire(db, f"{name}.{role}", "Cán bộ Lan", now=now)
        db.flush()
        give_role(db, account.id, role, unit or a_unit(db), SYSTEM, now=now)
        return account.id

    client = app.test_client()
    sign_in(client, database, write(database, hired), now=now)
    client.set_cookie("language", "en")
    return client


def test_the_register_of_deaths_is_asked_about_those_whom_it_knows(receiving, holder, database, now):
    """A foreign resident is in no register that tells of deaths: the button could only say so."""

    def foreign(db):
        person = make_person(db, now, phone="+84912345600")
        return make_account(db, now, login="902158012345", person_id=person.id).id

    shown = [receiving.get(f"/office/locks/accounts/{one}").text for one in (holder, write(database, foreign))]
    assert ['id="register"' in page for page in shown] == [True, False]


def grounds(database, holder, now):
    with database.session(write=False) as db:
        return {one.ground for one in grounds_of(db, get_account(db, holder), now=now)}


def taken_in(client, holder, **changes):
    answer = client.post(f"/office/locks/accounts/{holder}/request", data=PAPER | changes)
    assert answer.status_code == 303, answer.text
    return answer.location


def test_an_empty_desk_says_so(receiving):
    assert "No request waits." in receiving.get("/office/locks").text
    assert "Nothing was decided yet." in receiving.get("/office/locks?show=decided").text


def test_a_request_goes_from_paper_to_lock_and_to_the_letter(app, receiving, approving, database, holder, now):
    found = receiving.post("/office/locks/find", data={"number": LOGIN})
    assert found.location == f"/office/locks/accounts/{holder}"
    assert "Nothing locks this account." in receiving.get(found.location).text
    case = taken_in(receiving, holder)
    assert "To be examined" in receiving.get("/office/locks").text
    assert "Another approving officer decides" not in receiving.get(case).text
    receiving.post(f"{case}/forward")
    assert "Another approving officer decides this request" in receiving.get(case).text
    page = approving.get(case).text
    assert "Tòa án khu vực 1" in page and "Phong tỏa theo Điều 114" in page
    assert grounds(database, holder, now) == set()
    assert approving.post(f"{case}/decide", data={"decision": "grant"}).status_code == 303
    assert grounds(database, holder, now) == {"authority"}
    assert "Granted and carried out" in approving.get(case).text
    with database.session(write=False) as db:
        code = db.scalars(select(LockRequest)).one().code
    checked = app.test_client().get(f"/verify/lock-decision/{code}", headers={"Accept-Language": "en"}).text
    assert "This decision is genuine" in checked and "Nguyễn Thị Hoa" not in checked and "Tòa án" not in checked
    assert app.test_client().get("/verify/lock-decision/AAAA-BBBB-CCCC-DDDD").status_code == 404
    letter = approving.get(f"{case}/letter?in=en")
    assert letter.status_code == 200 and letter.mimetype in {"application/pdf", "text/html"}


def test_the_letter_of_a_refusal_says_why(app, receiving, approving, database, holder, monkeypatch):
    monkeypatch.setattr("portal.printing.paper.can_press", lambda: False)
    case = taken_in(receiving, holder)
    assert receiving.get(f"{case}/letter").status_code == 404
    receiving.post(f"{case}/forward")
    approving.post(f"{case}/decide", data={"decision": "refuse:not-competent", "words": "Đề nghị gửi công an tỉnh."})
    letter = approving.get(f"{case}/letter?in=en").text
    assert "Who asks is not competent for it" in letter and "Đề nghị gửi công an tỉnh." in letter
    assert "Tòa án khu vực 1" in letter
    with database.session(write=False) as db:
        assert db.scalars(select(LockRequest)).one().code in letter


def test_a_form_with_gaps_asks_again_and_keeps_what_was_typed(receiving, holder):
    page = receiving.post(f"/office/locks/accounts/{holder}/request", data=PAPER | {"paper": "", "original": ""}).text
    assert "Tòa án khu vực 1" in page and "Take in originals and certified copies only" in page
    page = receiving.post(f"/office/locks/accounts/{holder}/request", data=PAPER | {"what": "open|authority|x"}).text
    assert "Choose one of the answers shown." in page
    taken_in(receiving, holder)
    page = receiving.post(f"/office/locks/accounts/{holder}/request", data=PAPER).text
    assert "This very paper was taken in already" in page and "12/QĐ-TA" in page


def test_a_decision_without_reason_is_asked_again(receiving, approving, database, holder):
    case = taken_in(receiving, holder)
    receiving.post(f"{case}/forward")
    offered = approving.get(case).text
    assert "refuse:no-basis" in offered and "refuse:ground-goes-on" not in offered, "nobody asks for the end of a lock"
    for decision in ({}, {"decision": "refuse:"}, {"decision": "perhaps"}):
        page = approving.post(f"{case}/decide", data={**decision, "words": "Đã viết"}).text
        assert "Đã viết" in page
    with database.session(write=False) as db:
        assert db.scalars(select(LockRequest)).one().state == "forwarded"


def test_a_request_decided_meanwhile_is_refused_in_words(receiving, approving, holder):
    case = taken_in(receiving, holder)
    receiving.post(f"{case}/forward")
    assert "Somebody has gone on with this request" in receiving.post(f"{case}/forward").text
    approving.post(f"{case}/decide", data={"decision": "grant"})
    assert "Somebody has gone on" in approving.post(f"{case}/decide", data={"decision": "grant"}).text


def test_the_holder_at_the_counter_has_it_opened(receiving, database, holder, now):
    write(database, lambda db: freeze(db, get_account(db, holder), Actor(holder, "resident"), now=now))
    page = receiving.get(f"/office/locks/accounts/{holder}").text
    assert "own request" in page and "and you open it at once" in page
    asked_again = receiving.post(f"/office/locks/accounts/{holder}/open", data={"original": "1"}).text
    assert "Compare the face before you go on" in asked_again
    assert grounds(database, holder, now) == {"own-request"}
    answer = receiving.post(f"/office/locks/accounts/{holder}/open", data=SEEN, follow_redirects=True)
    assert "own request has ended" in answer.text
    assert grounds(database, holder, now) == set()
    again = receiving.post(f"/office/locks/accounts/{holder}/open", data=SEEN)
    assert "This lock is not there any more" in again.text


def test_the_register_says_whether_the_holder_has_died(receiving, database, services, holder, now, settings, tmp_path):
    answer = receiving.post(f"/office/locks/accounts/{holder}/register", follow_redirects=True)
    assert "The register has no death on record" in answer.text
    with open_session(f"sqlite:///{tmp_path / 'registers.db'}") as register:
        dead = register.get(Citizen, LOGIN) or Citizen(
            personal_number=LOGIN, full_name="Nguyễn Thị Hoa", birth_date=now.date(), sex="F", nationality="VNM",
            address="-", unit_code="00001", card_number=LOGIN, has_biometrics=False,
        )  # fmt: skip
        dead.died_on = now.date()
        register.add(dead)
        register.commit()
    answer = receiving.post(f"/office/locks/accounts/{holder}/register", follow_redirects=True)
    assert "The account is closed" in answer.text
    assert grounds(database, holder, now) == {"death"}


def test_a_register_that_is_away_leads_to_the_paper(receiving, holder, tmp_path):
    with open_session(f"sqlite:///{tmp_path / 'registers.db'}") as register:
        register.merge(Switch(register="population", available=False))
        register.commit()
    answer = receiving.post(f"/office/locks/accounts/{holder}/register", follow_redirects=True)
    assert "The register does not answer" in answer.text


def test_each_look_is_recorded_for_the_holder_to_see(app, receiving, database, holder, now):
    receiving.get(f"/office/locks/accounts/{holder}")
    with database.transaction() as db:
        seen = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.LOCK_REQUEST_VIEWED)).all()
        assert {event.subject_id for event in seen} == {holder}
        opened = sign_in_session(db, get_account(db, holder), ("pwd", "otp"), 2, now=now)
    mine = app.test_client()
    mine.set_cookie("eid_session", opened.token)
    mine.set_cookie("language", "en")
    page = mine.get("/account/history").text
    assert "An officer looked at the locks of your account" in page and "Cán bộ Lan" not in page


def test_another_unit_reaches_no_request_and_its_try_is_recorded(app, receiving, database, holder, now):
    from identity.places import Unit

    case = taken_in(receiving, holder)
    with database.session(write=False) as db:
        other = db.scalars(select(Unit.id).where(Unit.kind == "commune", Unit.id != a_unit(db)).limit(1)).one()
    stranger = at_desk(app, database, now, "approving_officer", other, "xa")
    assert "No request waits." in stranger.get("/office/locks").text
    assert stranger.get(case).status_code == 403
    assert stranger.post(f"{case}/decide", data={"decision": "grant"}).status_code == 403
    with database.session(write=False) as db:
        assert db.scalars(select(AuditEvent.name).where(AuditEvent.name == Event.ATTEMPT_REFUSED)).first()


@pytest.mark.parametrize("role", ["member", "hotline_agent", "operator", "data_protection_officer"])
def test_others_at_work_may_not_open_it(app, database, now, holder, role):
    if role == "member":
        client = at_desk(app, database, now, role)
    else:

        def hired(db):
            account = hire(db, role, "Người Khác", now=now)
            db.flush()
            give_role(db, account.id, role, None, SYSTEM, now=now)
            return account.id

        client = app.test_client()
        sign_in(client, database, write(database, hired), now=now)
    assert client.get("/office/locks").status_code == 403
    assert client.get(f"/office/locks/accounts/{holder}").status_code == 403


def test_an_unknown_number_and_staff_are_not_found(receiving, database):
    assert "There is no account with this number." in receiving.post("/office/locks/find", data={"number": LOGIN}).text
    with database.session(write=False) as db:
        staff = db.scalars(select(AuditEvent.actor_id).where(AuditEvent.actor_id.is_not(None))).first()
    assert receiving.get(f"/office/locks/accounts/{staff or UUID(int=0)}").status_code == 404
    assert receiving.get(f"/office/locks/requests/{UUID(int=0)}").status_code == 404


def test_a_check_by_code_leads_to_the_decision(client):
    client.set_cookie("language", "en")
    assert "Enter the code of the decision" in client.post("/verify/lock-decision", data={"code": ""}).text
    answer = client.post("/verify/lock-decision", data={"code": "aaaa-bbbb-cccc-dddd"})
    assert re.search(r"/verify/lock-decision/\w", answer.location)
