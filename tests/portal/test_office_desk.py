"""Whose case it is: handed out, taken at the counter, handed back; ties, second looks, other offices, figures."""

# ruff: noqa: F811 - pytest fixtures are asked for by name
from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from identity.application import (
    Application,
    Given,
    decide,
    record_capture,
    record_match,
    request_supplement,
    resubmit,
)
from identity.application.break_glass import BreakGlass
from identity.application.tasks import Kind, open_task
from identity.appointments import book
from identity.audit import Actor, AuditEvent, Event
from identity.files import store
from identity.gateways import MatchResult
from identity.outbox import OutboxMessage
from identity.places import Office, Unit
from tests.identity.applicants import CITIZEN, FOREIGNER
from tests.identity.appointment_scene import at
from tests.portal.office_scene import (  # noqa: F401 - fixtures
    APPROVING,
    DECIDING,
    RECEIVING,
    SUPERVISOR,
    register,
    scene,
    services,
)
from tests.portal.test_appointments import WEDNESDAY
from tests.portal.test_office_queue import a_citizen, text_of

pytestmark = pytest.mark.any_engine
LAST = CITIZEN.personal_number[-4:]
NAME = CITIZEN.full_name


def recorded(scene, name: Event) -> list[AuditEvent]:
    with scene.writing() as db:
        return list(db.scalars(select(AuditEvent).where(AuditEvent.name == name.value)))


def codes(scene) -> list[str]:
    return [event.facts["code"] for event in recorded(scene, Event.ATTEMPT_REFUSED)]


def test_a_free_case_does_not_open_from_the_list_and_the_attempt_is_recorded(scene):
    application_id = scene.submitted()
    lan = scene.officer("lan", RECEIVING)
    response = lan.get(f"/office/cases/{application_id}")
    assert response.status_code == 403 and "This application is not yours" in text_of(response)
    assert NAME not in text_of(response)
    posted = lan.post(f"/office/cases/{application_id}/acknowledge", data={"version": 1})
    assert posted.status_code == 403 and scene.read(application_id).state == "submitted"
    assert codes(scene) == ["case-not-taken", "case-not-taken"]


def test_the_case_of_a_colleague_stays_shut_but_for_a_supervisor(scene):
    application_id = scene.taken(by="lan")
    assert scene.officer("hoa", RECEIVING).get(f"/office/cases/{application_id}").status_code == 403
    page = text_of(scene.officer("binh", *DECIDING).get(f"/office/cases/{application_id}"))
    assert NAME in page and "Works on it: Lan" in page and "Give it to the next officer" in page


def test_what_is_handed_out_opens_and_is_the_same_until_it_is_worked_on(scene):
    application_id = scene.submitted()
    scene.submitted(a_citizen(2, "Người Sau"), phone="+84912000002")
    lan = scene.officer("lan", RECEIVING)
    first, again = lan.post("/office/queue/next"), lan.post("/office/queue/next")
    assert first.location == again.location == f"/office/cases/{application_id}"
    assert NAME in text_of(lan.get(first.location))
    assert [event.facts for event in recorded(scene, Event.CASE_TAKEN)] == [{"way": "next"}]


def test_the_applicant_at_the_counter_opens_the_case_by_the_paper(scene):
    application_id = scene.submitted()
    lan = scene.officer("lan", RECEIVING)
    wrong = lan.post(f"/office/cases/{application_id}/take-here", data={"shown": "0000"})
    assert wrong.status_code == 422 and "not the last 4 signs" in text_of(wrong) and 'value="0000"' in text_of(wrong)
    assert NAME not in text_of(wrong) and codes(scene) == ["paper-not-of-file"]
    taken = lan.post(f"/office/cases/{application_id}/take-here", data={"shown": LAST})
    assert taken.status_code == 303 and NAME in text_of(lan.get(taken.location))


def test_walking_in_opens_the_counter_by_the_number_of_the_paper(scene):
    application_id = scene.received(by="hoa")
    lan = scene.officer("lan", RECEIVING)
    nobody = lan.post("/office/walk-in", data={"number": "001999999999"})
    assert nobody.status_code == 422 and "001999999999" in text_of(nobody)
    assert codes(scene) == ["nobody-with-number"]
    spaced = " ".join((CITIZEN.personal_number[:3], CITIZEN.personal_number[3:]))
    found = lan.post("/office/walk-in", data={"number": spaced})
    assert found.location == f"/office/cases/{application_id}/counter"
    assert "Print the summary" in text_of(lan.get(found.location))
    assert scene.read(application_id).held_by_id == scene.accounts["lan"]


