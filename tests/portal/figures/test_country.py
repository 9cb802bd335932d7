"""The whole country has its leader, its campaigns and targets; each figure is the one that everybody may know."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from identity.audit import SYSTEM, Actor
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.staff import give_role
from onboarding.campaign import (
    Aim,
    AimKind,
    Campaign,
    Order,
    Plan,
    add_task,
    close_campaign,
    goal_for,
    plan_campaign,
    possible_owners,
    progress_of,
    set_target,
)
from onboarding.campaign.model import CampaignTarget
from onboarding.figures.model import NATION
from onboarding.forecast.making import forecasts_of, places
from onboarding.forecast.model import keep
from onboarding.warnings.finding import Finding
from onboarding.warnings.handling import open_findings, owner_of
from onboarding.warnings.model import Kind
from tests.onboarding.scene import staff_account
from tests.portal.figures.conftest import WEEKS
from tests.portal.figures.test_boards import cards, counts_of, words
from tests.portal.test_campaigns import dated
from tests.portal.work_scene import sign_in, write
from tests.statements import heard

pytestmark = pytest.mark.xdist_group("figures")
MAIN, ISSUED = "activated-of-issued", "issued-of-applied"
FEWEST_IDS = 200


@pytest.fixture
def chief(database, counted, clock):
    """Who leads the country."""

    def hire(db):
        account = staff_account(db, "chief", now=clock.now, name="Hồ Thị Cả")
        give_role(db, account.id, "leader", None, SYSTEM, now=clock.now)
        return account.id

    return write(database, hire)


@pytest.fixture
def browser(client, database, chief, clock):
    sign_in(client, database, chief, now=clock.now)
    client.set_cookie("language", "en")
    return client


@pytest.fixture
def campaign(database, counted, chief, clock):
    """Of the whole country, with a share for all of it; the province has a target of its own."""

    def plan(db):
        today = today_in_vietnam(clock.now)
        days = (today - timedelta(days=300), today + timedelta(days=30))
        made = plan_campaign(
            db, Plan("Cả nước", *days, "QĐ 06", (), (), is_national=True), Actor(chief, "leader"), None, now=clock.now
        )
        set_target(db, made, Aim(MAIN, None, 800, days[1], "QĐ 06"), Actor(chief, "leader"), None, now=clock.now)
        return made.id

    return write(database, plan)


def change(database, campaign, act):
    return write(database, lambda db: act(db, db.get_one(Campaign, campaign)))


@pytest.mark.any_engine
def test_a_campaign_of_the_whole_country_is_planned_aimed_and_worked_on(browser, database, counted, chief, clock):
    today = today_in_vietnam(clock.now)
    typed = {"name": "Đề án 06", "source": "QĐ 06", "units": ["VN"], "groups": ""}
    typed |= dated("first_day", today - timedelta(days=300)) | dated("last_day", today + timedelta(days=30))
    answer = browser.post("/campaigns", data=typed)
    assert answer.status_code == 303
    aim = {"indicator": MAIN, "unit": "VN", "kind": "share", "amount": "80", "target_source": "QĐ 06"}
    aim |= dated("deadline", today + timedelta(days=30))
    assert browser.post(f"{answer.location}/targets", data=aim).status_code == 303
    task = {"title": "Mời các tỉnh họp", "task_unit": "VN", "owner": str(counted.leader)}
    task |= dated("due_on", today + timedelta(days=2))
    assert browser.post(f"{answer.location}/tasks", data=task).status_code == 303
    said = words(browser.get(answer.location))
    assert "The whole country" in said
    with database.session(write=False) as db:
        figure = progress_of(db, db.scalars(select(Campaign).where(Campaign.is_national)).one(), (), now=clock.now)[
            0
        ].figure
        some, all_ = counts_of(db, "nation", None, today - timedelta(days=300), figure.through)[1]
    assert f"{100 * some / all_:.1f}% {some} of {all_} as of" in said
    row = list(csv.reader(io.StringIO(browser.get(f"{answer.location}/tasks.csv").text)))[1]
    assert row[1:3] == ["VN", "The whole country"]


def test_the_countrys_dashboard_has_its_target_standing_and_decisions(browser, database, counted, campaign, chief):
    page = browser.get("/figures/nation?period=2026")
    said, card = words(page), cards(page)[1]
    with database.session(write=False) as db:
        assert card[:2] == counts_of(db, "nation", None, WEEKS[0].date(), card[2])[1]
    assert "short of the target" in said
    assert "Needs a decision" in said
    assert "See which units need support first." in said
    assert "Cả nước" in said, "its campaign is a period, too"
    wall = words(browser.get("/figures/nation/wall?period=2026"))
    assert "80%" in wall


@pytest.mark.any_engine
def test_a_share_of_the_country_is_aimed_at_everywhere_and_a_number_by_the_country(database, counted, campaign, clock):
    today = today_in_vietnam(clock.now)

    def aim(db, one):
        set_target(db, one, Aim(ISSUED, None, 9000, one.last_day, "QĐ 06", AimKind.COUNT), SYSTEM, None, now=clock.now)

    change(database, campaign, aim)
    with database.session(write=False) as db:
        other = places(db, now=clock.now)[2]
        goals = [goal_for(db, MAIN, place, today) for place in (NATION, other, counted.province, counted.ward)]
        assert [goal.value for goal in goals] == [0.8, 0.8, 0.85, 0.85], "the nearest one comes first"
        assert goal_for(db, ISSUED, NATION, today).value == 9000
        assert goal_for(db, ISSUED, counted.province, today) is None


def test_the_worker_forecasts_the_country_towards_its_target(browser, database, counted, campaign, clock):
    def reckon(db):
        made = next(one for one in forecasts_of(db, NATION, now=clock.now) if one.indicator == MAIN)
        keep(db, made)
        return made

    made = write(database, reckon)
    assert made.target == 0.8
    assert not made.refused
    said = words(browser.get("/figures/nation"))
    assert "The chance to reach the target by its day is" in said


@pytest.mark.any_engine
def test_no_line_of_the_country_tells_when_a_ward_gets_there_by_its_exact_counts(
    browser, database, counted, campaign, clock
):
    """What the worker forecasts of a ward is its own people's; every other line is read from published cuts."""

    def lines():
        return words(browser.get("/figures/nation/units"))

    def leave_the_country_alone(db):
        db.execute(update(CampaignTarget).where(CampaignTarget.unit_id.is_not(None)).values(ended_at=clock.now))

    write(database, leave_the_country_alone)
    before = lines()

    def reckon(db):
        for unit in counted.wards[:2]:
            made = next(one for one in forecasts_of(db, unit, now=clock.now, towards_goals=True))
            keep(db, replace(made, refused=None, reached_middle=date(2031, 2, 3)))

    write(database, reckon)
    assert lines() == before


