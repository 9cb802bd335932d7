"""The member's pages: who may see whom, what a record needs, and what the system confirms."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from identity.account import find_account_of
from identity.audit import SYSTEM, AuditEvent, Event
from identity.helping import new_help_code
from identity.helping.code import HelpCodeMiss
from onboarding.assistance import AssistanceEvent
from onboarding.team import Member, dismiss
from tests.onboarding.scene import activate, communes, member_of, pseudonym_of, resident, staff_account, team_in
from tests.portal.work_scene import sign_in, write


class Place:
    """Ids of what the tests look at."""


@pytest.fixture
def place(database, clock):
    found = Place()

    def build(db):
        here, beside, _ = communes(db)
        team = team_in(db, here, now=clock.now)
        found.member = member_of(db, team, now=clock.now).account_id
        found.colleague = member_of(db, team, now=clock.now).account_id
        found.outsider = staff_account(db, "outsider", now=clock.now).id
        person = resident(db, here, now=clock.now, name="Nguyễn Văn Bình")
        stranger = resident(db, beside, now=clock.now, name="Lê Văn Em", phone="+84987654321")
        found.person, found.handle = person.id, pseudonym_of(db, person).hex()
        found.strange_handle = pseudonym_of(db, stranger).hex()
        found.code = new_help_code(db, person.id, now=clock.now)

    write(database, build)
    return found


@pytest.fixture
def browser(client, database, place, clock):
    sign_in(client, database, place.member, now=clock.now)
    client.set_cookie("language", "en")
    return client


def hidden(body, name):
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', body).group(1)


def filled(browser, address="/team/assistance/new", **changes):
    """The form as it was opened, with the fields of a plain record."""
    body = browser.get(address).text
    values = {"id": hidden(body, "id"), "opened_at": hidden(body, "opened_at"), "task": "activation", "mode": "guided"}
    return {**values, "result": "done", "minutes": "15", **changes}


def stored(database):
    with database.session(write=False) as db:
        return list(db.scalars(select(AssistanceEvent).order_by(AssistanceEvent.received_at, AssistanceEvent.id)))


def test_a_visitor_is_sent_to_sign_in(client):
    answer = client.get("/team/")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in?next=/team") or "next=%2Fteam" in answer.location


def test_one_factor_is_not_enough(client, database, place, clock):
    sign_in(client, database, place.member, now=clock.now, aal=1)
    assert client.get("/team/").status_code == 403


def test_staff_without_the_role_are_refused(client, database, place, clock):
    sign_in(client, database, place.outsider, now=clock.now)
    assert client.get("/team/").status_code == 403


def test_a_member_who_left_the_team_sees_nobody(client, database, place, clock):
    def leave(db):
        dismiss(db, db.query(Member).filter(Member.account_id == place.member).one(), SYSTEM, now=clock.now)

    write(database, leave)
    sign_in(client, database, place.member, now=clock.now)
    for address in ("/team/", "/team/people", f"/team/people/{place.handle}", "/team/assistance/new"):
        answer = client.get(address)
        assert answer.status_code == 403
        assert "Bình" not in answer.text


def test_today_shows_the_team_and_marks_the_device_once(browser):
    answer = browser.get("/team/")
    assert "Tổ công nghệ số 1" in answer.text
    assert "No help logged today" in answer.text
    assert browser.get_cookie("eid_member_device").value
    assert not any("eid_member_device" in line for line in browser.get("/team/").headers.getlist("Set-Cookie"))


def test_the_list_names_the_own_commune_only_and_is_not_stored(browser):
    answer = browser.get("/team/people")
    assert "Bình" in answer.text
    assert "09•• ••• 214" in answer.text
    assert "6 days left" in answer.text
    assert "Nguyễn Văn" not in answer.text
    assert "912345214" not in answer.text
    assert "Em</a>" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_each_look_is_recorded(browser, database, place):
    browser.get("/team/people")
    browser.get(f"/team/people/{place.handle}")
    with database.session(write=False) as db:
        names = db.scalars(select(AuditEvent.name).where(AuditEvent.subject_id == place.person)).all()
    assert [name for name in names if "view" in name] == [Event.WORKLIST_VIEWED, Event.GUIDANCE_VIEWED]


def test_guiding_shows_steps_and_remedies_and_warns(browser, place):
    body = browser.get(f"/team/people/{place.handle}").text
    assert "Never ask for a password or a code" in body
    assert "Second proof" in body
    assert "Five tries are used up" in body
    assert place.code not in body


def test_a_window_that_is_over_is_said_once_and_with_its_remedy(browser, database, place, clock):
    clock.advance(days=8)
    sign_in(browser, database, place.member, now=clock.now)
    assert browser.get("/team/people").text.count("7 days are over") == 1
    body = browser.get(f"/team/people/{place.handle}").text
    stands = body.partition("What stands in their way")[2].partition("</section>")[0]
    assert "goes to the desk, which opens it again" in " ".join(stands.split())


def test_another_communes_person_is_not_found_whatever_is_tried(browser, place):
    for handle in (place.strange_handle, "0" * 64, "nobody"):
        answer = browser.get(f"/team/people/{handle}")
        assert answer.status_code == 404
        assert "Log this help" in answer.text  # somebody who has just activated is not found, either
        assert "Em" not in re.sub(r"<[^>]*>", "", answer.text).split()


def test_a_record_with_the_help_code_is_confirmed_when_the_person_activates(browser, database, place, clock):
    answer = browser.post("/team/assistance", data=filled(browser, help_code=place.code))
    assert answer.status_code == 302
    assert "Claimed, not yet confirmed" in browser.get(answer.location).text
    assert "Claimed, not yet confirmed" in browser.get("/team/").text

    def later(db):
        activate(db, find_account_of(db, place.person), now=clock.now + timedelta(hours=1))

    write(database, later)
    assert "Confirmed by the system" in browser.get(answer.location).text
    assert "11:00 am, 23 November 2026" in browser.get(answer.location).text
    assert "Used within 30 days" in browser.get(answer.location).text
    [event] = stored(database)
    assert event.pseudonym.hex() == place.handle


def test_a_double_click_writes_one_record(browser, database):
    data = filled(browser)
    first, second = browser.post("/team/assistance", data=data), browser.post("/team/assistance", data=data)
    assert first.location == second.location
    assert len(stored(database)) == 1


def test_the_back_button_with_other_content_does_not_overwrite(browser, database):
    data = filled(browser)
    browser.post("/team/assistance", data=data)
    answer = browser.post("/team/assistance", data={**data, "minutes": "60"})
    assert "was saved before with other content" in answer.text
    assert [event.minutes for event in stored(database)] == [15]


def test_an_empty_form_names_what_is_missing_and_keeps_what_was_typed(browser, database):
    answer = browser.post("/team/assistance", data=filled(browser, task="", minutes="", note="mất điện"))
    assert "There are 2 things to correct" in answer.text
    assert "mất điện" in answer.text
    assert re.search(r"<title>\s*Error:", answer.text)
    assert stored(database) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"note": "Nguyễn Văn An"}, "Take “Nguyễn Văn An” out"),
        ({"note": "gọi 0912 345 678"}, "Take “0912 345 678” out"),
        ({"mode": "on-behalf", "authorised": "y"}, "never done on somebody&#39;s behalf"),
        ({"result": "blocked"}, "Choose the reason if the person got stuck"),
        ({"mode": "referred"}, "choose “Referred” in both places"),
        ({"help_code": "123"}, "The code has 8 digits."),
        ({"happened_clock": "25:00"}, "Write the time with hour and minute"),
        (
            {"happened_on-day": "1", "happened_on-month": "11", "happened_on-year": "2026"},
            "Give the time of that day too",
        ),
        (
            {
                "happened_on-day": "1",
                "happened_on-month": "10",
                "happened_on-year": "2026",
                "happened_clock": "9:30",
            },
            "more than 35 days ago",
        ),
        ({"id": "x"}, "This page is damaged"),
        ({"opened_at": "yesterday"}, "This page is damaged"),
        ({"opened_at": "2026-11-23T03:00:00"}, "This page is damaged"),
        ({"task": "gambling"}, "Choose one of the answers shown."),
    ],
)
def test_bad_input_gets_its_sentence_and_writes_nothing(browser, database, changes, sentence):
    answer = browser.post("/team/assistance", data=filled(browser, **changes))
    assert answer.status_code == 200
    assert sentence in answer.text
    assert stored(database) == []


def test_a_wrong_help_code_stays_counted_and_guessing_ends(browser, database, place):
    wrong = "0000 0000" if place.code != "0000 0000" else "1111 1111"
    for _ in range(10):
        assert (
            "is not known for that day" in browser.post("/team/assistance", data=filled(browser, help_code=wrong)).text
        )
    with database.session(write=False) as db:
        assert db.scalar(select(func.sum(HelpCodeMiss.count))) == 10
    answer = browser.post("/team/assistance", data=filled(browser, help_code=place.code))
    assert "Too many wrong help codes today" in answer.text


def test_a_wrong_help_code_stands_where_it_was_typed_to_be_compared(browser):
    sent = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}
    first = browser.post("/team/assistance", data=filled(browser, help_code="0000 0000"), headers=sent)
    page = browser.get(first.location).text if first.status_code == 303 else first.text
    assert "is not known for that day" in page and re.search(r'name="help_code"[^>]*value="0000 ?0000"', page)


def test_earlier_help_is_recorded_at_its_own_time(browser, database):
    day = {"happened_on-day": "20", "happened_on-month": "11", "happened_on-year": "2026", "happened_clock": "9:05"}
    browser.post("/team/assistance", data=filled(browser, **day))
    assert stored(database)[0].happened_at.isoformat() == "2026-11-20T02:05:00+00:00"


def test_a_step_of_activation_is_kept(browser, database):
    browser.post("/team/assistance", data=filled(browser, step="proof"))
    assert stored(database)[0].task == "activation-proof"


def test_a_correction_takes_the_records_place(browser, database):
    first = browser.post("/team/assistance", data=filled(browser)).location
    address = f"{first}/correct"
    browser.post(address, data=filled(browser, address, minutes="60"))
    assert "This record was corrected" in browser.get(first).text
    today = browser.get("/team/").text
    assert "60 minutes" in today
    assert "15 minutes" not in today
    assert {event.minutes for event in stored(database)} == {15, 60}


def test_correcting_what_was_corrected_leads_to_the_newest_version(browser, database):
    first = browser.post("/team/assistance", data=filled(browser)).location
    late = filled(browser, f"{first}/correct", minutes="120", note="ở cuối xóm")
    newest = browser.post(f"{first}/correct", data=filled(browser, f"{first}/correct", minutes="60")).location
    assert browser.get(f"{first}/correct").location == f"{newest}/correct"
    answer = browser.post(f"{first}/correct", data=late, follow_redirects=True)
    assert "This record was corrected meanwhile." in answer.text
    assert "ở cuối xóm" in answer.text and f'action="{newest}/correct"' in answer.text
    assert browser.post(f"{newest}/correct", data=late).status_code in {302, 303}
    assert sorted(event.minutes for event in stored(database)) == [15, 60, 120]


def test_another_members_record_is_not_found(browser, client, database, place, clock):
    address = browser.post("/team/assistance", data=filled(browser)).location
    sign_in(client, database, place.colleague, now=clock.now)
    assert client.get(address).status_code == 404
    assert client.get(f"{address}/correct").status_code == 404


def test_a_record_on_somebodys_behalf_needs_the_authorisation(browser, database):
    data = filled(browser, task="land", mode="on-behalf")
    assert "needs their authorisation" in browser.post("/team/assistance", data=data).text
    assert browser.post("/team/assistance", data={**data, "authorised": "y"}).status_code == 200
    browser.post("/team/behalf", data={"task": "land", "days": "3", "agreed": "1"})
    body = browser.get("/team/assistance/new").text
    given = re.search(r'value="([0-9a-f-]{36})"[^>]*>Land matters · receipt …', body).group(1)
    wrong = browser.post("/team/assistance", data={**data, "task": "payment", "delegation_id": given})
    assert "The person allowed something else" in wrong.text
    data = filled(browser, task="land", mode="on-behalf", delegation_id=given)
    assert browser.post("/team/assistance", data=data).status_code == 302
    assert [(one.authorised, str(one.delegation_id)) for one in stored(database)] == [(True, given)]


@pytest.mark.parametrize("address", ["/team/", "/team/people", "/team/assistance/new"])
def test_the_pages_speak_vietnamese(browser, address):
    browser.set_cookie("language", "vi")
    body = browser.get(address).text
    assert '<html lang="vi"' in body
    assert "Ghi lượt hỗ trợ" in body
    assert "Log help" not in body
