"""Data rights of those who applied and have no account: by their code and phone, or at the counter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select

from identity.application import Application, decide, withdraw
from identity.application.dossier import code_digest
from identity.audit import VISITOR, AuditEvent, Event
from identity.base import Refused
from identity.complaints import Complainant, answer_complaint, complain
from identity.deadlines import end_of_day, today_in_vietnam
from identity.files import File, store
from identity.late_work import warn_of_late_work
from identity.outbox import OutboxMessage
from identity.places import Unit
from identity.rights.at_counter import Asked, Asker, check_may_answer, look_up, take_in
from identity.rights.export import copy_of_application
from identity.rights.model import RequestState, RightKind, RightsRequest
from identity.rights.owner import name_of
from identity.rights.requests import answer, ask, desk, requests_of
from tests.identity.applicants import CITIZEN, FOREIGNER, a_record, an_officer, issued, matched, submitted
from tests.portal.applicant import Applicant
from tests.portal.test_rights_desk import at_work


@pytest.fixture
def applicant(client, database):
    with database.session(write=False) as db:
        yield Applicant(client, db)


def withdrawn(db, now, **answers):
    application, code = submitted(db, now=now, **answers)
    withdraw(db, application, now=now)
    return application, code


def opened(applicant, code):
    applicant.open("/status").send(code=code)
    applicant.send("/status/phone")
    return applicant.send("/status/code", otp=applicant.last_code())


def found(db, code):
    return db.scalars(select(Application).where(Application.code_digest == code_digest(db, code))).one()


@pytest.mark.parametrize(("kind", "days"), [("access", 10), ("rectify", 10), ("erase", 20)])
def test_a_request_without_an_account_has_the_same_clocks_and_goes_to_the_office_of_the_file(db, now, kind, days):
    application, _code = submitted(db, now=now)
    row = ask(db, application, RightKind(kind), VISITOR, now=now)
    assert row.due_at == end_of_day(today_in_vietnam(now) + timedelta(days=days))
    assert (row.unit_id, row.application_id, row.account_id) == (application.unit_id, application.id, None)
    assert desk(db, [application.unit_id], now=now).rows == [row]
    sent = db.scalars(select(OutboxMessage).where(OutboxMessage.kind == "applicant-rights-received")).one()
    assert sent.recipient_id == application.id
    with pytest.raises(Refused, match="rights-already-open"):
        ask(db, application, RightKind(kind), VISITOR, now=now)


def test_a_late_one_warns_the_supervisors(db, now):
    application, _code = submitted(db, now=now)
    ask(db, application, RightKind.ACCESS, VISITOR, now=now)
    assert warn_of_late_work(db, now=now + timedelta(days=12)) >= 1


def test_nothing_is_erased_while_the_file_is_open_or_may_be_appealed(db, now):
    application, _receiver = matched(db, now=now, verdict=False)
    row = ask(db, application, RightKind.ERASE, VISITOR, now=now)
    officer = an_officer(db, "receiving_officer", now=now)
    with pytest.raises(Refused, match="rights-nothing-may-go"):
        answer(db, row, officer, RequestState.GRANTED, "done", "", now=now)
    decide(
        db, application, an_officer(db, "approving_officer", now=now), "refused", reason="identity-not-matched", now=now
    )
    with pytest.raises(Refused, match="rights-nothing-may-go"):
        answer(db, row, officer, RequestState.PARTLY, "kept-by-law", "", now=now)
    answer(db, row, officer, RequestState.REFUSED, "kept-by-law", "", now=now)
    assert application.full_name == CITIZEN.full_name


def test_erasing_takes_the_person_out_and_says_so_on_the_phone_that_goes(db, now):
    application, _code = withdrawn(db, now)
    complaint = complain(db, Complainant(application=application), "late", "Chờ quá lâu", now=now)
    answer_complaint(db, complaint, an_officer(db, "supervisor", now=now), "Xin lỗi bà", now=now)
    store(db, b"a face", "portrait", application.id, now=now)
    row = ask(db, application, RightKind.ERASE, VISITOR, now=now)
    answer(db, row, an_officer(db, "receiving_officer", now=now), RequestState.GRANTED, "done", "", now=now)
    db.flush()
    db.expire_all()
    assert (application.full_name, application.phone, application.record) == ("", "", {})
    assert db.scalars(select(File.id).where(File.owner_id == application.id)).all() == []
    assert complaint.text is None
    assert "applicant-data-erased" in db.scalars(select(OutboxMessage.kind)).all()
    assert name_of(application) == application.dossier_number
    events = select(AuditEvent.name).where(AuditEvent.subject_id == application.id)
    assert {Event.RIGHTS_REQUESTED, Event.RIGHTS_ANSWERED, Event.DATA_ERASED} <= set(db.scalars(events))


def test_the_copy_holds_what_was_given_and_nothing_that_only_the_register_knew(db, now):
    application, _code = submitted(db, replace(CITIZEN, photo=b"a face"), now=now)
    ask(db, application, RightKind.RECTIFY, VISITOR, about="name", words="Thiếu chữ Thị", now=now)
    submitted(db, FOREIGNER, now=now, phone="+84912345999")
    text = copy_of_application(db, application, VISITOR, now=now).decode()
    content = orjson.loads(text)
    assert content["held"]["application"][0]["full_name"] == CITIZEN.full_name
    assert "Thiếu chữ Thị" in text and "application-submitted" in text
    assert CITIZEN.address not in text and FOREIGNER.full_name not in text
    assert "application.record" in content["left_out"]
    assert content["held"]["stored_file"] == []
    assert db.scalars(select(AuditEvent.name).where(AuditEvent.name == Event.EXPORT_OPENED)).one()


def test_an_officer_finds_an_applicant_by_number_passport_or_dossier_and_another_one_answers(db, now):
    officer = an_officer(db, "receiving_officer", now=now)
    citizen, _code = submitted(db, now=now)
    foreigner, _code = submitted(db, FOREIGNER, now=now, phone="+84912345999")
    assert look_up(db, officer, CITIZEN.personal_number, now=now) is citizen
    for paper in ("kor m12345678", "M1234-5678", "TRC 100200"):
        assert look_up(db, officer, paper, now=now) is foreigner
    assert look_up(db, officer, citizen.dossier_number.lower(), now=now) is citizen
    with pytest.raises(Refused, match="counter-unknown"):
        look_up(db, officer, "001190000000", now=now)
    row = take_in(db, citizen, Asked(RightKind.ACCESS, Asker.HOLDER, words="Ai đã xem?"), officer, now=now)
    with pytest.raises(Refused, match="rights-four-eyes"):
        check_may_answer(db, row, officer)
    with pytest.raises(Refused, match="rights-needs-account"):
        take_in(db, citizen, Asked(RightKind.WITHDRAW, Asker.HOLDER), officer, now=now)
    with pytest.raises(Refused, match="rights-not-dead"):
        take_in(db, citizen, Asked(RightKind.ERASE, Asker.HEIR, paper="12/2026"), officer, now=now)


def test_whoever_has_an_account_is_found_by_the_passport_too(db, now):
    """The number of a foreign resident's account stands on no paper that they have with them."""
    _application, made = issued(db, FOREIGNER, now=now)
    officer = an_officer(db, "receiving_officer", now=now)
    assert look_up(db, officer, "M12345678", now=now).id == made.account_id
    assert db.scalars(select(AuditEvent).where(AuditEvent.name == Event.ACCOUNT_LOOKED_UP)).one().facts == {
        "purpose": "data-rights"
    }


