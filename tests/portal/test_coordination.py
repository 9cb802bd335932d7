"""The coordinator's page: exact figures of the own scope, each share with its denominator, and the same as CSV."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from sqlalchemy import select

from identity.audit import SYSTEM
from identity.helping import new_help_code
from identity.places import Unit
from identity.staff import Role, give_role
from onboarding.assistance import AssistanceEvent, take_in
from onboarding.backlog import settle_corrections
from onboarding.catalogue import Mode, Task
from portal.spreadsheet import harmless
from tests.onboarding.scene import activate, communes, entry, member_of, resident, staff_account, team_in
from tests.onboarding.test_indicators import applied
from tests.portal.work_scene import sign_in, write


class Place:
    """What the tests look at."""


@pytest.fixture
def place(database, clock):
    found, now = Place(), clock.now

    def build(db):
        here, beside, _ = communes(db)
        found.here, found.beside = here.name, beside.name
        found.coordinator = staff_account(db, "coordinator", now=now).id
        give_role(db, found.coordinator, "coordinator", here.id, SYSTEM, now=now)
        found.leader = staff_account(db, "leader", now=now).id
        give_role(db, found.leader, "leader", here.parent_id, SYSTEM, now=now)
        found.member = member_of(db, team_in(db, here, now=now), now=now).account_id
        team_in(db, beside, now=now, name="Tổ bên cạnh")
        person = resident(db, here, now=now)
        for one in (person, resident(db, here, now=now, agreed=False)):
            applied(db, here, now, state="issued", person=one)
        applied(db, here, now)
        applied(db, beside, now)
        take_in(db, found.member, entry(now, help_code=new_help_code(db, person.id, now=now)), now=now)
        take_in(db, found.member, entry(now), now=now)
        activate(db, person, now=now)

    write(database, build)
    return found


@pytest.fixture
def browser(client, database, place, clock):
    sign_in(client, database, place.coordinator, now=clock.now)
    client.set_cookie("language", "en")
    return client


def words(answer):
    """The text of the page, spaces joined."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


def test_a_member_may_not_open_it(client, database, place, clock):
    sign_in(client, database, place.member, now=clock.now)
    assert client.get("/coordination").status_code == 403
    assert client.get("/coordination/pay.csv").status_code == 403


def test_the_funnel_shows_every_share_with_its_denominator(browser, database, place, clock):
    assert "Helped, then activated 0 / 0" in words(browser.get("/coordination")), "the team's own until tomorrow"
    clock.advance(days=1)
    sign_in(browser, database, place.coordinator, now=clock.now)
    text = words(browser.get("/coordination"))
    assert "Issued 2 / 3 66.7%" in text
    assert "Activated 1 / 2 50.0%" in text
    assert "Helped, then activated 1 / 1 100.0%" in text
    assert "50.0% 1 of 2 33.3% 1 of 3" in text, "the row of the unit"


def test_a_teams_figures_of_today_are_its_own_until_tomorrow(browser, client, database, place, clock):
    assert "Activations claimed 0" in words(browser.get("/coordination"))
    sign_in(client, database, place.member, now=clock.now)
    assert "Activations claimed 2" in words(client.get("/team/card"))
    clock.advance(days=1)
    sign_in(client, database, place.coordinator, now=clock.now)
    assert "Activations claimed 2" in words(client.get("/coordination"))


def test_late_records_corrections_and_outcomes_too_are_first_the_teams_own(browser, client, database, place, clock):
    """A record of the first day arrives on the second with a correction and a held one that is let in; nobody but the
    team sees any of it, nor misses what was corrected, before the third."""
    began, late = clock.now, entry(clock.now, task=Task.LAND, mode=Mode.EXPLAINED)

    def seen(account_id, address):
        sign_in(client, database, account_id, now=clock.now)
        return words(client.get(address))

    clock.advance(days=1)
    before = seen(place.coordinator, "/coordination")
    assert "Visits 2" in before or "2 1 100.0% 2 of 2 2 100.0% 1 of 1" in before, before

    def arrive(db):
        first = db.query(AssistanceEvent).filter(AssistanceEvent.pseudonym.is_(None)).one()
        take_in(db, place.member, late, now=clock.now)
        again = entry(began, supersedes=first.id, task=Task.LAND, mode=Mode.EXPLAINED)
        take_in(db, place.member, again, now=clock.now)
        lost = entry(began, supersedes=uuid4(), task=Task.LAND)
        take_in(db, place.member, lost, now=began)
        take_in(db, place.member, entry(began, id=lost.supersedes), now=clock.now)
        settle_corrections(db, place.member, now=clock.now)

    write(database, arrive)
    assert seen(place.coordinator, "/coordination").split("Teams", 1)[1] == before.split("Teams", 1)[1]
    assert "Activations claimed 1" in seen(place.member, "/team/card")
    clock.advance(days=1)
    after = seen(place.coordinator, "/coordination")
    assert "Activations claimed 1" in after and "4 1 " in after, after


