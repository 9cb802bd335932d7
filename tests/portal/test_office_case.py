"""One case: what an officer sees, what is recorded, and the first steps."""

# ruff: noqa: F811 - pytest fixtures are asked for by name
from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from identity.application import Application, Given, acknowledge, request_supplement, resubmit
from identity.application.hands import acts_of
from identity.audit import AuditEvent, Event
from identity.outbox import OutboxMessage
from identity.places import Unit
from tests.identity.applicants import CITIZEN, FOREIGNER
from tests.portal.office_scene import (  # noqa: F401 - fixtures
    APPROVING,
    DECIDING,
    RECEIVING,
    SUPERVISOR,
    register,
    scene,
    services,
)


def text_of(response) -> str:
    return response.get_data(as_text=True)


def events(scene, application_id) -> list[str]:
    with scene.writing() as db:
        return list(db.scalars(select(AuditEvent.name).where(AuditEvent.subject_id == application_id)))


@pytest.fixture
def lan(scene):
    return scene.officer("lan", RECEIVING)


def test_the_case_shows_person_comparison_and_clock_and_the_look_is_recorded(scene, lan):
    application_id = scene.taken()
    page = text_of(lan.get(f"/office/cases/{application_id}"))
    assert "Nguyễn Thị Ánh Thử" in page and "001 190 123 456" in page
    assert "Receipt or supplement (8 working hours)" in page and "25 November 2026" in page
    assert events(scene, application_id).count(Event.APPLICATION_VIEWED) == 1


def test_the_phone_is_masked(scene, lan):
    page = text_of(lan.get(f"/office/cases/{scene.taken()}"))
    assert "09•• ••• 678" in page and "912345678" not in page.replace(" ", "")


def test_what_differs_stands_first_then_what_ends_soon_then_the_rest(scene, lan):
    soon = replace(CITIZEN, card_expires_on=date(2026, 12, 10))
    application_id = scene.taken(soon, birth_date="1990-09-03")
    page = text_of(lan.get(f"/office/cases/{application_id}"))
    table = page[page.index("Declared and in the register") :]
    places = [table.index(item) for item in ("Birth date", "Identity card valid until", "Full name")]
    assert places == sorted(places) and "Differs" in table and "Ends soon" in table


@pytest.mark.parametrize(("base", "office"), [(CITIZEN, "commune_police"), (FOREIGNER, "immigration")])
def test_the_portrait_stands_beside_the_photo_of_the_register_and_each_look_is_recorded(scene, base, office):
    application_id = scene.matched(replace(base, photo=b"\xff\xd8\xff register"))
    scene.hold(application_id, "bay")
    bay = scene.officer("bay", RECEIVING, office=office)
    page = text_of(bay.get(f"/office/cases/{application_id}"))
    seen = [bay.get(href) for href in re.findall(r'<figure><img src="([^"]+)"', page)]
    assert [answer.data for answer in seen] == [b"\xff\xd8\xff portrait", b"\xff\xd8\xff register"]
    assert {answer.mimetype for answer in seen} == {"image/jpeg"}
    assert "Files from the applicant" not in page
    with scene.writing() as db:
        views = select(AuditEvent.facts).where(AuditEvent.name == Event.APPLICATION_VIEWED)
        assert {"portrait", "register-photo"} <= {facts.get("part") for facts in db.scalars(views)}


@pytest.mark.parametrize(("verdict", "kind", "score"), [(True, "good", 92), (False, "bad", 12)])
def test_the_score_of_the_register_is_shown_as_it_was(scene, verdict, kind, score):
    application_id = scene.matched(verdict=verdict)
    scene.hold(application_id, "lan")
    page = text_of(scene.officer("lan", RECEIVING).get(f"/office/cases/{application_id}"))
    assert re.search(rf'tag--{kind}">(?:(?!</span>).)*Fingerprints: {score} of 100</span>', page)


def test_without_a_photo_of_the_register_its_place_says_so(scene, lan):
    page = text_of(lan.get(f"/office/cases/{scene.taken()}"))
    assert page.count("The register sends no photo") == 2 and "<figure><img" not in page


def test_a_residence_card_that_ends_soon_is_pointed_out(scene):
    soon = replace(FOREIGNER, residence_expires_on=date(2026, 12, 10))
    application_id = scene.taken(soon, by="bay")
    bay = scene.officer("bay", RECEIVING, office="immigration")
    page = text_of(bay.get(f"/office/cases/{application_id}"))
    assert "Ends soon" in page and "Foreign resident, South Korea" in page