@pytest.mark.any_engine
def test_others_see_a_campaign_of_the_country_and_only_the_country_changes_it(
    client, browser, database, counted, campaign, clock
):
    sign_in(client, database, counted.leader, now=clock.now)
    page = client.get(f"/campaigns/{campaign}")
    assert page.status_code == 200
    assert "Set a target" not in page.text
    assert "Cả nước" in client.get("/campaigns").text
    assert 'value="VN"' not in client.get("/campaigns").text
    by, today = Actor(counted.leader, "leader"), today_in_vietnam(clock.now)
    with database.session(write=False) as db:
        one = db.get_one(Campaign, campaign)
        with pytest.raises(Refused, match="campaign-not-yours"):
            set_target(db, one, Aim(MAIN, None, 1, one.last_day, "x"), by, {counted.province}, now=clock.now)
        for units, is_national in (((), True), ((), False), ((counted.province,), True)):
            plan = Plan("x", today, today, "y", units, (), is_national)
            with pytest.raises(Refused, match="campaign-unit"):
                plan_campaign(db, plan, by, {counted.province} if not units else None, now=clock.now)


@pytest.mark.any_engine
def test_in_a_campaign_of_units_nothing_is_aimed_at_for_the_country(database, counted, chief, clock):
    with database.session(write=False) as db:
        one = db.get_one(Campaign, counted.campaign)
        with pytest.raises(Refused, match="target-unit"):
            set_target(db, one, Aim(MAIN, None, 1, one.last_day, "x"), SYSTEM, None, now=clock.now)
        order = Order("Họp", None, chief, one.last_day)
        with pytest.raises(Refused, match="task-unit"):
            add_task(db, one, order, SYSTEM, None, now=clock.now, on=today_in_vietnam(clock.now))