def test_walking_in_takes_a_passport_or_residence_card_as_it_is_printed(scene):
    application_id = scene.received(FOREIGNER, by="bay")
    bay = scene.officer("bay", RECEIVING, office="immigration")
    for printed in ("M 12345678", "KOR M12345678", "TRC-100200"):
        assert (
            bay.post("/office/walk-in", data={"number": printed}).location == f"/office/cases/{application_id}/counter"
        )


def test_who_comes_again_while_others_decide_is_told_so_beside_the_number(scene):
    application_id = scene.matched(by="hoa")
    typed = {"number": CITIZEN.personal_number}
    page = scene.officer("lan", RECEIVING).post("/office/walk-in", data=typed)
    assert page.status_code == 422 and CITIZEN.personal_number in text_of(page)
    assert "another officer has the next step" in text_of(page) and NAME not in text_of(page)
    assert scene.read(application_id).held_by_id is None


def test_a_step_of_another_role_is_not_called_one_of_another_office(scene):
    application_id = scene.matched(by="hoa")
    page = scene.officer("binh", APPROVING).get(f"/office/cases/{application_id}/counter")
    assert page.status_code == 403 and "another office" not in text_of(page)
    assert codes(scene) == ["not-allowed"]


def test_a_card_without_end_is_not_called_missing_on_what_is_signed(scene):
    application_id = scene.received(replace(CITIZEN, card_expires_on=None), by="lan")
    page = text_of(scene.officer("lan", RECEIVING).get(f"/office/cases/{application_id}/counter"))
    assert re.search(r"Identity card valid until</dt>\s*<dd[^>]*>\s*No end", page)


def test_a_case_handed_back_is_not_given_again_that_day(scene, clock):
    application_id = scene.taken(by="lan")
    lan = scene.officer("lan", RECEIVING)
    bad = lan.post(f"/office/cases/{application_id}/hand-back", data={"version": 1, "reason": "because"})
    assert bad.status_code == 422
    given = lan.post(f"/office/cases/{application_id}/hand-back", data={"version": 1, "reason": "language"})
    assert given.status_code == 303 and scene.read(application_id).held_by_id is None
    assert lan.get(f"/office/cases/{application_id}").status_code == 403
    assert lan.post("/office/queue/next").status_code == 409
    hoa = scene.officer("hoa", RECEIVING)
    assert hoa.post("/office/queue/next").location == f"/office/cases/{application_id}"


def test_a_supervisor_gives_the_case_of_an_absent_officer_to_the_next(scene):
    application_id = scene.taken(by="lan")
    binh = scene.officer("binh", *DECIDING)
    assert binh.post(f"/office/cases/{application_id}/release", data={"version": 1}).status_code == 303
    hoa = scene.officer("hoa", RECEIVING)
    assert hoa.post("/office/queue/next").location == f"/office/cases/{application_id}"


def test_a_declared_tie_takes_the_case_off_the_list_and_shuts_it(scene):
    application_id = scene.taken(by="lan")
    lan = scene.officer("lan", RECEIVING)
    assert lan.post(f"/office/cases/{application_id}/conflict", data={"tie": "cousin"}).status_code == 422
    declared = lan.post(f"/office/cases/{application_id}/conflict", data={"version": 1, "tie": "relative"})
    assert declared.location == "/office/conflicts" and NAME in text_of(lan.get(declared.location))
    assert NAME not in text_of(lan.get("/office/queue?filtered=1"))
    assert lan.get(f"/office/cases/{application_id}").status_code == 403
    assert lan.post(f"/office/cases/{application_id}/take-here", data={"shown": LAST}).status_code == 403
    assert codes(scene) == ["conflict-declared", "conflict-declared"]