def test_claimed_and_confirmed_stand_apart(browser, client, database, place, clock):
    clock.advance(days=1)
    sign_in(client, database, place.coordinator, now=clock.now)
    text = words(browser.get("/coordination"))
    assert "Activations claimed 2" in text
    assert "Confirmed by the system 1 / 1" in text


def test_people_who_wait_are_counted_not_named(browser):
    answer = browser.get("/coordination")
    assert "1 person waits for activation" in words(answer)
    assert "Not known: no step has failed 1 0" in words(answer)
    assert "Bình" not in words(answer)


def test_another_units_figures_and_teams_are_not_shown(browser, place):
    text = words(browser.get("/coordination"))
    assert place.here in text
    assert "Tổ bên cạnh" not in text
    assert "All units" not in text


def test_a_leader_of_the_province_sees_the_sum(client, database, place, clock):
    sign_in(client, database, place.leader, now=clock.now)
    client.set_cookie("language", "en")
    text = words(client.get("/coordination"))
    assert "All units 4 2 1 1" in text
    assert "Tổ bên cạnh" in text


def test_the_teams_of_a_province_come_in_pages_and_are_found_without_marks(client, database, place, clock):
    def found(db):
        here = db.scalars(select(Role).where(Role.account_id == place.coordinator)).one().unit_id
        for number in range(52):
            team_in(db, db.get_one(Unit, here), now=clock.now, name=f"Tổ {number}")

    write(database, found)
    sign_in(client, database, place.leader, now=clock.now)
    client.set_cookie("language", "en")
    for address in ("/coordination", "/coordination/teams"):
        first, last = client.get(address).text, client.get(f"{address}?page=9").text
        seen = [set(re.findall(r'<th scope="row">(?:<a[^>]*>)?(Tổ [^<]*)<', body)) for body in (first, last)]
        assert [len(one) for one in seen] == [50, 4], address
        assert seen[0] & seen[1] == set()
        assert "Page 2 of 2" in last
    body = client.get("/coordination/teams?q=ben canh").text
    assert "1 team<" in body
    assert "Tổ bên cạnh" in body
    assert "No team has this name" in client.get("/coordination/teams?q=cong nghe khac").text


def test_nothing_to_count_is_a_dash_and_none_is_a_zero(client, database, clock):
    def build(db):
        account = staff_account(db, "new-coordinator", now=clock.now)
        give_role(db, account.id, "coordinator", communes(db)[2].id, SYSTEM, now=clock.now)
        return account.id

    sign_in(client, database, write(database, build), now=clock.now)
    client.set_cookie("language", "en")
    answer = client.get("/coordination")
    assert "Applied 0" in words(answer)
    assert 'title="Missing: nothing to count">–' in answer.text
    assert "Nobody who lives here has applied yet." in words(answer)
    assert "%" not in words(answer).split("Main figures")[1]


def test_exact_numbers_are_no_file_and_the_page_says_where_those_to_pass_on_are(browser):
    assert browser.get("/coordination/funnel.csv").status_code == 404
    page = browser.get("/coordination")
    assert "do not pass small numbers on" in words(page)
    assert 'href="/figures"' in page.text


@pytest.mark.parametrize("text", ["=1+1", "+84", "-x", "@SUM", "\tx"])
def test_no_cell_is_run_as_a_formula(text):
    assert harmless(text) == f"'{text}"


def test_it_speaks_vietnamese(browser):
    browser.set_cookie("language", "vi")
    text = words(browser.get("/coordination"))
    assert "Tiến độ tài khoản mức độ 2" in text
    assert "66,7%" in text
    assert "Applied" not in text