def test_a_case_of_another_unit_is_refused_and_the_attempt_recorded(scene):
    application_id = scene.taken()
    with scene.writing() as db:
        unit_id = scene.read(application_id).unit_id
        elsewhere = db.scalars(select(Unit.id).where(Unit.kind == "commune", Unit.id != unit_id).limit(1)).one()
    stranger = scene.officer("xa", RECEIVING, *DECIDING, unit_id=elsewhere)
    for path in ("", "/counter", "/supplement", "/slip", f"/files/{uuid4()}"):
        response = stranger.get(f"/office/cases/{application_id}{path}")
        assert response.status_code == 403
        assert "Ánh Thử" not in text_of(response)
    for path in ("/acknowledge", "/decision", "/match", "/slip/new"):
        data = {"version": 1, "outcome": "approved", "step": "send"}
        response = stranger.post(f"/office/cases/{application_id}{path}", data=data)
        assert response.status_code in (403, 409)
    assert scene.read(application_id).state == "submitted"
    assert Event.APPLICATION_VIEWED not in events(scene, application_id)
    with scene.writing() as db:
        assert db.scalar(select(AuditEvent.name).where(AuditEvent.name == Event.ATTEMPT_REFUSED)) is not None


def test_an_unknown_case_is_not_found(lan):
    assert lan.get(f"/office/cases/{uuid4()}").status_code == 404
    assert lan.get("/office/cases/1").status_code == 404


def test_a_receipt_is_acknowledged_once(scene, lan):
    application_id = scene.taken()
    first = lan.post(f"/office/cases/{application_id}/acknowledge", data={"version": 1})
    again = lan.post(f"/office/cases/{application_id}/acknowledge", data={"version": 1})
    assert first.status_code == 302 and again.status_code == 409
    assert "See the application as it is now" in text_of(again)
    assert events(scene, application_id).count(Event.APPLICATION_RECEIVED) == 1
    assert scene.read(application_id).received_by_id == scene.accounts["lan"]


def test_a_step_without_the_version_is_refused(scene, lan):
    application_id = scene.taken()
    assert lan.post(f"/office/cases/{application_id}/acknowledge", data={"version": "x"}).status_code == 409
    assert scene.read(application_id).state == "submitted"


def test_an_approving_officer_does_not_receive(scene):
    application_id = scene.taken()
    binh = scene.officer("binh", *DECIDING)
    assert 'id="acknowledge"' not in text_of(binh.get(f"/office/cases/{application_id}"))
    assert binh.post(f"/office/cases/{application_id}/acknowledge", data={"version": 1}).status_code == 403


def test_a_supplement_is_looked_at_in_the_applicants_language_before_it_leaves(scene, lan):
    application_id = scene.taken(locale="vi")
    data = {"version": 1, "reasons": ["card-photo", "phone-proof"], "note": "Mang theo hộ chiếu cũ", "step": "check"}
    preview = text_of(lan.post(f"/office/cases/{application_id}/supplement", data=data))
    assert '<blockquote class="stack" lang="vi">' in preview and "Mang theo hộ chiếu cũ" in preview
    assert "A clear picture" not in preview
    assert scene.read(application_id).state == "submitted"
    sent = lan.post(f"/office/cases/{application_id}/supplement", data=data | {"step": "send"})
    assert sent.status_code == 302
    application = scene.read(application_id)
    assert application.state == "supplement_requested"
    assert application.supplement["reasons"] == ["card-photo", "phone-proof"]
    with scene.writing() as db:
        kinds = list(db.scalars(select(OutboxMessage.kind)))
    assert kinds.count("application-supplement-requested") == 1


def test_the_look_carries_every_value_and_change_brings_them_back(scene, lan):
    application_id = scene.taken()
    data = {"version": 1, "reasons": ["card-photo", "phone-proof"], "note": "Xin gửi <ảnh> mới", "step": "check"}
    preview = text_of(lan.post(f"/office/cases/{application_id}/supplement", data=data))
    assert preview.count('name="reasons"') == 2 and 'value="Xin gửi &lt;ảnh&gt; mới"' in preview
    back = text_of(lan.post(f"/office/cases/{application_id}/supplement", data=data | {"step": "change"}))
    assert 'value="phone-proof" checked' in back and "Xin gửi &lt;ảnh&gt; mới" in back


def test_a_supplement_without_a_reason_says_so_and_keeps_the_note(scene, lan):
    application_id = scene.taken()
    response = lan.post(f"/office/cases/{application_id}/supplement", data={"version": 1, "note": "Ghi chú"})
    page = text_of(response)
    assert response.status_code == 422
    assert "<title>Error:" in page and "Ghi chú" in page
    assert scene.read(application_id).state == "submitted"