def test_an_officer_does_not_answer_about_their_own_file(db, now):
    application, _code = submitted(db, now=now)
    row = ask(db, application, RightKind.ERASE, VISITOR, now=now)
    person = issued(
        db, a_record(db, personal_number="001190999999", full_name="Trần Văn Khác"), now=now, phone="+84912000111"
    )[0].person_id
    application.person_id = person
    officer = an_officer(db, "receiving_officer", now=now, person_id=person)
    with pytest.raises(Refused, match="own-file"):
        answer(db, row, officer, RequestState.REFUSED, "kept-by-law", "", now=now)


def test_code_and_phone_open_my_data_the_code_alone_does_not(applicant, database, now):
    with database.transaction() as db:
        _application, code = withdrawn(db, now)
    applicant.open("/status").send(code=code)
    assert applicant.open("/status/data").path == "/status/application"
    assert applicant.open("/status/data/copy/data.json").path == "/status/application"
    opened(applicant, code)
    assert "/status/data" in applicant.html
    assert "You have not asked for anything yet." in applicant.open("/status/data").page
    assert CITIZEN.full_name in applicant.open("/status/data/copy").page
    assert CITIZEN.full_name in applicant.client.get("/status/data/copy/data.json").text
    applicant.open("/status/data/new/rectify").send(about="name", words="Thiếu chữ Thị")
    assert applicant.path == "/status/data" and "Something is wrong" in applicant.page
    with database.session(write=False) as db:
        (row,) = requests_of(db, found(db, code).id)
    assert "Thiếu chữ Thị" in applicant.open(f"/status/data/requests/{row.id}").page
    applicant.send(f"/status/data/requests/{row.id}/take-back")
    assert "Taken back" in applicant.page
    assert applicant.open("/status/data/new/restrict").status == 404


