"""An earlier number on the pages: found or not, never whose; another officer sees the two side by side."""

# ruff: noqa: F811 - pytest fixtures are asked for by name
from __future__ import annotations

import pytest
from sqlalchemy import select

from identity.account import find_account_of
from identity.application import Application, decide
from identity.application.conflicts import declare_person
from identity.audit import Actor, AuditEvent, Event
from tests.identity.applicants import FOREIGNER
from tests.identity.test_earlier_number import ANEW, PHONE
from tests.portal.office_scene import APPROVING, RECEIVING, register, scene, services  # noqa: F401 - fixtures

pytestmark = pytest.mark.any_engine


@pytest.fixture
def holder(scene):
    """The person whom the number of then names."""
    earlier = scene.matched(FOREIGNER, by="cu")
    scene.change(earlier, decide, "cu-hai", "approved", role=APPROVING)
    return scene.read(earlier).person_id


@pytest.fixture
def case(scene, holder):
    return scene.matched(ANEW, by="bay", phone=PHONE)


def officer(scene, name, role):
    return scene.officer(name, role, office="immigration")


def named(client, scene, case, number):
    data = {"version": scene.read(case).version, "number": number}
    return client.post(f"/office/cases/{case}/earlier-number", data=data)


def recorded(scene, name):
    with scene.writing() as db:
        return [event.facts for event in db.scalars(select(AuditEvent).where(AuditEvent.name == name))]


def test_found_it_opens_a_task_in_which_another_officer_sees_both(scene, holder, case):
    bay = officer(scene, "bay", RECEIVING)
    assert 'id="earlier"' in bay.get(f"/office/cases/{case}").text
    assert "not whose" in bay.get(f"/office/cases/{case}/earlier-number").text
    found = named(bay, scene, case, "KOR M12345678")
    assert found.status_code == 303
    page = bay.get(f"/office/cases/{case}").text
    assert "the number names one" in page and 'id="earlier"' not in page, "asked already"
    assert "MINJI" not in page and "100200" not in page
    chin = officer(scene, "chin", APPROVING)
    compared = chin.get(f"/office/cases/{case}/tasks/linking").text
    for told in ("PARK TEST ARA", "KIM TEST MINJI", "M12345678", "TRC-100200", "09•• ••• 678"):
        assert told in compared
    data = {"outcome": "renewed-papers", "note": "Hộ chiếu cũ có cùng ảnh."}
    assert chin.post(f"/office/cases/{case}/tasks/linking", data=data).status_code == 303
    data = {"version": scene.read(case).version, "outcome": "approved", "step": "send"}
    scene.hold(case, "chin")
    assert chin.post(f"/office/cases/{case}/decision", data=data).status_code == 302
    assert scene.read(case).person_id == holder
    assert "because somebody who applies may be you" in scene.resident(holder).get("/account/history").text


def test_not_found_is_said_beside_the_number_and_recorded(scene, case):
    bay = officer(scene, "bay", RECEIVING)
    answer = named(bay, scene, case, "JPN M12345678")
    assert answer.status_code == 422 and "Not found: no account" in answer.text and "JPN M12345678" in answer.text
    assert scene.read(case).duplicate_id is None
    assert [facts["code"] for facts in recorded(scene, Event.ATTEMPT_REFUSED)] == ["earlier-unknown"]
    assert recorded(scene, Event.ACCOUNT_LOOKED_UP) == []


def test_only_who_receives_names_it_and_nobody_who_is_tied(scene, holder, case):
    chin = officer(scene, "chin", APPROVING)
    scene.hold(case, "chin")
    assert 'id="earlier"' not in chin.get(f"/office/cases/{case}").text
    assert named(chin, scene, case, "KOR M12345678").status_code == 403
    bay = officer(scene, "bay", RECEIVING)
    with scene.writing() as db:
        declare_person(
            db,
            Actor(scene.account(db, "bay"), RECEIVING),
            "KOR M12345678",
            "relative",
            "Chị",
            now=scene.services.clock(),
        )
    assert named(bay, scene, case, "KOR M12345678").status_code == 403
    with scene.writing() as db:
        assert db.get_one(Application, case).duplicate_id is None and find_account_of(db, holder) is not None


def test_a_citizen_has_one_number_for_life(scene):
    lan = scene.officer("lan", RECEIVING)
    citizen = scene.taken()
    assert 'id="earlier"' not in lan.get(f"/office/cases/{citizen}").text
    assert named(lan, scene, citizen, "KOR M12345678").status_code in (409, 422)
