"""Trainers' pages: planning, the screen, the list, slips, witnessing; closed to other teams."""

from __future__ import annotations

import re
from base64 import b64decode

import pytest

from onboarding.attendance import Attendance
from onboarding.award import Award
from onboarding.check_in import check_token
from onboarding.sign_up import sign_up
from onboarding.skill_check import SkillCheck
from onboarding.skills import current_skills
from onboarding.training import TrainingSession, get_session
from portal.drawing import TAIL_BITS, qr_packed, qr_rows
from tests.onboarding.scene import communes, member_of, staff_account
from tests.onboarding.training_scene import pass_all, room
from tests.portal.work_scene import sign_in, write


@pytest.fixture
def place(database, clock):
    def build(db):
        found = room(db, now=clock.now)
        sign_up(db, found.session_id, found.learner_id, now=clock.now)
        return found

    return write(database, build)


@pytest.fixture
def browser(client, database, place, clock):
    sign_in(client, database, place.member.account_id, now=clock.now)
    client.set_cookie("language", "en")
    return client


@pytest.fixture
def session(place):
    return f"/training/sessions/{place.session_id}"


@pytest.fixture
def person(session, place):
    return f"{session}/people/{place.learner_id}"


def rows(database, table):
    return write(database, lambda db: db.query(table).count())


PLAN = {
    "day-day": "24",
    "day-month": "11",
    "day-year": "2026",
    "starts": "14:30",
    "ends": "16:00",
    "place": "Nhà văn hoá",
    "capacity": "15",
    "language": "vi",
    "groups": ["older", "women"],
}


def test_a_trainer_adds_a_course_and_plans_a_session(browser, database):
    answer = browser.post(
        "/training/courses/new", data={"name": "Trả tiền", "skills": ["payment"]}, follow_redirects=True
    )
    course = re.search(r'<option value="([0-9a-f-]{36})"[^>]*>Trả tiền', answer.text).group(1)
    answer = browser.post("/training/sessions/new", data={**PLAN, "course": course}, follow_redirects=True)
    assert "Trả tiền" in answer.text and "Tuesday, 24 November 2026, 2:30 pm" in answer.text
    assert "0 of 15 places" in browser.get("/training").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ends": "14:00"}, "The end must be later than the start."),
        ({"day-day": "20"}, "This time is over."),
        ({"capacity": "0"}, "Give a number between 1 and 200."),
        ({"capacity": "ten"}, "Give a number between 1 and 200."),
        ({"starts": "25:00"}, "Write the time with hour and minute"),
        ({"place": ""}, "Fill in “Place”"),
    ],
)
def test_a_wrong_plan_says_why_and_keeps_what_was_typed(browser, database, place, changes, sentence):
    answer = browser.post("/training/sessions/new", data={**PLAN, "course": str(place.course_id), **changes})
    assert sentence in answer.text and "Error:" in answer.text
    if "place" not in changes:
        assert "Nhà văn hoá" in answer.text
    assert rows(database, TrainingSession) == 1


def test_the_group_shows_first_names_only(browser, session):
    text = browser.get(session).text
    assert "Bình" in text and "Nguyễn" not in text and "912345214" not in text


def test_the_screen_shows_the_code_of_now_and_reloads_without_script(browser, session, place, database, clock):
    text = browser.get(f"{session}/screen").text
    assert '<noscript><meta http-equiv="refresh"' in text and re.search(r"data-spoken[^>]*>\d{3} \d{3}<", text)
    content = browser.get(f"{session}/codes.json").json
    assert content["codes"][0][1] in text
    assert len(content["codes"]) == 80 * 4 + 1, "until the doors close, an hour and 20 minutes from now"


def test_a_phone_reads_the_code_of_the_screen(browser, session, place, database, clock):
    """The drawn path, read back as modules, is the QR code of an address that counts."""
    from onboarding.check_in import codes_from

    token = write(database, lambda db: codes_from(db, get_session(db, place.session_id), clock.now)[0].token)
    expected = qr_rows(f"http://localhost/learn/check-in/{place.session_id}/{token}")
    content = browser.get(f"{session}/codes.json").json
    assert without_edge(content) == [row[4:-4] for row in expected[4:-4]]
    path = re.search(r'crispEdges"><path d="([^"]+)"', browser.get(f"{session}/screen").text).group(1)
    drawn = [["0"] * len(expected) for _ in expected]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1", path):
        drawn[int(y)][int(x) : int(x) + int(width)] = "1" * int(width)
    assert ["".join(row) for row in drawn] == expected
    assert write(database, lambda db: check_token(db, get_session(db, place.session_id), token, now=clock.now))