def test_another_applicant_opens_no_request_of_mine(applicant, database, now):
    with database.transaction() as db:
        mine, _code = submitted(db, now=now)
        row_id = ask(db, mine, RightKind.ERASE, VISITOR, now=now).id
        _theirs, code = submitted(db, FOREIGNER, now=now, phone="+84912345999")
    opened(applicant, code)
    assert applicant.open(f"/status/data/requests/{row_id}").status == 404
    assert applicant.send(f"/status/data/requests/{row_id}/take-back").status == 409


def test_a_request_is_still_seen_after_the_issue_and_new_ones_go_by_the_account(applicant, database, now):
    with database.transaction() as db:
        application, _account = issued(db, now=now)
        code = "ABCD-EFGH-JKMN"
        application.code_digest = code_digest(db, code)
        row_id = ask(db, application, RightKind.RECTIFY, VISITOR, about="name", words="Thiếu chữ Thị", now=now).id
    opened(applicant, code)
    assert "Your account is made" in applicant.open("/status/data").page and "Something is wrong" in applicant.page
    assert "Thiếu chữ Thị" in applicant.open(f"/status/data/requests/{row_id}").page
    assert applicant.open("/status/data/new/access").path == "/status/application"
    assert applicant.open("/status/data/copy").path == "/status/application"


def test_the_whole_way_at_the_counter_of_the_office(client, database, now):
    with database.transaction() as db:
        application, _code = withdrawn(db, now)
        unit, file_id = application.unit_id, application.id
        other = db.scalars(select(Unit.id).where(Unit.kind == "commune", Unit.id != unit).limit(1)).one()
    at_work(client, database, "receiving_officer", unit, now)
    page = client.post("/office/data-rights/counter", data={"number": CITIZEN.personal_number}, follow_redirects=True)
    assert page.request.path == f"/office/data-rights/counter/application/{file_id}"
    assert "Restrict the use" not in page.text
    fields = {"asker": "holder", "kind": "erase", "original": "y"}
    assert "taken-in" in client.post(page.request.path, data=fields).location
    with database.session(write=False) as db:
        row_id = db.scalars(select(RightsRequest.id)).one()
    assert "You took this in" in client.get(f"/office/data-rights/{row_id}").text
    at_work(client, database, "receiving_officer", unit, now, name="officer-b")
    assert CITIZEN.full_name in client.get("/office/data-rights").text
    client.post(f"/office/data-rights/{row_id}/take")
    client.post(f"/office/data-rights/{row_id}/answer", data={"answer": "granted:done", "words": ""})
    with database.session(write=False) as db:
        assert db.get_one(Application, file_id).full_name == ""
        assert {"applicant-rights-taken", "applicant-data-erased"} <= set(db.scalars(select(OutboxMessage.kind)))
    assert client.get(f"/office/data-rights/{row_id}").status_code == 200
    at_work(client, database, "receiving_officer", other, now, name="officer-c")
    assert client.get(f"/office/data-rights/{row_id}").status_code == 403


def test_a_file_that_was_emptied_says_so_and_sends_no_code_to_nobody(applicant, database, now):
    with database.transaction() as db:
        application, code = withdrawn(db, now)
        row = ask(db, application, RightKind.ERASE, VISITOR, now=now)
        answer(db, row, an_officer(db, "receiving_officer", now=now), RequestState.GRANTED, "done", "", now=now)
    applicant.open("/status").send(code=code)
    assert "The data of this application were erased" in applicant.page
    assert applicant.send("/status/phone").status == 200
    with database.session(write=False) as db:
        assert "otp" not in set(db.scalars(select(OutboxMessage.kind)))
