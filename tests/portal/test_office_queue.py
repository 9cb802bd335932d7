"""The officers' list: who sees it, what stands on top, and how it is narrowed down."""

# ruff: noqa: F811 - pytest fixtures are asked for by name
from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import select

from identity.application import decide
from identity.audit import AuditEvent, Event
from identity.places import Unit
from identity.staff import Role
from tests.identity.applicants import CITIZEN, FOREIGNER
from tests.portal.office_scene import (  # noqa: F401 - fixtures
    APPROVING,
    DECIDING,
    RECEIVING,
    register,
    scene,
    services,
)

NAME = CITIZEN.full_name


def a_citizen(number: int, name: str):
    personal = f"0011901{number:05d}"
    born = date(1990, 1, number)
    return replace(CITIZEN, personal_number=personal, card_number=personal, full_name=name, birth_date=born)


def text_of(response) -> str:
    return response.get_data(as_text=True)


def test_a_visitor_is_asked_to_sign_in(client):
    response = client.get("/office/queue")
    assert response.status_code == 302 and "/sign-in" in response.location


def test_an_officer_without_a_second_factor_sees_nothing(scene):
    scene.submitted()
    response = scene.officer("lan", RECEIVING, aal=1).get("/office/queue")
    assert response.status_code == 403
    assert "Nguyễn Thị Ánh Thử" not in text_of(response)


def test_staff_of_another_role_are_refused_and_the_attempt_is_recorded(scene):
    assert scene.officer("an", "coordinator").get("/office/queue").status_code == 403
    with scene.writing() as db:
        assert db.scalar(select(AuditEvent.name).where(AuditEvent.name == Event.ATTEMPT_REFUSED)) is not None


def test_an_officer_whose_role_has_ended_sees_nothing(scene, clock):
    lan = scene.officer("lan", RECEIVING)
    assert lan.get("/office/queue").status_code == 200
    with scene.writing() as db:
        db.scalars(select(Role)).one().valid_to = date(2026, 11, 23)
    assert lan.get("/office/queue").status_code == 403


def test_an_officer_sees_the_applications_of_the_own_unit(scene):
    scene.submitted()
    page = text_of(scene.officer("lan", RECEIVING).get("/office/queue"))
    assert "Nguyễn Thị Ánh Thử" in page
    assert "0 overdue, 0 due today, 1 due later" in page  # Tuesday 24 November is a day off


def test_an_officer_of_another_unit_sees_none_and_is_told_so(scene):
    application_id = scene.submitted()
    other = scene.read(application_id).unit_id
    with scene.writing() as db:
        elsewhere = db.scalars(select(Unit.id).where(Unit.kind == "commune", Unit.id != other).limit(1)).one()
    page = text_of(scene.officer("xa", RECEIVING, unit_id=elsewhere).get("/office/queue?filtered=1"))
    assert "Nguyễn Thị Ánh Thử" not in page
    assert "Nothing waits" in page


def test_a_province_officer_sees_the_communes_below(scene):
    unit_id = scene.read(scene.submitted()).unit_id
    with scene.writing() as db:
        province = db.get_one(Unit, unit_id).parent_id
    page = text_of(scene.officer("tinh", RECEIVING, unit_id=province).get("/office/queue"))
    assert "Nguyễn Thị Ánh Thử" in page


def test_the_overdue_stand_above_those_due_today(scene, clock):
    scene.submitted(a_citizen(1, "Người Cũ"), phone="+84912000001")
    clock.advance(days=3)
    scene.submitted(a_citizen(2, "Người Mới"), phone="+84912000002")
    page = text_of(scene.officer("lan", RECEIVING).get("/office/queue"))
    assert page.index("Overdue (1)") < page.index("Người Cũ") < page.index("Người Mới")
    assert "1 day overdue" in page


def test_at_first_only_the_own_and_the_untaken_are_listed(scene):
    scene.received(a_citizen(1, "Của Lan"), by="lan", phone="+84912000001")
    scene.received(a_citizen(2, "Của Hoa"), by="hoa", phone="+84912000002")
    scene.submitted(a_citizen(3, "Chưa Giao"), phone="+84912000003")
    lan = scene.officer("lan", RECEIVING)
    first, everybody = text_of(lan.get("/office/queue")), text_of(lan.get("/office/queue?filtered=1"))
    assert "Của Lan" in first and "Chưa Giao" in first and "Của Hoa" not in first
    assert "Của Hoa" in everybody


def test_a_name_is_found_without_marks_and_a_dossier_by_its_number(scene):
    application_id = scene.submitted(a_citizen(1, "Đặng Thị Hường"), phone="+84912000001")
    scene.submitted(a_citizen(2, "Lò Văn Thoại"), phone="+84912000002")
    lan = scene.officer("lan", RECEIVING)
    by_name = text_of(lan.get("/office/queue", query_string={"filtered": 1, "q": "dang thi huong"}))
    assert "Đặng Thị Hường" in by_name and "Lò Văn Thoại" not in by_name
    number = scene.read(application_id).dossier_number
    by_number = text_of(lan.get("/office/queue", query_string={"filtered": 1, "q": number}))
    assert "Đặng Thị Hường" in by_number and "Lò Văn Thoại" not in by_number