@pytest.mark.any_engine
def test_tasks_of_the_country_go_to_the_country_and_its_provinces(
    client, browser, database, counted, campaign, chief, clock
):
    today = today_in_vietnam(clock.now)

    def give(db, one):
        owners = {account.id for account in possible_owners(db, one, on=today)}
        assert owners == {chief, counted.leader}, "a ward's coordinator has tasks from the province"
        assert chief in {a.id for a in possible_owners(db, db.get_one(Campaign, counted.campaign), on=today)}
        order = Order("Họp các tỉnh", None, counted.leader, today)
        task = add_task(db, one, order, Actor(chief, "leader"), None, now=clock.now, on=today)
        task.due_on = today - timedelta(days=3)
        return task.id

    task = change(database, campaign, give)
    assert "1 task is past its last day" in words(browser.get("/campaigns"))
    assert browser.get(f"/campaigns/tasks/{task}").status_code == 200
    assert "1 task is past its day" in words(browser.get("/figures/nation"))
    sign_in(client, database, counted.coordinator, now=clock.now)
    assert client.get(f"/campaigns/tasks/{task}").status_code == 404
    sign_in(client, database, counted.leader, now=clock.now)
    page = client.get(f"/campaigns/tasks/{task}")
    assert "The whole country" in words(page)
    answer = client.post(f"/campaigns/tasks/{task}", data={"seen": "open", "to": "done", "note": ""})
    assert answer.status_code == 303


@pytest.mark.any_engine
def test_a_closed_campaign_of_the_country_keeps_its_result(database, counted, campaign, chief, clock):
    by = Actor(chief, "leader")

    def close(db, one):
        one.last_day = today_in_vietnam(clock.now) - timedelta(days=1)
        with pytest.raises(Refused, match="campaign-not-yours"):
            close_campaign(db, one, by, {counted.province}, now=clock.now)
        before = progress_of(db, one, (), now=clock.now)[0].figure
        close_campaign(db, one, by, None, now=clock.now)
        kept = progress_of(db, one, (), now=clock.now)[0].figure
        assert (kept.numerator, kept.denominator) == (before.numerator, before.denominator)
        assert kept.denominator

    change(database, campaign, close)


@pytest.mark.any_engine
def test_what_is_late_goes_up_to_the_country_at_last(browser, database, counted, chief, clock):
    today = today_in_vietnam(clock.now)
    facts = {"part": "numerator", "day": today.isoformat(), "number": 9, "most": 1}
    finding = Finding(Kind.JUMP, "x", counted.ward, facts, indicator=MAIN)

    def find(db):
        open_findings(db, [finding], now=clock.now)
        return owner_of(db, counted.ward, on=today, above=counted.leader)

    assert write(database, find) == chief
    assert "A day far above every day before" in words(browser.get("/warnings"))


@pytest.mark.any_engine
def test_work_with_people_and_teams_is_that_of_units(browser, counted):
    assert browser.get("/figures").location.endswith("/figures/nation")
    for path in ("/coordination", "/coordination/calls", "/coordination/teams", "/training/figures"):
        assert browser.get(path).status_code == 403, path
    page = browser.get("/campaigns").text
    assert "/coordination/calls" not in page
    assert "/warnings" in page


def test_no_page_of_the_country_names_every_unit(browser, database, counted, campaign):
    """The reach is asked for as a whole: 3,321 communes never go into a statement."""
    for path in (
        "/figures/nation",
        f"/figures/units/{counted.ward}",
        "/campaigns",
        f"/campaigns/{campaign}",
        "/warnings",
    ):
        with heard(database) as statements:
            assert browser.get(path).status_code == 200
        assert len(statements) <= 26, (path, len(statements))
        assert max(one.count("?") + one.count("%(") for one in statements) < FEWEST_IDS, path
