"""The manual route on the pages: offered while a register is off, confirmed by a second person, checked afterwards."""

# ruff: noqa: F811 - pytest fixtures are asked for by name
from __future__ import annotations

from dataclasses import replace

import pytest

from identity.application import acknowledge, record_capture
from identity.audit import SYSTEM, Event, events_about
from identity.files import store
from identity.gateways import MatchResult
from identity.operation.routes import Register, set_route
from portal.hand_checks import HandChecks
from tests.portal.office_scene import APPROVING, RECEIVING, SUPERVISOR, register, scene, services  # noqa: F401

NUMBER = "001 190 123 456"
SEEN = {"original": "1", "face": "1"}

pytestmark = pytest.mark.any_engine


@pytest.fixture
def captured(scene):
    found = scene.submitted()
    scene.change(found, acknowledge, "lan")
    with scene.writing() as db:
        portrait = store(db, b"\xff\xd8\xff portrait", "portrait", found, now=scene.services.clock()).id
    scene.change(found, record_capture, "lan", portrait, "CAP-0001", "ABCDE-FGHJK")
    return found


def route(scene, is_manual, register=Register.POPULATION):
    with scene.writing() as db:
        set_route(db, register, is_manual, "maintenance", SYSTEM, now=scene.services.clock())


def post(client, scene, file, path, **changes):
    version = scene.read(file).version
    return client.post(f"/office/cases/{file}/{path}", data={"version": version, **SEEN, **changes})


def page(client, file, path=""):
    return client.get(f"/office/cases/{file}{path}").get_data(as_text=True)


def events(scene, file):
    with scene.writing() as db:
        return [event.name for event in events_about(db, ("application", file))]


def test_it_is_offered_only_while_the_register_is_off(scene, captured):
    lan = scene.officer("lan", RECEIVING)
    assert 'id="by-hand"' not in page(lan, captured)
    route(scene, True, Register.IMMIGRATION)
    assert 'id="by-hand"' not in page(lan, captured), "the other register"
    route(scene, True)
    assert 'id="by-hand"' in page(lan, captured)
    shown = page(lan, captured, "/by-hand")
    assert "Compare the person with the original" in shown
    assert f'src="/office/cases/{captured}/files/' in shown, "the portrait of today, to compare with"


def test_from_the_comparison_to_the_decision(scene, captured):
    lan, hoa, minh = scene.officer("lan", RECEIVING), scene.officer("hoa", SUPERVISOR), scene.officer("minh", APPROVING)
    route(scene, True)
    assert 'id="confirm-by-hand"' not in page(hoa, captured), "nothing to confirm yet"
    assert post(lan, scene, captured, "by-hand", paper_number=NUMBER).status_code == 303
    assert "A supervisor who sees the person and the original confirms it" in page(lan, captured)
    assert 'id="confirm-by-hand"' not in page(lan, captured) and 'id="by-hand"' not in page(lan, captured)
    assert 'id="confirm-by-hand"' in page(hoa, captured)
    confirming = page(hoa, captured, "/by-hand/confirm")
    assert f'src="/office/cases/{captured}/files/' in confirming and "paper_number" not in confirming
    assert post(hoa, scene, captured, "by-hand/confirm").status_code == 303
    scene.hold(captured, "minh")
    shown = page(minh, captured)
    assert "Compared by hand by two officers" in shown and 'id="check-decision"' in shown
    decided = post(minh, scene, captured, "decision", outcome="approved", step="send")
    assert decided.status_code in (302, 303) and scene.read(captured).state == "issued"


def test_a_wrong_number_stays_typed_and_is_recorded(scene, captured):
    lan = scene.officer("lan", RECEIVING)
    route(scene, True)
    answer = post(lan, scene, captured, "by-hand", paper_number="001190999999")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "001190999999" in text
    assert "not the number of a paper in this application" in text
    assert Event.ATTEMPT_REFUSED in events(scene, captured) and Event.COMPARED_BY_HAND not in events(scene, captured)


def test_the_counter_says_who_cannot_be_taken_in_and_what_goes_on(scene):
    lan = scene.officer("lan", RECEIVING)

    def said():
        return lan.get("/office/walk-in").get_data(as_text=True)

    assert "is away for longer" not in said()
    route(scene, True)
    assert "Citizens who have not applied yet cannot be taken in" in said()
    assert "Foreign residents who have not" not in said() and "compare by the paper" in said()
    lan.set_cookie("language", "vi")
    assert "Công dân chưa nộp hồ sơ thì chưa nhận được" in said()


@pytest.mark.parametrize("missing", ["original", "face"])
def test_each_look_is_confirmed(scene, captured, missing):
    lan = scene.officer("lan", RECEIVING)
    route(scene, True)
    answer = post(lan, scene, captured, "by-hand", paper_number=NUMBER, **{missing: ""})
    assert answer.status_code == 422 and scene.read(captured).state == "captured"
    assert Event.COMPARED_BY_HAND not in events(scene, captured)


def test_whoever_compared_is_refused_as_the_second_person(scene, captured):
    lan = scene.officer("lan", RECEIVING, SUPERVISOR)
    route(scene, True)
    post(lan, scene, captured, "by-hand", paper_number=NUMBER)
    assert post(lan, scene, captured, "by-hand/confirm").status_code == 403
    assert Event.ATTEMPT_REFUSED in events(scene, captured) and scene.read(captured).state == "captured"


def test_an_old_page_changes_nothing(scene, captured):
    lan = scene.officer("lan", RECEIVING)
    route(scene, True)
    assert post(lan, scene, captured, "by-hand", paper_number=NUMBER, version="1").status_code == 422
    assert Event.COMPARED_BY_HAND not in events(scene, captured)


@pytest.mark.parametrize(("score", "recognised"), [(95, True), (8, False)])
def test_the_worker_asks_when_the_register_is_back(scene, captured, database, services, register, score, recognised):
    register.result = MatchResult(score, recognised)
    lan, hoa = scene.officer("lan", RECEIVING), scene.officer("hoa", SUPERVISOR)
    route(scene, True)
    post(lan, scene, captured, "by-hand", paper_number=NUMBER)
    post(hoa, scene, captured, "by-hand/confirm")
    checks = HandChecks(database, replace(services, population=register))
    assert checks.look() == 0 and register.asked == [], "while it is off nobody asks"
    route(scene, False)
    register.away = True
    assert checks.look() == 0 and scene.read(captured).matched is None
    register.away = False
    assert checks.look() == 1 and checks.look() == 0
    assert scene.read(captured).matched is recognised
    assert events(scene, captured).count(Event.HAND_MATCH_CHECKED) == 1


def test_an_officer_who_acts_at_the_same_moment_is_not_overrun(scene, captured, database, services, register):
    lan, hoa = scene.officer("lan", RECEIVING), scene.officer("hoa", SUPERVISOR)
    route(scene, True)
    post(lan, scene, captured, "by-hand", paper_number=NUMBER)
    post(hoa, scene, captured, "by-hand/confirm")
    route(scene, False)

    class Meanwhile:
        """While the register thinks, the person comes again."""

        def match_biometrics(self, *_asked: str) -> MatchResult:
            scene.change(captured, record_capture, "lan", scene.read(captured).portrait_file_id, "CAP-0002", None)
            return MatchResult(95, True)

    assert HandChecks(database, replace(services, population=Meanwhile())).look() == 0
    file = scene.read(captured)
    assert (file.state, file.matched, file.capture_reference) == ("captured", None, "CAP-0002")