def test_a_relative_declared_beforehand_is_never_handed_out(scene):
    lan = scene.officer("lan", RECEIVING)
    wrong = lan.post("/office/conflicts", data={"label": "em gái", "number": "12", "tie": "relative"})
    assert wrong.status_code == 422 and "em gái" in text_of(wrong) and "Enter 12 digits" in text_of(wrong)
    data = {"label": "em gái", "number": CITIZEN.personal_number, "tie": "relative"}
    assert lan.post("/office/conflicts", data=data).status_code == 303
    assert lan.post("/office/conflicts", data=data).status_code == 303
    assert text_of(lan.get("/office/conflicts")).count("<b>em gái</b>") == 1
    scene.submitted()
    assert lan.post("/office/queue/next").status_code == 409
    assert NAME not in text_of(lan.get("/office/queue?filtered=1"))


def test_the_number_of_the_paper_finds_the_application(scene):
    scene.taken(by="lan")
    scene.submitted(a_citizen(2, "Người Khác"), phone="+84912000002")
    lan = scene.officer("lan", RECEIVING)
    page = text_of(lan.get("/office/queue", query_string={"filtered": 1, "q": "001190 123456"}))
    assert NAME in page and "Người Khác" not in page


def test_the_own_stand_before_the_free_in_each_group(scene):
    scene.submitted(a_citizen(1, "Chưa Giao"), phone="+84912000001")
    scene.taken(a_citizen(2, "Của Mình"), phone="+84912000002")
    page = text_of(scene.officer("lan", RECEIVING).get("/office/queue?filtered=1"))
    assert page.index("Của Mình") < page.index("Chưa Giao")


def approved(scene, *, looked_at: bool = True):
    application_id = scene.matched()
    with scene.writing() as db:
        application = db.get_one(Application, application_id)
        approver = Actor(scene.account(db, "binh"), APPROVING)
        decide(db, application, approver, "approved", now=scene.services.clock())
        if looked_at:
            open_task(db, application, Kind.SECOND_LOOK, now=scene.services.clock())
    return application_id


def test_a_second_look_is_for_somebody_else_and_a_disagreement_goes_to_a_third(scene):
    application_id = approved(scene)
    binh, dung, mai = (scene.officer(name, *DECIDING) for name in ("binh", "dung", "mai"))
    address = f"/office/cases/{application_id}/tasks/second-look"
    assert "Another officer" in text_of(binh.get("/office/tasks"))
    assert binh.get(address).status_code == 403
    assert "Second look at an approval" in text_of(dung.get(address))
    silent = dung.post(address, data={"version": 1, "outcome": "disagree", "note": ""})
    assert silent.status_code == 422 and "Say why" in text_of(silent)
    assert dung.post(address, data={"outcome": "disagree", "note": "Ảnh không giống."}).status_code == 303
    twice = dung.post(address, data={"outcome": "agree", "note": "Vẫn vậy."})
    assert twice.status_code == 422 and "Vẫn vậy." in text_of(twice), "answered already"
    given = text_of(dung.get(address))
    assert "Ảnh không giống." in given and "I do not agree" in given and 'name="outcome"' not in given
    listed = mai.get("/office/tasks?list=answered")
    assert f'href="{address}"' in listed.text, "the note is read there"
    before = text_of(listed)
    assert "I do not agree" in before and "Dung" in before and "Two officers do not agree" not in before
    third = f"/office/cases/{application_id}/tasks/disagreement"
    assert dung.get(third).status_code == 403
    assert mai.post(third, data={"outcome": "stands", "note": ""}).status_code == 303
    assert "Nothing is to be looked at" in text_of(mai.get("/office/tasks"))


def test_namesakes_are_told_apart_before_anything_is_approved(scene):
    scene.submitted(a_citizen(1, "Lê Văn Trùng"), phone="+84912000001")
    other = replace(a_citizen(1, "Lê Văn Trùng"), personal_number="001190700700", card_number="001190700700")
    application_id = scene.matched(other, phone="+84912000002")
    binh = scene.officer("binh", *DECIDING)
    version = scene.read(application_id).version
    data = {"outcome": "approved", "step": "send", "version": version}
    shut = binh.post(f"/office/cases/{application_id}/decision", data=data)
    assert shut.status_code == 422 and "whether they are two people" in text_of(shut)
    look = binh.post(f"/office/cases/{application_id}/decision", data={**data, "step": "check"})
    assert look.status_code == 422 and "whether they are two people" in text_of(look), "no look in vain"
    answered = binh.post(
        f"/office/cases/{application_id}/tasks/linking", data={"version": version, "outcome": "two-people", "note": ""}
    )
    assert answered.status_code == 303
    assert binh.post(f"/office/cases/{application_id}/decision", data=data).status_code == 302
    assert scene.read(application_id).state == "issued"