def without_edge(content, number=0):
    """The modules of a prepared code, made out of the first as the trainer's script does it."""
    made, changes, first = b64decode(content["drawn"]), b64decode(content["changes"]), content["codes"][0][0]
    size = len(made)
    for letter, (one, other) in enumerate(zip(first, content["codes"][number][0], strict=True)):
        for index, bit in enumerate(TAIL_BITS):
            if (ord(one) ^ ord(other)) >> bit & 1:
                begin = (letter * len(TAIL_BITS) + index) * size
                made = bytes(a ^ b for a, b in zip(made, changes[begin : begin + size], strict=True))
    bits, side = "".join(f"{byte:08b}" for byte in made), content["side"]
    return [bits[row * side : (row + 1) * side] for row in range(side)]


def test_a_run_of_digits_is_drawn_like_any_other_text():
    """The library would pack twenty in a row closer, and a phone could not make one code out of another."""
    text = "http://localhost/learn/check-in/11111111-2222-3333-4444-555555555555/abc234"
    side, packed = qr_packed(text)
    bits = "".join(f"{byte:08b}" for byte in packed)
    assert [bits[row * side : (row + 1) * side] for row in range(side)] == [row[4:-4] for row in qr_rows(text)[4:-4]]


@pytest.mark.parametrize("number", [1, 17, 320])
def test_every_prepared_code_is_made_out_of_the_first_as_if_drawn_itself(browser, session, place, number):
    content = browser.get(f"{session}/codes.json").json
    drawn = qr_rows(f"http://localhost/learn/check-in/{place.session_id}/{content['codes'][number][0]}")
    assert without_edge(content, number) == [row[4:-4] for row in drawn[4:-4]]


def test_ticks_by_number_arrive_once_and_name_nobody(browser, session, place, database, clock):
    greeting = browser.get(f"{session}/present.json").json
    assert greeting["people"] == [[1, False]] and "Bình" not in str(greeting)
    at = int(clock.now.timestamp() * 1000)
    for counted in (1, 0):
        answer = browser.post(f"{session}/ticks", json={"ticks": {"1": at, "7": at}, "owner": greeting["owner"]})
        assert answer.json == {"counted": counted, "taken": [1, 7]}
    assert rows(database, Attendance) == 1
    assert browser.get(f"{session}/present.json").json["people"] == [[1, True]]


def test_ticks_of_another_member_on_the_device_are_not_taken(browser, session, database):
    assert browser.post(f"{session}/ticks", json={"ticks": {"1": 1}, "owner": "a" * 24}).status_code == 409
    assert rows(database, Attendance) == 0


@pytest.mark.parametrize("ticks", ["", "[]", '{"x": 1}', '{"0": 1}', '{"1": 1e99}', '{"1": 1}, "more": 1'])
def test_ticks_that_make_no_sense_are_refused(browser, session, ticks):
    owner = browser.get(f"{session}/present.json").json["owner"]
    sent = f'{{"owner": "{owner}", "ticks": {ticks}}}' if ticks else ""
    assert browser.post(f"{session}/ticks", data=sent, content_type="application/json").status_code == 400


def test_another_team_sends_no_ticks(client, database, place, session, clock):
    sign_in(client, database, place.outsider.account_id, now=clock.now)
    assert client.post(f"{session}/ticks", json={"ticks": {"1": 1}, "owner": ""}).status_code == 403
    assert rows(database, Attendance) == 0


def test_the_page_for_a_room_without_network_names_nobody_and_says_what_it_needs(client):
    for language in ("vi", "en"):
        answer = client.get(f"/training/kept/{language}")
        assert answer.status_code == 200 and "data-screen" in answer.text and "csrf" not in answer.text
    worker = client.get("/training/worker.js").text
    assert '"/training/kept/vi"' in worker and "screen.js?v=" in worker
    assert client.get("/training/kept/xx").status_code == 404


def test_ticks_are_saved_once_and_strangers_ids_are_not_taken(browser, session, place, database):
    stranger = "00000000-0000-0000-0000-000000000001"
    for _ in range(2):
        browser.post(f"{session}/roster", data={"there": [str(place.learner_id), stranger, "x"]})
    assert rows(database, Attendance) == 1
    assert "Ticked off the list" in browser.get(session).text


def test_a_wrong_tick_is_taken_back_on_the_persons_page(browser, session, person, place):
    browser.post(f"{session}/roster", data={"there": str(place.learner_id)})
    assert "Was not here" in browser.get(person).text
    text = browser.post(f"{person}/not-here", follow_redirects=True).text
    assert "0 are here" in text and "Was not here" not in browser.get(person).text


def test_a_slip_is_shown_once_and_counts(browser, session, database):
    text = browser.post(f"{session}/slips", data={"age_band": "60-and-over"}, follow_redirects=True).text
    code = re.search(r'class="code-block"[^>]*>([A-Z0-9 ]{9})<', text).group(1)
    assert "Slip 1" in text and "1 are here" in text
    assert code not in browser.get(session).text
    again = browser.post(f"{session}/slips/again", data={"slip": code}, follow_redirects=True)
    assert "1 are here" in again.text
    assert "This slip is not known" in browser.post(f"{session}/slips/again", data={"slip": "AAAAAAAA"}).text