def test_a_case_that_changed_meanwhile_is_shown_as_it_is_and_nothing_typed_is_lost(scene, lan):
    application_id = scene.taken()
    scene.change(application_id, acknowledge, "hoa")
    data = {"version": 1, "reasons": ["card-photo"], "note": "Ghi chú dài", "step": "send"}
    response = lan.post(f"/office/cases/{application_id}/supplement", data=data)
    page = text_of(response)
    assert response.status_code == 422 and "Ghi chú dài" in page
    assert 'name="version" type="hidden" value="2"' in page
    assert scene.read(application_id).state == "received"
    assert lan.post(f"/office/cases/{application_id}/supplement", data=data | {"version": 2}).status_code == 302


def test_a_stale_form_token_sends_nothing_and_keeps_what_was_typed(scene, lan, app):
    application_id = scene.taken()
    app.config["WTF_CSRF_ENABLED"] = True
    data = {"version": 1, "reasons": ["card-photo"], "note": "Ghi chú dài", "step": "send"}
    response = lan.post(f"/office/cases/{application_id}/supplement", data=data)
    assert "Ghi chú dài" in text_of(response) and "open for too long" in text_of(response)
    step = lan.post(f"/office/cases/{application_id}/acknowledge", data={"version": 1})
    assert step.status_code == 400 and "See the application as it is now" in text_of(step)
    assert scene.read(application_id).state == "submitted"


@pytest.mark.parametrize(
    ("base", "office", "theirs", "others"),
    [
        (CITIZEN, "commune_police", {"card-photo"}, {"residence-card-photo", "passport-photo", "bring-guardian"}),
        (FOREIGNER, "immigration", {"residence-card-photo", "passport-photo"}, {"card-photo", "bring-guardian"}),
    ],
)
def test_nobody_is_asked_for_papers_of_other_people(scene, base, office, theirs, others):
    application_id, bay = scene.taken(base, by="bay"), scene.officer("bay", RECEIVING, office=office)
    page = text_of(bay.get(f"/office/cases/{application_id}/supplement"))
    offered = set(re.findall(r'name="reasons"[^>]* value="([a-z-]+)"', page))
    assert offered >= theirs and not offered & others
    forged = {"version": 1, "reasons": sorted(others)[:1], "step": "send"}
    refused = bay.post(f"/office/cases/{application_id}/supplement", data=forged)
    assert refused.status_code == 422 and "This reason is not true of this application" in text_of(refused)
    assert scene.read(application_id).state == "submitted"


def test_a_note_to_the_applicant_names_days_and_sums_but_no_number_of_theirs(scene, lan):
    application_id = scene.taken()
    for words, left_out in (
        ("Số của bạn là 044172902476", "044172902476"),
        ("Gọi 0912 345 678", "0912 345 678"),
        ("044.172.902.476 đã cũ", "044.172.902.476"),
        ("Trước 20/11/2026, lệ phí 1.200.000 đồng, hỏi 1900 0368", None),
        ("Từ 7:30 ngày 2-9-2026", None),
        ("They asked me to pay 200 000 dong", None),
        ("Họ đòi 500000đ, rồi 1,500,000 VNĐ", None),
        ("I paid VND 200,000 on Monday", None),
        ("Số 939 528 710 951 đồng ý", "939 528 710 951"),
        ("Gọi 0912345000 đ", "0912345000"),
    ):
        data = {"version": 1, "reasons": ["card-photo"], "note": words, "step": "check"}
        page = text_of(lan.post(f"/office/cases/{application_id}/supplement", data=data))
        assert (f"Leave out “{left_out}”" in page) if left_out else ("<blockquote" in page and words in page), words


def test_asking_for_a_supplement_is_the_first_look_and_its_answer_is_looked_at_anew(scene, lan):
    application_id = scene.taken()
    data = {"version": 1, "reasons": ["card-photo"], "step": "send"}
    lan.post(f"/office/cases/{application_id}/supplement", data=data)
    term = r"Receipt or supplement \(8 working hours\)</b>.*?<small>([^<]+)"
    asked = re.search(term, text_of(lan.get(f"/office/cases/{application_id}")))
    assert asked[1].startswith("Done")
    with scene.writing() as db:
        file = db.get_one(Application, application_id)
        resubmit(db, file, {"card-photo": Given("Đây ạ")}, now=scene.services.clock() + timedelta(days=3))
    page = text_of(lan.get(f"/office/cases/{application_id}"))
    assert not re.search(term, page)[1].startswith("Done")
    version = re.search(r'name="version" value="(\d+)"[^§]*?id="acknowledge"', page)[1]
    lan.post(f"/office/cases/{application_id}/acknowledge", data={"version": version})
    received = text_of(lan.get(f"/office/cases/{application_id}"))
    assert re.search(term, received)[1].startswith("Done") and 'id="acknowledge"' not in received