def test_who_opened_a_case_for_its_task_alone_is_not_offered_the_decision(scene):
    scene.submitted(a_citizen(1, "Lê Văn Trùng"), phone="+84912000001")
    other = replace(a_citizen(1, "Lê Văn Trùng"), personal_number="001190700700", card_number="001190700700")
    application_id = scene.matched(other, phone="+84912000002")
    case = f"/office/cases/{application_id}"
    asked, supervisor = scene.officer("binh", APPROVING), scene.officer("dung", *DECIDING)
    page = text_of(asked.get(case))
    assert 'id="task-linking"' in page and 'id="check-decision"' not in page
    assert 'id="check-decision"' in text_of(supervisor.get(case)), "free, so a supervisor may take it to decide"
    scene.hold(application_id, "binh")
    assert 'id="check-decision"' in text_of(asked.get(case))
    assert 'id="check-decision"' not in text_of(supervisor.get(case)), "somebody else works on it"


def test_who_asked_the_register_is_not_offered_the_decision(scene):
    """A supervisor who approves as well opens every file of the office; four eyes hold all the same."""
    application_id = scene.received(by="lan")
    with scene.writing() as db:
        portrait = store(db, b"\xff\xd8\xff portrait", "portrait", application_id, now=scene.services.clock()).id
    scene.change(application_id, record_capture, "lan", portrait, "CAP-0001", "ABCDE-FGHJK")
    scene.change(application_id, record_match, "dung", MatchResult(92, True))
    case, asked = f"/office/cases/{application_id}", scene.officer("dung", RECEIVING, *DECIDING)
    page = text_of(asked.get(case))
    assert 'id="check-decision"' not in page and "Another officer decides" in page
    assert 'id="check-decision"' in text_of(scene.officer("binh", *DECIDING).get(case))


def elsewhere(scene, application_id):
    own = scene.read(application_id).unit_id
    with scene.writing() as db:
        return db.scalars(select(Unit.id).where(Unit.kind == "commune", Unit.id != own).limit(1)).one()


def test_the_glass_takes_two_people_a_reason_and_the_applicant_is_told(scene, clock):
    application_id = scene.received()
    number = scene.read(application_id).dossier_number
    xa = scene.officer("xa", *DECIDING, unit_id=elsewhere(scene, application_id))
    binh = scene.officer("binh", *DECIDING)
    assert xa.get(f"/office/cases/{application_id}").status_code == 403
    short = xa.post("/office/break-glass", data={"dossier_number": number, "reason": "vội"})
    assert short.status_code == 422 and "vội" in text_of(short)
    reason = "Người nộp vào cấp cứu, gia đình ở xã này cần xác minh."
    assert xa.post("/office/break-glass", data={"dossier_number": number, "reason": reason}).status_code == 303
    with scene.writing() as db:
        glass = db.scalars(select(BreakGlass)).one().id
    assert xa.get(f"/office/break-glass/{glass}/file").status_code == 403
    assert xa.post(f"/office/break-glass/{glass}/open").status_code == 403  # of another office
    assert reason in text_of(binh.get("/office/break-glass"))
    assert binh.post(f"/office/break-glass/{glass}/open").status_code == 303
    before = text_of(binh.get("/office/break-glass"))
    assert reason in before.partition("Answered before")[2] and "· Binh</small>" in before
    page = text_of(xa.get(f"/office/break-glass/{glass}/file"))
    assert NAME in page and 'id="actions"' not in page
    assert binh.get(f"/office/break-glass/{glass}/file").status_code == 403  # who answered did not ask
    with scene.writing() as db:
        kinds = set(db.scalars(select(OutboxMessage.kind).where(OutboxMessage.recipient_id == application_id)))
    assert "file-opened" in kinds
    looks = [event.facts for event in recorded(scene, Event.APPLICATION_VIEWED) if event.facts.get("part")]
    assert looks == [{"part": "break-glass"}]
    clock.advance(minutes=61)
    xa = scene.officer("xa")
    assert xa.get(f"/office/break-glass/{glass}/file").status_code == 403


