# ruff: noqa: F811
"""Decision, appeal and complaint as people meet them: on the status page, at the office, and at the public check."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from identity.application import Application, appeal, decide, paper_of
from identity.application.dossier import code_digest
from identity.application.model import S
from identity.complaints import Complainant, complain
from identity.outbox import OutboxMessage
from portal.remedies import BY_REASON, BY_STATE, WORRIES
from tests.identity.applicants import CITIZEN, FOREIGNER
from tests.portal.applicant import Applicant
from tests.portal.office_scene import APPROVING, DECIDING, RECEIVING, Scene, register, scene, services  # noqa: F401

CODE = "DD2-1234-5678-9ABC"
TEXT = "Thẻ của tôi còn hạn."


def text_of(response: Any) -> str:
    plain = re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", response.text, flags=re.S)
    return " ".join(html.unescape(plain).split())


GROUND = "The document could not be confirmed as genuine."


@pytest.fixture
def db(scene: Scene) -> Iterator[Session]:
    """A look that keeps nobody waiting."""
    with scene.database.session(write=False) as session:
        yield session


@pytest.fixture
def refusal(scene: Scene) -> UUID:
    """A file that Minh refused; Lan had received it. Its code is `CODE`."""
    application_id = scene.matched()
    scene.change(application_id, decide, "minh", "refused", "document-not-genuine", role=APPROVING)
    with scene.writing() as db:
        db.get_one(Application, application_id).code_digest = code_digest(db, CODE)
    return application_id


@pytest.fixture
def applicant(scene: Scene, refusal: UUID, db: Any) -> Applicant:
    """The applicant with the code and the phone."""
    return unlocked(Applicant(scene.app.test_client(), db))


def unlocked(applicant: Applicant) -> Applicant:
    applicant.open("/status").send(code=CODE)
    applicant.send("/status/phone")
    return applicant.send("/status/code", otp=applicant.last_code())


def file_appeal(scene: Scene, application_id: UUID) -> None:
    with scene.writing() as db:
        appeal(db, db.get_one(Application, application_id), TEXT, now=scene.services.clock())


def code_of(scene: Scene, application_id: UUID) -> str:
    with scene.writing() as db:
        return str(paper_of(db, db.get_one(Application, application_id)).code)


def test_a_refusal_names_reason_rule_remedy_and_the_last_day_for_an_appeal(applicant: Applicant) -> None:
    for words in (GROUND, "articles 10 and 11", "Bring the original document", "22 February 2027"):
        assert words in applicant.page


def test_the_applicant_appeals_and_sees_when_the_answer_comes(applicant: Applicant) -> None:
    applicant.open("/status/appeal").send("/status/appeal", text=" ")
    assert applicant.errors and applicant.path == "/status/appeal"
    applicant.send("/status/appeal", text=TEXT)
    assert applicant.path == "/status/application"
    assert "Appeal under way" in applicant.page and "Answer by Wednesday, 23 December 2026" in applicant.page
    assert applicant.open("/status/appeal").path == "/status/application"  # a second one leads back


def test_an_appeal_is_taken_back_after_a_question(applicant: Applicant) -> None:
    applicant.send("/status/appeal", text=TEXT).open("/status/appeal/take-back")
    assert "there is no second appeal" in applicant.page
    applicant.send("/status/appeal/take-back")
    assert "Taken back" in applicant.page and "Refused" in applicant.page


def test_the_code_alone_shows_no_reason_no_decision_and_no_appeal(
    scene: Scene,
    refusal: UUID,
    db: Any,
) -> None:
    stranger = Applicant(scene.app.test_client(), db)
    stranger.open("/status").send(code=CODE)
    assert GROUND not in stranger.page
    for path in ("appeal", "decision", "decision/sheet", "appeal/take-back"):
        assert stranger.open(f"/status/{path}").path == "/status/application"


def test_only_an_officer_without_a_part_in_it_is_offered_the_appeal(scene: Scene, refusal: UUID) -> None:
    file_appeal(scene, refusal)
    minh, hoa = scene.officer("minh", *DECIDING), scene.officer("hoa", *DECIDING)
    assert "Another officer" in text_of(minh.get("/office/appeals"))
    assert "Hear it" in text_of(hoa.get("/office/appeals"))
    assert "Hear the appeal" not in text_of(minh.get(f"/office/cases/{refusal}"))
    assert "Hear the appeal" in text_of(hoa.get(f"/office/cases/{refusal}"))
    address = f"/office/cases/{refusal}/appeal"
    assert minh.get(address).status_code == 403
    answer = {"version": scene.read(refusal).version, "outcome": "overturned", "answer": "Xem lại", "step": "send"}
    assert minh.post(address, data=answer).status_code == 403
    assert scene.officer("lan", RECEIVING).get(address).status_code == 403
    assert scene.read(refusal).state == S.APPEALED


def test_an_appeal_is_heard_with_a_look_at_what_the_applicant_gets(scene: Scene, refusal: UUID) -> None:
    file_appeal(scene, refusal)
    hoa, address = scene.officer("hoa", *DECIDING), f"/office/cases/{refusal}/appeal"
    assert TEXT in text_of(hoa.get(address))
    answer = {"version": scene.read(refusal).version, "outcome": "overturned", "answer": "Thẻ còn hạn."}
    empty = hoa.post(address, data=answer | {"answer": "", "step": "check"})
    assert empty.status_code == 422 and "Reasons, for the applicant" in text_of(empty)
    preview = text_of(hoa.post(address, data=answer | {"step": "check"}))
    assert "The application is open again" in preview and "Thẻ còn hạn." in preview
    assert scene.read(refusal).state == S.APPEALED
    assert hoa.post(address, data=answer | {"step": "send"}).status_code == 302
    assert scene.read(refusal).state == S.MATCHED
    before = text_of(hoa.get("/office/appeals?list=answered"))
    assert "The refusal was overturned on appeal" in before and "Hoa" in before
    assert "No appeal waits." in text_of(hoa.get("/office/appeals"))


def test_a_tie_takes_the_appeal_off_the_list_and_shuts_the_complaint(scene: Scene, refusal: UUID) -> None:
    file_appeal(scene, refusal)
    with scene.writing() as db:
        who = Complainant(db.get_one(Application, refusal))
        address = f"/office/complaints/{complain(db, who, 'conduct', 'Thô lỗ.', now=scene.services.clock()).id}"
    hoa, number = scene.officer("hoa", *DECIDING), scene.read(refusal).dossier_number
    assert number in text_of(hoa.get("/office/appeals")) and "Thô lỗ." in text_of(hoa.get(address))
    hoa.post("/office/conflicts", data={"label": "em", "number": CITIZEN.personal_number, "tie": "relative"})
    assert number not in text_of(hoa.get("/office/appeals"))
    assert hoa.get(address).status_code == 403


def test_two_officers_who_hear_at_once_leave_one_answer(scene: Scene, refusal: UUID) -> None:
    file_appeal(scene, refusal)
    answer = {"version": scene.read(refusal).version, "answer": "Vì thế", "step": "send"}
    first, second = scene.officer("hoa", *DECIDING), scene.officer("tam", *DECIDING)
    assert first.post(f"/office/cases/{refusal}/appeal", data=answer | {"outcome": "upheld"}).status_code == 302
    late = second.post(f"/office/cases/{refusal}/appeal", data=answer | {"outcome": "overturned"})
    assert late.status_code == 422 and "Vì thế" in late.text, "what the second one wrote is not lost"
    assert scene.read(refusal).state == S.REFUSED


def test_anybody_can_check_a_decision_and_learns_no_name(scene: Scene, refusal: UUID, client: Any) -> None:
    client.set_cookie("language", "en")
    code = code_of(scene, refusal)
    found = client.post("/verify/decision", data={"code": code.lower()}, follow_redirects=True)
    page = text_of(found)
    assert "This decision is genuine" in page and "Refused" in page and GROUND in page
    assert scene.read(refusal).dossier_number in page
    for personal in (CITIZEN.full_name, "Ánh", CITIZEN.personal_number, "678"):
        assert personal not in page
    address = found.request.path
    assert "Yes, the decision is about" in text_of(client.post(address, data={"full_name": "nguyễn thị ánh thử"}))
    assert "No, the decision is not about" in text_of(client.post(address, data={"full_name": "Trần Văn Khác"}))


def test_a_code_of_nothing_is_said_to_be_none(client: Any) -> None:
    client.set_cookie("language", "en")
    answer = client.get("/verify/decision/0000-0000-0000-0000")
    assert answer.status_code == 404 and "There is no decision with this code" in text_of(answer)


def test_a_decision_that_was_replaced_says_so(scene: Scene, refusal: UUID, client: Any) -> None:
    code = code_of(scene, refusal)
    file_appeal(scene, refusal)
    hoa = scene.officer("hoa", *DECIDING)
    answer = {"version": scene.read(refusal).version, "outcome": "upheld", "answer": "Hết hạn.", "step": "send"}
    hoa.post(f"/office/cases/{refusal}/appeal", data=answer)
    client.set_cookie("language", "en")
    assert "Genuine, but it no longer counts" in text_of(client.get(f"/verify/decision/{code}"))
    assert "The refusal stands after an appeal" in text_of(client.get(f"/verify/decision/{code_of(scene, refusal)}"))


def test_a_complaint_is_made_with_the_code_and_read_with_the_phone(
    scene: Scene,
    refusal: UUID,
    db: Any,
) -> None:
    person = Applicant(scene.app.test_client(), db)
    person.open("/status").send(code=CODE)
    person.open("/status/complaint").send("/status/complaint", category="late", text="Số thẻ 001190123456 bị từ chối")
    assert person.errors == ["Leave out “001190123456”: no numbers of documents or phones."]
    assert "bị từ chối" in person.html
    person.send("/status/complaint", category="late", text="Đã quá hẹn.")
    assert "We have 1 complaint of yours" in person.page and "Đã quá hẹn." not in person.page
    unlocked(person).open("/status/complaint")
    assert "Đã quá hẹn." in person.page and "Answer by" in person.page


def test_a_supervisor_answers_a_complaint_and_not_about_their_own_work(scene: Scene, refusal: UUID) -> None:
    with scene.writing() as db:
        made = complain(
            db, Complainant(db.get_one(Application, refusal)), "conduct", "Thô lỗ.", now=scene.services.clock()
        )
        address = f"/office/complaints/{made.id}"
    minh, hoa = scene.officer("minh", *DECIDING), scene.officer("hoa", *DECIDING)
    assert "How I was treated" in text_of(hoa.get("/office/complaints"))
    assert "you had a part in this matter" in text_of(minh.get(address))
    assert minh.post(address, data={"answer": "Không đúng."}).status_code == 403
    assert scene.officer("lan", RECEIVING).get(address).status_code == 403
    assert "Write" not in text_of(hoa.get(address))
    empty = hoa.post(address, data={"answer": " "})
    assert "Enter" in text_of(empty) or "Answer" in text_of(empty)
    assert hoa.post(address, data={"answer": "Xin lỗi, đã nhắc nhở."}).status_code == 303
    assert "No complaint waits." in text_of(hoa.get("/office/complaints"))
    assert address in hoa.get("/office/complaints?list=answered").text
    assert "đã nhắc nhở" in text_of(hoa.get(address))
    with scene.writing() as db:
        assert "complaint-answered" in {row.kind for row in db.query(OutboxMessage)}


def test_every_remedy_leads_to_a_page_of_help(client: Any) -> None:
    named = {slug for slugs in (*BY_STATE.values(), *BY_REASON.values()) for slug in slugs}
    assert named == set(WORRIES)
    assert [slug for slug in WORRIES if client.get(f"/help/{slug}").status_code != 200] == []


def test_the_status_leads_to_the_remedy_and_the_reason_stays_with_the_applicant(
    scene: Scene, refusal: UUID, db: Session
) -> None:
    with scene.writing() as writing:
        writing.get_one(Application, refusal).refusal_reason = "identity-not-matched"
    person = Applicant(scene.app.test_client(), db)
    assert "My face was not recognised" not in person.open("/status").send(code=CODE).page
    assert "My face was not recognised" in unlocked(person).page and "/help/face-not-matched" in person.html


def test_a_resident_opens_their_own_application_without_a_code_and_no_other(scene: Scene) -> None:
    mine, other = scene.matched(), scene.submitted(FOREIGNER, phone="+84912000009")
    scene.change(mine, decide, "minh", "approved", role=APPROVING)
    browser = scene.resident(scene.read(mine).person_id)
    assert scene.read(mine).dossier_number in text_of(browser.get("/status/mine"))
    assert scene.read(other).dossier_number not in text_of(browser.get("/status/mine"))
    opened = browser.post(f"/status/mine/{mine}", follow_redirects=True)
    assert CITIZEN.full_name in text_of(opened)
    assert browser.post(f"/status/mine/{other}").status_code == 404