def test_a_second_supplement_takes_a_supervisor(scene, lan):
    application_id = scene.taken()
    data = {"version": 1, "reasons": ["card-photo"], "step": "send"}
    lan.post(f"/office/cases/{application_id}/supplement", data=data)
    with scene.writing() as db:
        given = {"card-photo": Given("Đây ạ")}
        resubmit(db, db.get_one(Application, application_id), given, now=scene.services.clock())
    early = lan.get(f"/office/cases/{application_id}/supplement")
    assert early.status_code == 409 and "A second request takes a supervisor" in text_of(early)
    response = lan.post(f"/office/cases/{application_id}/supplement", data=data | {"version": 3})
    assert response.status_code == 422 and scene.read(application_id).supplements == 1
    page = text_of(lan.get(f"/office/cases/{application_id}"))
    assert "both sides of your identity card – Đây ạ" in page


def test_who_comes_with_what_was_asked_for_need_not_answer_online(scene, lan):
    application_id = scene.taken()
    asked = {"version": 1, "reasons": ["card-photo", "phone-proof"], "note": "", "step": "send"}
    lan.post(f"/office/cases/{application_id}/supplement", data=asked)
    case = f"/office/cases/{application_id}"
    assert 'id="brought"' in text_of(lan.get(case))
    page = text_of(lan.get(f"{case}/brought"))
    assert "both sides of your identity card" in page and "where you live now" not in page
    seen = {"version": 2, "shown": ["card-photo"], "note": "Bản gốc, ảnh rõ"}
    part = lan.post(f"{case}/brought", data=seen)
    assert part.status_code == 422 and "Something that was asked for is missing" in text_of(part)
    assert lan.post(f"{case}/brought", data=seen | {"shown": ["card-photo", "phone-proof"]}).location == case
    page = text_of(lan.get(case))
    assert "both sides of your identity card – Bản gốc, ảnh rõ" in page and 'id="counter"' in page
    scene.hold(application_id, "binh")
    binh = scene.officer("binh", *DECIDING)
    assert binh.get(f"{case}/brought").status_code == 403, "receiving is not deciding"
    with scene.writing() as db:
        acts = acts_of(db, db.get_one(Application, application_id), scene.accounts["lan"])
    assert Event.APPLICATION_RESUBMITTED in acts, "whoever took it in does not decide"


def test_a_second_supplement_takes_nothing_of_the_first_away(scene, lan):
    application_id = scene.taken()
    asked = {"version": 1, "reasons": ["name-differs"], "note": "Hai cách viết", "step": "send"}
    lan.post(f"/office/cases/{application_id}/supplement", data=asked)
    with scene.writing() as db:
        given = {"name-differs": Given("Tên cũ trước khi cưới")}
        resubmit(db, db.get_one(Application, application_id), given, now=scene.services.clock())
    scene.change(application_id, request_supplement, "chi", ["phone-proof"], "Xin thêm", role=SUPERVISOR)
    page = text_of(lan.get(f"/office/cases/{application_id}"))
    assert "Tên cũ trước khi cưới" in page and "Hai cách viết" in page and "Xin thêm" in page


def test_files_are_shown_only_with_their_case_and_the_look_is_recorded(scene, lan):
    application_id, other = scene.matched(), scene.taken(FOREIGNER, by="tinh", phone="+84912000009")
    portrait = scene.read(application_id).portrait_file_id
    response = lan.get(f"/office/cases/{application_id}/files/{portrait}")
    assert response.data == b"\xff\xd8\xff portrait"
    assert response.headers["Cache-Control"] == "no-store"
    province = scene.officer("tinh", RECEIVING, office="immigration")
    assert province.get(f"/office/cases/{other}/files/{portrait}").status_code == 404
    assert events(scene, application_id).count(Event.APPLICATION_VIEWED) == 1


def test_the_record_names_officers_and_counts_repeated_looks_once(scene, lan):
    application_id = scene.received(by="lan")
    for _again in range(3):
        page = text_of(lan.get(f"/office/cases/{application_id}"))
    record = page[page.index("Record of this application") :]
    assert record.count("opened") == 1 and "opened 3 times" in record
    assert "Lan, receiving officer" in record and "Receipt acknowledged" in record