def test_an_unknown_dossier_is_said_and_the_attempt_recorded(scene):
    lan = scene.officer("lan", RECEIVING)
    data = {"dossier_number": "X-1", "reason": "Một lý do đủ dài để được đọc."}
    response = lan.post("/office/break-glass", data=data)
    assert response.status_code == 422 and "X-1" in text_of(response) and codes(scene) == ["dossier-unknown"]


def test_the_figures_hide_small_groups_and_go_out_as_a_table(scene, clock):
    approved(scene, looked_at=False)
    binh = scene.officer("binh", *DECIDING)
    page = text_of(binh.get("/office/figures"))
    assert "Nothing was decided in this quarter" in page and "Too few to show" not in page
    assert "Figures of the office" in page
    clock.advance(days=89)
    binh = scene.officer("binh")
    page = text_of(binh.get("/office/figures?quarter=nonsense"))
    assert "Too few to show" in page
    answer = binh.get("/office/figures.csv?days=90")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0] == ["figure", "group", "count", "of", "value", "since"]
    assert rows[2][:4] == ["decided", "", "1", "1"]
    assert [row[:5] for row in rows if row[1] == "VNM"] == [["refused-by-nationality-in-quarter", "VNM", "", "", ""]]
    assert recorded(scene, Event.FIGURES_EXPORTED)[0].facts == {"days": 90}
    assert scene.officer("lan", RECEIVING).get("/office/figures").status_code == 403


def test_the_day_and_the_summary_come_on_paper_and_each_look_is_recorded(scene):
    application_id = scene.received(by="lan")
    lan = scene.officer("lan", RECEIVING)
    assert lan.get(f"/office/cases/{application_id}/summary").status_code == 200
    office_id = scene.read(application_id).office_id
    assert lan.get(f"/office/appointments/{office_id}/sheet").status_code == 200
    hoa = scene.officer("hoa", RECEIVING)
    assert hoa.get(f"/office/cases/{application_id}/summary").status_code == 403
    assert len(recorded(scene, Event.APPLICATION_VIEWED)) == 1


def test_the_sheet_of_the_day_leaves_out_whom_the_officer_is_tied_to(scene):
    application_id = scene.received(by="lan")
    with scene.writing() as db:
        file = db.get_one(Application, application_id)
        book(db, file, db.get_one(Office, file.office_id), at(WEDNESDAY, 8, 30), now=scene.services.clock())
    sheet = f"/office/appointments/{scene.read(application_id).office_id}/sheet?day={WEDNESDAY}"
    lan, hoa = scene.officer("lan", RECEIVING), scene.officer("hoa", RECEIVING)
    hoa.post("/office/conflicts", data={"label": "chị", "number": CITIZEN.personal_number, "tie": "relative"})
    assert hoa.get(sheet).status_code == lan.get(sheet).status_code == 200
    assert [event.actor_id for event in recorded(scene, Event.APPLICATION_VIEWED)] == [scene.accounts["lan"]]


def test_who_approves_does_not_supervise(scene):
    """Neither opens what was not handed out, nor asks twice, nor sees the figures and appeals of the office."""
    application_id = scene.received(by="lan")
    scene.change(application_id, request_supplement, "lan", ["card-photo"], "")
    with scene.writing() as db:
        resubmit(db, db.get_one(Application, application_id), {"card-photo": Given("Đây")}, now=scene.services.clock())
    mai, tam = scene.officer("mai", APPROVING), scene.officer("tam", SUPERVISOR)
    assert mai.get(f"/office/cases/{application_id}").status_code == 403
    for path in ("figures", "figures.csv", "appeals", "complaints"):
        assert mai.get(f"/office/{path}").status_code == 403, path
        assert tam.get(f"/office/{path}").status_code == 200, path
    lan = scene.officer("lan", RECEIVING)
    asked = {"reasons": "phone-proof", "note": "", "step": "send", "version": scene.read(application_id).version}
    page = text_of(lan.get(f"/office/cases/{application_id}"))
    assert "A second request takes a supervisor" in page and "Ask for a supplement" not in page
    assert "takes a supervisor" in text_of(lan.post(f"/office/cases/{application_id}/supplement", data=asked))
    assert codes(scene) == ["case-not-taken", *["not-allowed"] * 4, "supplement-needs-supervisor"]
    assert "Ask for a supplement" in text_of(tam.get(f"/office/cases/{application_id}"))
    assert tam.post(f"/office/cases/{application_id}/supplement", data=asked).status_code == 302
    assert scene.read(application_id).supplements == 2