def test_a_wrong_help_code_says_so_and_stays_counted(browser, session, database):
    from identity.helping.code import HelpCodeMiss

    answer = browser.post(f"{session}/walk-in", data={"help_code": "12345678"})
    assert "This help code is not known" in answer.text
    assert rows(database, HelpCodeMiss) == 1


def test_the_list_to_print_has_first_names_and_empty_lines(browser, session):
    text = browser.get(f"{session}/list").text
    assert "Bình" in text and text.count("☐") == 6


def test_the_trainer_says_that_there_was_no_network(browser, session, place, database):
    browser.post(f"{session}/no-network")
    assert write(database, lambda db: get_session(db, place.session_id).late_proof)
    assert "when they reach us within 24 hours" in browser.get(session).text


def test_witnessing_all_tasks_gives_the_award(browser, person, database):
    tasks = [task.code for task in current_skills().get("payment").tasks]
    answer = browser.post(f"{person}/check/payment", data={"tasks": tasks, "not_family": "y"}, follow_redirects=True)
    assert "Can do it" in answer.text and "Still valid" in answer.text
    assert rows(database, Award) == 1


def test_witnessing_needs_the_declaration_and_keeps_the_ticks(browser, person, database):
    answer = browser.post(f"{person}/check/payment", data={"tasks": ["scan", "limit"]})
    assert "Say that this is neither you nor your family" in answer.text
    assert len(re.findall(r'name="tasks"[^>]* checked', answer.text)) == 2
    assert rows(database, SkillCheck) == 0


def test_some_tasks_are_not_yet_a_skill(browser, person, database):
    text = browser.post(
        f"{person}/check/payment", data={"tasks": ["scan"], "not_family": "y"}, follow_redirects=True
    ).text
    assert "Not yet" in text and rows(database, Award) == 0


def test_a_check_is_corrected_and_the_award_falls(browser, person, database, place, clock):
    write(database, lambda db: pass_all(db, place, now=clock.now) and None)
    check = write(database, lambda db: db.query(SkillCheck).filter(SkillCheck.skill == "safety").one().id)
    form = browser.get(f"{person}/correct/{check}").text
    assert len(re.findall(r'name="tasks"[^>]* checked', form)) == 5
    text = browser.post(
        f"{person}/correct/{check}", data={"tasks": ["lock"], "not_family": "y"}, follow_redirects=True
    ).text
    assert "Revoked" in text and "A check was corrected" in text


@pytest.mark.parametrize("path", ["", "/screen", "/codes.json", "/present.json", "/list"])
def test_another_team_sees_nothing_of_a_session(client, database, place, session, clock, path):
    sign_in(client, database, place.outsider.account_id, now=clock.now)
    assert client.get(session + path).status_code == 403


def test_somebody_outside_the_group_is_not_open_to_the_trainer(browser, session, database, clock):
    from onboarding.learner import learner_of
    from tests.onboarding.scene import resident

    stranger = write(
        database,
        lambda db: (
            learner_of(db, resident(db, communes(db)[0], now=clock.now, phone="+84987654321").id, now=clock.now).id
        ),
    )
    assert browser.get(f"{session}/people/{stranger}").status_code == 404
    assert browser.get(f"{session}/people/{stranger}/check/payment").status_code == 404


def test_only_the_lead_revokes(browser, client, person, database, place, clock):
    write(database, lambda db: pass_all(db, place, now=clock.now) and None)
    award = write(database, lambda db: db.query(Award).filter(Award.achievement == "payment").one().id)
    address = f"{person}/awards/{award}/revoke"
    assert browser.post(address, data={"why": "misused"}).status_code == 403

    def lead(db):
        from onboarding.team import Team

        return member_of(db, db.get_one(Team, place.member.team_id), now=clock.now, lead=True).account_id

    sign_in(client, database, write(database, lead), now=clock.now)
    assert "It was misused" in client.post(address, data={"why": "misused"}, follow_redirects=True).text


def test_a_coordinator_sees_figures_and_chooses_the_platform(client, database, place, clock):
    from identity.audit import SYSTEM
    from identity.staff import give_role

    def build(db):
        account = staff_account(db, "dieuphoi", now=clock.now)
        give_role(db, account.id, "coordinator", place.unit_id, SYSTEM, now=clock.now)
        pass_all(db, place, now=clock.now)
        return account.id

    sign_in(client, database, write(database, build), now=clock.now)
    client.set_cookie("language", "en")
    text = client.get("/training/figures").text
    assert text.count('<p class="value">1') == 6 and '<p class="value">0' in text
    text = client.post("/training/figures", data={"name": "Sổ tay của phường"}, follow_redirects=True).text
    assert "This place teaches: Sổ tay của phường" in text
    assert client.get("/training").status_code == 403


def test_no_page_of_a_trainer_asks_for_a_secret(browser, session, person):
    for address in ("/training", session, f"{session}/screen", person, f"{person}/check/safety"):
        text = browser.get(address).text
        assert 'type="password"' not in text and 'autocomplete="one-time-code"' not in text