def test_who_comes_with_a_refusal_is_found_without_a_tick(scene):
    application_id = scene.matched(by="hoa", verdict=False)
    scene.change(application_id, decide, "binh", "refused", "identity-not-matched", role=APPROVING)
    lan = scene.officer("lan", RECEIVING)
    assert NAME not in text_of(lan.get("/office/queue?filtered=1"))
    for typed in (scene.read(application_id).dossier_number, CITIZEN.personal_number, "anh thu"):
        found = text_of(lan.get("/office/queue", query_string={"q": typed}))
        assert NAME in found and "Clock stopped" not in found.replace("Clock stopped or finished", "")
    kept_to = lan.get("/office/queue", query_string={"filtered": 1, "q": "anh thu", "state": "submitted"})
    assert NAME not in text_of(kept_to)


def test_filters_narrow_by_state_and_kind_and_stay_ticked(scene):
    scene.received(a_citizen(1, "Đã Nhận"), phone="+84912000001")
    scene.submitted(a_citizen(2, "Mới Nộp"), phone="+84912000002")
    lan = scene.officer("lan", RECEIVING)
    page = text_of(lan.get("/office/queue?filtered=1&state=received&kind=citizen"))
    assert "Đã Nhận" in page and "Mới Nộp" not in page
    assert 'value="received" checked' in page
    none = text_of(lan.get("/office/queue?filtered=1&kind=foreigner"))
    assert "No application matches these filters" in none


def test_the_ticks_are_still_there_after_a_case_and_the_words_are_not(scene):
    scene.submitted()
    lan = scene.officer("lan", RECEIVING)
    lan.get("/office/queue?filtered=1&kind=foreigner&q=An")
    page = text_of(lan.get("/office/queue"))
    assert 'value="foreigner" checked' in page and 'value="mine" checked' not in page and 'value="An"' not in page
    assert 'value="foreigner" checked' not in text_of(lan.get("/office/queue?filtered=1"))
    assert "checked" not in text_of(lan.get("/office/queue")), "nothing ticked is an answer, too"
    lan.set_cookie("office_ticks", "filtered=1&who=everybody&state=%00&kind=citizen")
    page = text_of(lan.get("/office/queue"))
    assert 'value="citizen" checked' in page and page.count(" checked") == 1


def test_nonsense_in_the_address_is_ignored(scene):
    lan = scene.officer("lan", RECEIVING)
    for query in ("page=0", "page=-1", "page=x", f"page={'9' * 5000}", "page=²", "state=king", "q=%00%ff"):
        assert lan.get(f"/office/queue?filtered=1&{query}").status_code == 200


def test_long_lists_are_paged_and_the_filter_goes_along(scene):
    for number in range(1, 28):
        scene.submitted(a_citizen(number, f"Người Số {number:02d}"), phone=f"+849120000{number:02d}")
    lan = scene.officer("lan", RECEIVING)
    first = text_of(lan.get("/office/queue?filtered=1&kind=citizen"))
    assert "Page 1 of 2" in first and "kind=citizen" in first and "page=2" in first
    second = text_of(lan.get("/office/queue?filtered=1&kind=citizen&page=2"))
    assert "Page 2 of 2" in second and second.count("Người Số") == 2


def test_the_next_case_is_the_most_urgent_one(scene, clock):
    old = scene.submitted(a_citizen(1, "Người Cũ"), phone="+84912000001")
    clock.advance(hours=1)
    scene.submitted(a_citizen(2, "Người Mới"), phone="+84912000002")
    response = scene.officer("lan", RECEIVING).post("/office/queue/next")
    assert response.status_code == 302 and response.location.endswith(f"/office/cases/{old}")


def test_an_approver_takes_what_somebody_else_received(scene):
    scene.matched(a_citizen(1, "Tự Nhận"), by="binh", phone="+84912000001")
    other = scene.matched(a_citizen(2, "Lan Nhận"), by="lan", phone="+84912000002")
    response = scene.officer("binh", *DECIDING).post("/office/queue/next")
    assert response.location.endswith(f"/office/cases/{other}")


def test_with_nothing_to_take_the_officer_is_told(scene):
    response = scene.officer("lan", RECEIVING).post("/office/queue/next")
    assert response.status_code == 409 and "No application waits for you" in text_of(response)


def test_foreign_residents_show_their_country(scene):
    scene.submitted(FOREIGNER)
    page = text_of(scene.officer("bay", RECEIVING, office="immigration").get("/office/queue"))
    assert "Foreign resident, South Korea" in page


def test_the_queue_is_complete_in_vietnamese(scene):
    scene.submitted()
    lan = scene.officer("lan", RECEIVING)
    lan.set_cookie("language", "vi")
    page = text_of(lan.get("/office/queue"))
    assert "Hồ sơ chờ xử lý" in page and "Kiểm tra, tiếp nhận" in page and "Nhận hồ sơ tiếp theo" in page
    assert "Take the next case" not in page