def test_the_pages_are_complete_in_vietnamese(scene):
    application_id = approved(scene)
    binh = scene.officer("dung", *DECIDING)
    binh.set_cookie("language", "vi")
    for path, words in (
        ("/office/tasks", "Xem lại"),
        ("/office/figures", "Số liệu của cơ quan"),
        ("/office/conflicts", "Xung đột lợi ích"),
        ("/office/break-glass", "Hồ sơ của nơi khác"),
        (f"/office/cases/{application_id}/tasks/second-look", "Xem lại một hồ sơ đã duyệt"),
    ):
        assert words in text_of(binh.get(path))


def test_a_stranger_to_the_office_is_refused_everywhere(scene):
    an = scene.officer("an", "coordinator")
    for path in ("tasks", "figures", "figures.csv", "conflicts", "break-glass", "walk-in"):
        assert an.get(f"/office/{path}").status_code == 403


def test_an_officer_asks_the_supervisor_through_the_portal_for_a_second_supplement(scene):
    application_id = scene.received(by="lan")
    scene.change(application_id, request_supplement, "lan", ["card-photo"], "")
    with scene.writing() as db:
        resubmit(db, db.get_one(Application, application_id), {"card-photo": Given("Đây")}, now=scene.services.clock())
    lan, tam, case = (
        scene.officer("lan", RECEIVING),
        scene.officer("tam", SUPERVISOR),
        f"/office/cases/{application_id}",
    )
    wish, answer, listed = f"{case}/supplement/wish", f"{case}/supplement/wish/answer", "/office/second-supplements"
    assert f'href="{wish}"' in text_of(lan.get(case))
    reason = "Mặt sau của thẻ bị mờ, lần đầu chỉ thấy mặt trước."
    short = lan.post(wish, data={"version": scene.read(application_id).version, "reason": "mờ"})
    assert short.status_code == 422 and "20 to 500" in text_of(short)
    assert lan.post(wish, data={"version": scene.read(application_id).version, "reason": reason}).status_code == 303
    page = text_of(lan.get(case))
    assert "has not answered yet" in page and 'id="supplement-wish"' not in page
    assert lan.get(listed).status_code == lan.post(answer, data={"outcome": "granted"}).status_code == 403
    assert answer in text_of(tam.get(listed)) and "Lan" in text_of(tam.get(listed))
    assert f'href="{listed}"' in text_of(tam.get("/office/queue")) and f'href="{answer}"' in text_of(tam.get(case))
    assert reason in text_of(tam.get(answer))
    silent = tam.post(answer, data={"version": 1, "outcome": "refused", "answer": ""})
    assert silent.status_code == 422 and "Say why not" in text_of(silent)
    assert tam.post(answer, data={"version": 1, "outcome": "refused", "answer": "Mặt trước là đủ."}).status_code == 303
    assert "One did not allow it" in text_of(lan.get(case)) and "Mặt trước là đủ." in text_of(lan.get(wish))
    lan.post(wish, data={"version": scene.read(application_id).version, "reason": reason})
    assert tam.post(answer, data={"version": 1, "outcome": "granted", "answer": ""}).location == listed
    before = text_of(tam.get(f"{listed}?list=answered"))
    assert ">Allowed<" in before and "Not allowed. Mặt trước là đủ." in before
    asked = {"reasons": "phone-proof", "note": "", "step": "send", "version": scene.read(application_id).version}
    assert "Ask for a supplement" in text_of(lan.get(case))
    assert lan.post(f"{case}/supplement", data=asked).status_code == 302 and scene.read(application_id).supplements == 2
