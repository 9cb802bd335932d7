"""One case: what an officer sees, what is recorded, and the first steps."""

# ruff: noqa: F811 - pytest fixtures are asked for by name
from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select

from identity.application import Application, Given, acknowledge, resubmit
from identity.audit import AuditEvent, Event
from identity.outbox import OutboxMessage
from identity.places import Unit
from tests.identity.applicants import CITIZEN, FOREIGNER
from tests.portal.office_scene import (  # noqa: F401 - fixtures
    APPROVING,
    DECIDING,
    RECEIVING,
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
    for path in ("", "/counter", "/supplement", "/slip", "/register-photo", f"/files/{uuid4()}"):
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


def test_a_second_supplement_takes_a_supervisor(scene, lan):
    application_id = scene.taken()
    data = {"version": 1, "reasons": ["card-photo"], "step": "send"}
    lan.post(f"/office/cases/{application_id}/supplement", data=data)
    with scene.writing() as db:
        given = {"card-photo": Given("Đây ạ")}
        resubmit(db, db.get_one(Application, application_id), given, now=scene.services.clock())
    response = lan.post(f"/office/cases/{application_id}/supplement", data=data | {"version": 3})
    assert response.status_code == 422 and scene.read(application_id).supplements == 1
    page = text_of(lan.get(f"/office/cases/{application_id}"))
    assert "both sides of your identity card – Đây ạ" in page


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
