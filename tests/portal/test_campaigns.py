"""Campaigns on the page: planned, aimed, worked on, by those whose units they are; errors keep what was typed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from identity.account import Account
from identity.audit import SYSTEM, Actor, AuditEvent, Event
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.outbox import OutboxMessage
from identity.sealed import add
from identity.staff import give_role
from identity.staff.idle import suspend
from identity.staff.record import StaffRecord
from onboarding.campaign import (
    Aim,
    AimKind,
    Campaign,
    CampaignTask,
    HandOver,
    Order,
    Plan,
    Standing,
    TaskState,
    Wish,
    add_task,
    ask_more_time,
    changes_of,
    close_campaign,
    count_overdue,
    give_more_time,
    goal_for,
    hand_over_task,
    keep_day,
    move_task,
    plan_campaign,
    progress_of,
    set_target,
    targets_of,
    tasks_that_ask,
    warn_of_overdue,
)
from onboarding.campaign.model import CampaignTarget
from onboarding.campaign.progress import standing_of
from onboarding.figures.published import Published, Status
from onboarding.figures.refresh import count_some, mark_all
from tests.onboarding.figures_scene import publish
from tests.onboarding.scene import activate, communes, staff_account
from tests.onboarding.test_figures import issued
from tests.onboarding.test_indicators import applied
from tests.portal.work_scene import sign_in, write
from tests.races.at_once import CALLERS, at_once


class Place:
    """What the tests look at."""


@pytest.fixture
def place(database, clock):
    found, now = Place(), clock.now

    def build(db):
        here, beside, _ = communes(db)
        found.here, found.beside, found.province = here.id, beside.id, here.parent_id
        found.coordinator = staff_account(db, "coordinator", now=now, name="Bùi Thị Điều").id
        give_role(db, found.coordinator, "coordinator", here.id, SYSTEM, now=now)
        found.elsewhere = staff_account(db, "elsewhere", now=now, name="Võ Văn Khác").id
        give_role(db, found.elsewhere, "coordinator", beside.id, SYSTEM, now=now)
        found.leader = staff_account(db, "leader", now=now, name="Đặng Văn Lãnh").id
        give_role(db, found.leader, "leader", here.parent_id, SYSTEM, now=now)
        found.person = issued(db, here, now)
        applied(db, here, now)

    write(database, build)
    found.by = Actor(found.coordinator, "coordinator")
    found.today = today_in_vietnam(now)
    return found


@pytest.fixture
def campaign(database, place, clock):
    """Of twenty days; today is the tenth."""
    first, last = place.today - timedelta(days=9), place.today + timedelta(days=10)
    plan = Plan("Kích hoạt mùa thu", first, last, "12/KH-UBND", (place.here,), ("Tổ 1", "Tổ 2"))
    return write(database, lambda db: plan_campaign(db, plan, place.by, {place.here}, now=clock.now).id)


@pytest.fixture
def browser(client, database, clock):
    def as_(account):
        client.set_cookie("language", "en")
        sign_in(client, database, account, now=clock.now)
        return client

    return as_


def dated(name, day):
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def planned(place, **changed):
    typed = {"name": "Mùa xuân", "source": "5/KH-UBND", "units": [str(place.here)], "groups": "Tổ A\n\n Tổ B "}
    days = dated("first_day", place.today) | dated("last_day", place.today + timedelta(days=30))
    return typed | days | changed


def aim(place, indicator="activated-of-issued", amount=765, unit=None, days=10, kind=AimKind.SHARE):
    return Aim(indicator, unit or place.here, amount, place.today + timedelta(days=days), "QĐ 1", kind)


def counted(database, now):
    """As the worker counts."""
    with database.transaction() as db:
        mark_all(db)
        while count_some(db, now=now):
            pass


def letters(database, kind="tasks-overdue"):
    with database.session(write=False) as db:
        query = select(OutboxMessage.recipient_id).where(OutboxMessage.kind == kind)
        return Counter(db.scalars(query))


def with_addresses(place, database, clock):
    def invite(db):
        for account in (place.leader, place.coordinator):
            add(db, StaffRecord(account_id=account, invited_at=clock.now), email="viec@example.vn")

    write(database, invite)


def change(database, campaign, act):
    return write(database, lambda db: act(db, db.get_one(Campaign, campaign)))


@pytest.mark.any_engine
def test_a_campaign_is_planned_and_seen_in_its_units_below_and_above(browser, place):
    answer = browser(place.coordinator).post("/campaigns", data=planned(place))
    assert answer.status_code == 303
    page = browser(place.leader).get(answer.location)
    assert "2 working groups" in page.text
    assert "Tổ A" in page.text
    assert "Mùa xuân" in browser(place.leader).get("/campaigns").text
    assert browser(place.elsewhere).get(answer.location).status_code == 404
    assert "No campaign concerns these units yet." in browser(place.elsewhere).get("/campaigns").text


@pytest.mark.any_engine
def test_an_end_before_the_beginning_is_refused_and_what_was_typed_stays(browser, place):
    wrong = planned(place, **dated("last_day", place.today - timedelta(days=1)))
    answer = browser(place.coordinator).post("/campaigns", data=wrong)
    assert "The last day must not lie before the first" in answer.text
    assert 'value="Mùa xuân"' in answer.text


@pytest.mark.any_engine
def test_units_of_others_cannot_be_slipped_in(browser, place, database):
    browser(place.coordinator).post("/campaigns", data=planned(place, units=[str(place.beside)]))
    with database.session(write=False) as db:
        assert db.scalars(select(Campaign)).all() == []
        with pytest.raises(Refused, match="campaign-unit"):
            plan = Plan("x", place.today, place.today, "y", (place.beside,))
            plan_campaign(db, plan, place.by, {place.here}, now=None)


@pytest.mark.any_engine
def test_a_target_shows_its_figure_with_the_denominator_and_how_it_stands(browser, place, database, campaign, clock):
    counted(database, clock.now)
    form = {"indicator": "activated-of-issued", "unit": str(place.here), "amount": "76,5 %", "target_source": "QĐ 1"}
    form["kind"] = "share"
    form |= dated("deadline", place.today + timedelta(days=9))
    answer = browser(place.coordinator).post(f"/campaigns/{campaign}/targets", data=form)
    assert answer.status_code == 303
    text = " ".join(browser(place.coordinator).get(answer.location).text.split())
    assert "76.5%" in text
    assert "0 of 1" in text
    assert "Behind" in text
    write(database, lambda db: activate(db, place.person, now=clock.now))
    counted(database, clock.now + timedelta(minutes=1))
    page = browser(place.coordinator).get(answer.location).text
    assert "Reached" in page
    assert "as of" in page


def test_figures_of_a_target_are_those_of_plain_sql(place, database, campaign, clock):
    write(database, lambda db: activate(db, place.person, now=clock.now))
    counted(database, clock.now)
    aims = (("activated-of-issued", 1, AimKind.COUNT), ("issued-of-applied", 500, AimKind.SHARE))
    aims += (("activated-of-applied", 900, AimKind.SHARE), ("checks-passed", 900, AimKind.SHARE))
    for code, amount, kind in aims:
        change(database, campaign, lambda db, one, c=code, a=amount, k=kind: set_target(
            db, one, aim(place, c, a, kind=k), place.by, {place.here}, now=clock.now))  # fmt: skip
    found = progress(database, campaign, {place.here}, clock.now)
    assert {code: (one.figure.numerator, one.figure.denominator) for code, one in found.items()} == {
        "activated-of-issued": (1, 1), "issued-of-applied": (1, 2), "activated-of-applied": (1, 2),
        "checks-passed": (None, None),
    }  # fmt: skip
    assert {code: one.standing for code, one in found.items()} == {
        "activated-of-issued": Standing.REACHED, "issued-of-applied": Standing.REACHED,
        "activated-of-applied": Standing.BEHIND, "checks-passed": Standing.NOTHING_TO_COUNT,
    }  # fmt: skip


def progress(database, campaign, exact, now):
    with database.session(write=False) as db:
        found = progress_of(db, db.get_one(Campaign, campaign), exact, now=now)
        return {one.of.target.indicator: one for one in found}


@pytest.mark.parametrize(
    ("indicator", "some", "standing"),
    [
        ("activated-of-issued", 390, Standing.BEHIND),
        ("activated-of-issued", 807, Standing.BEHIND),
        ("activated-of-issued", 808, Standing.NEAR),
        ("activated-of-issued", 850, Standing.REACHED),
        ("guided-adults", 424, Standing.BEHIND),
        ("guided-adults", 425, Standing.ON_COURSE),
        ("unmet-need", 850, Standing.REACHED),
        ("unmet-need", 851, Standing.NEAR),
        ("unmet-need", 894, Standing.NEAR),
        ("unmet-need", 895, Standing.BEHIND),
    ],
)
def test_only_what_grows_is_compared_with_the_days_that_have_gone_by(place, indicator, some, standing):
    """Of 85 % in the middle of a campaign: who activates of those issued is not half as many by then."""
    target = CampaignTarget(indicator=indicator, kind="share", aim=850, deadline=place.today + timedelta(days=9))
    figure = Published(Status.VALUE, some, 1000)
    assert standing_of(place.today - timedelta(days=10), target, figure, place.today + timedelta(days=-1)) is standing


@pytest.mark.parametrize(
    ("day", "some", "standing"),
    [
        (9, 425, Standing.ON_COURSE),
        (9, 426, Standing.BEHIND),
        (19, 850, Standing.ON_COURSE),
        (19, 851, Standing.MISSED),
        (20, 850, Standing.REACHED),
        (20, 851, Standing.MISSED),
    ],
)
def test_a_number_of_which_less_is_better_is_a_limit_that_is_kept_when_its_days_are_over(place, day, some, standing):
    """At most 850 in twenty days: what is counted never grows less."""
    first = place.today
    target = CampaignTarget(indicator="returned", kind="count", aim=850, deadline=first + timedelta(days=19))
    assert standing_of(first, target, Published(Status.VALUE, some, 9000), first + timedelta(days=day)) is standing


def test_a_target_of_which_less_is_better_says_so(browser, place, campaign):
    form = {"indicator": "unmet-need", "unit": str(place.here), "amount": "10", "target_source": "QĐ 1"}
    form |= dated("deadline", place.today + timedelta(days=9)) | {"kind": "share"}
    seen = browser(place.coordinator)
    page = seen.post(f"/campaigns/{campaign}/targets", data=form, follow_redirects=True).text
    assert "at most 10.0%" in page
    assert "Unmet need (less is better)" in page
    seen.set_cookie("language", "vi")
    assert "không quá 10,0" in seen.get(f"/campaigns/{campaign}").text


@pytest.mark.any_engine
def test_above_the_ward_a_target_shows_the_published_figure_which_hides_small_counts(
    browser, place, database, campaign, clock
):
    change(database, campaign, lambda db, one: set_target(db, one, aim(place), place.by, {place.here}, now=clock.now))
    counted(database, clock.now)
    with database.transaction() as db:
        publish(db, clock.now + timedelta(days=1))
    hidden = progress(database, campaign, set(), clock.now)["activated-of-issued"]
    assert (hidden.figure.status, hidden.figure.numerator) == (Status.SUPPRESSED, None)
    assert hidden.standing is Standing.HIDDEN
    assert "Too few to be shown" in browser(place.leader).get(f"/campaigns/{campaign}").text
    assert "Too few to be shown" not in browser(place.coordinator).get(f"/campaigns/{campaign}").text


@pytest.mark.any_engine
def test_a_target_that_was_not_reached_is_missed_after_its_day_and_not_begun_before_the_first(
    place, database, campaign, clock
):
    counted(database, clock.now)
    change(database, campaign, lambda db, one: set_target(
        db, one, aim(place, "issued-of-applied", 2, kind=AimKind.COUNT), place.by, {place.here}, now=clock.now
    ))  # fmt: skip
    days = ((-10, Standing.NOT_BEGUN), (0, Standing.ON_COURSE), (10, Standing.BEHIND), (11, Standing.MISSED))
    for later, standing in days:
        found = progress(database, campaign, {place.here}, clock.now + timedelta(days=later))
        assert found["issued-of-applied"].standing is standing


def test_a_new_target_takes_the_place_of_the_one_before_which_stays_on_record(place, database, campaign, clock):
    for amount in (500, 700):
        change(database, campaign, lambda db, one, a=amount: set_target(
            db, one, aim(place, amount=a), place.by, {place.here}, now=clock.now))  # fmt: skip
    with database.session(write=False) as db:
        assert [one.target.aim for one in targets_of(db, db.get_one(Campaign, campaign))] == [700]


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount": 0}, "target-amount"),
        ({"amount": 1001}, "target-amount"),
        ({"days": 11}, "target-deadline"),
        ({"days": -10}, "target-deadline"),
        ({"days": -1}, "target-past"),
        ({"indicator": "made-up"}, "target-indicator"),
    ],
)
def test_targets_that_cannot_be_are_refused(place, database, campaign, clock, changed, code):
    with database.session(write=True) as db, pytest.raises(Refused, match=code):
        set_target(db, db.get_one(Campaign, campaign), aim(place, **changed), place.by, {place.here}, now=clock.now)


@pytest.mark.any_engine
def test_a_target_outside_of_the_campaign_or_by_somebody_else_is_refused(place, database, campaign, clock):
    with database.session(write=True) as db:
        one = db.get_one(Campaign, campaign)
        with pytest.raises(Refused, match="target-unit"):
            set_target(db, one, aim(place, unit=place.beside), place.by, {place.here}, now=clock.now)
        with pytest.raises(Refused, match="campaign-not-yours"):
            set_target(db, one, aim(place), place.by, {place.beside}, now=clock.now)


def given(db, campaign, place, now, *, due=2, title="Mở bàn hỗ trợ ở nhà văn hoá", owner=None):
    order = Order(title, place.here, owner or place.coordinator, place.today + timedelta(days=due))
    return add_task(db, db.get_one(Campaign, campaign), order, place.by, {place.here}, now=now, on=place.today)


def test_a_task_goes_from_hand_to_done_and_keeps_its_steps(browser, place, database, campaign, clock):
    task = write(database, lambda db: given(db, campaign, place, clock.now).id)
    opened = browser(place.coordinator)
    for seen, to, note in (("open", "doing", ""), ("doing", "done", "Xong sáng nay")):
        answer = opened.post(f"/campaigns/tasks/{task}", data={"seen": seen, "to": to, "note": note})
        assert answer.status_code == 303
    page = opened.get(f"/campaigns/tasks/{task}").text
    assert page.index("To be done") < page.index("In hand ·") < page.index("Done ·")
    assert "Xong sáng nay" in page
    assert browser(place.elsewhere).get(f"/campaigns/tasks/{task}").status_code == 404


@pytest.mark.any_engine
def test_a_task_is_not_dropped_without_a_word_and_the_note_stays(browser, place, database, campaign, clock):
    task = write(database, lambda db: given(db, campaign, place, clock.now).id)
    opened = browser(place.coordinator)
    answer = opened.post(f"/campaigns/tasks/{task}", data={"seen": "open", "to": "dropped", "note": " "})
    assert "Say why the task is dropped." in answer.text
    named = {"seen": "open", "to": "dropped", "note": "gọi 0912345678"}
    answer = opened.post(f"/campaigns/tasks/{task}", data=named)
    assert "gọi 0912345678" in answer.text
    for to in ("open", "flying", ""):
        again = opened.post(f"/campaigns/tasks/{task}", data={"seen": "open", "to": to, "note": "x"})
        assert "does not follow" in again.text


def test_many_tasks_come_in_pages(browser, place, database, campaign, clock):
    for number in range(53):
        write(database, lambda db, n=number: given(db, campaign, place, clock.now, title=f"Việc {n}"))
    client, address = browser(place.coordinator), f"/campaigns/{campaign}"
    assert client.get(address).text.count("Việc ") == 50
    assert client.get(f"{address}?page=2").text.count("Việc ") == 3


def test_of_two_who_move_a_task_at_once_one_wins(place, database, campaign, clock):
    task = write(database, lambda db: given(db, campaign, place, clock.now).id)

    def move():
        with database.transaction() as db:
            try:
                move_task(db, db.get_one(CampaignTask, task), "open", TaskState.DOING, "", place.by, now=clock.now)
            except Refused as refusal:
                return refusal.code
        return "won"

    assert Counter(at_once(move)) == {"won": 1, "changed-meanwhile": CALLERS - 1}


@pytest.mark.any_engine
def test_what_is_past_its_day_says_so_until_it_is_done(browser, place, database, campaign, clock):
    task = write(database, lambda db: given(db, campaign, place, clock.now, due=0).id)
    assert "Past its day" not in browser(place.coordinator).get(f"/campaigns/{campaign}").text
    clock.advance(days=1)
    opened = browser(place.coordinator)
    overview = opened.get("/campaigns").text
    assert "1 task is past its last day" in overview and f'href="/campaigns/tasks/{task}"' in overview, "the way to it"
    assert "Past its day" in opened.get(f"/campaigns/{campaign}").text
    opened.post(f"/campaigns/tasks/{task}", data={"seen": "open", "to": "done", "note": ""})
    assert "past its last day" not in opened.get("/campaigns").text
    with database.session(write=False) as db:
        assert count_overdue(db, place.elsewhere, {place.beside}, on=place.today + timedelta(days=1)) == 0


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"due": -1}, "task-due"),
        ({"title": "Gọi cho 0912 345 678"}, "note-has-number"),
        ({"owner": "other"}, "task-owner"),
    ],
)
def test_tasks_that_cannot_be_are_refused(place, database, campaign, clock, changed, code):
    if "owner" in changed:
        changed = {"owner": place.elsewhere}
    with database.session(write=True) as db, pytest.raises(Refused, match=code):
        given(db, campaign, place, clock.now, **changed)


@pytest.mark.any_engine
def test_the_page_of_a_leader_gives_a_task_to_the_coordinator_of_a_ward(browser, place, campaign):
    form = {"title": "Đi từng ngõ", "task_unit": str(place.here), "owner": str(place.coordinator)}
    form |= dated("due_on", place.today)
    answer = browser(place.leader).post(f"/campaigns/{campaign}/tasks", data=form)
    assert answer.status_code == 303
    assert "Bùi Thị Điều" in browser(place.leader).get(answer.location).text
    empty = browser(place.leader).post(f"/campaigns/{campaign}/tasks", data=form | {"title": ""})
    assert empty.status_code == 200
    assert "There is 1 thing to correct" in empty.text


@pytest.mark.any_engine
def test_the_owner_and_who_gave_a_late_task_hear_of_it_once(place, database, campaign, clock):
    with_addresses(place, database, clock)
    for due in (0, 5):
        write(database, lambda db, due=due: given(db, campaign, place, clock.now, due=due, owner=place.leader))
    for days, told in ((0, 0), (1, 1), (1, 0), (5, 0), (6, 1)):
        assert write(database, lambda db, days=days: warn_of_overdue(db, now=clock.now + timedelta(days=days))) == told
    assert letters(database) == {place.leader: 2, place.coordinator: 2}


@pytest.mark.any_engine
def test_of_what_is_done_nobody_hears(place, database, campaign, clock):
    task = write(database, lambda db: given(db, campaign, place, clock.now, due=0).id)
    write(database, lambda db: move_task(
        db, db.get_one(CampaignTask, task), "open", TaskState.DONE, "", place.by, now=clock.now))  # fmt: skip
    assert write(database, lambda db: warn_of_overdue(db, now=clock.now + timedelta(days=3))) == 0
    assert not letters(database)


def of_leader(place, database, campaign, clock):
    """A task that the leader of the province gave the ward's coordinator until today."""
    with_addresses(place, database, clock)
    order = Order("Đi từng ngõ", place.here, place.coordinator, place.today)
    boss = Actor(place.leader, "leader")
    one = change(database, campaign, lambda db, it: add_task(
        db, it, order, boss, {place.province, place.here}, now=clock.now, on=place.today).id)  # fmt: skip
    return one, boss


def other_leader(db, place, now):
    """A second one of the province, whom letters reach."""
    account = staff_account(db, "second", now=now, name="Lý Thị Hai").id
    give_role(db, account, "leader", place.province, SYSTEM, now=now)
    add(db, StaffRecord(account_id=account, invited_at=now), email="hai@example.vn")
    return account


def timed(place, days=5, reason="Cầu bị ngập"):
    return dated("until", place.today + timedelta(days=days)) | {"reason": reason, "seen": place.today.isoformat()}


@pytest.mark.any_engine
def test_the_owner_asks_for_more_time_and_who_leads_gives_it(browser, place, database, campaign, clock):
    task, _boss = of_leader(place, database, campaign, clock)
    address = f"/campaigns/tasks/{task}"
    clock.advance(days=1)
    assert write(database, lambda db: warn_of_overdue(db, now=clock.now)) == 1
    opened = browser(place.coordinator)
    assert "Ask for more time" in opened.get(address).text and "Give the time" not in opened.get(address).text
    assert "Say why" not in opened.get(address).text
    assert opened.post(f"{address}/time", data=timed(place, reason="")).status_code == 200
    assert opened.post(f"{address}/time", data=timed(place) | {"do": "ask"}).status_code == 303
    assert letters(database, "task-time-asked") == {place.leader: 1}
    assert (
        "More time asked for, until 28 November 2026" in opened.get(address).text
        and "Past its day" in opened.get(address).text
    )
    assert "More time is asked for" not in opened.get("/campaigns").text, "nobody answers themselves"

    leads = browser(place.leader)
    overview = leads.get("/campaigns").text
    assert "More time is asked for" in overview and f'href="{address}#more-time"' in overview
    assert 'value="28"' in leads.get(address).text, "the day that was asked for"
    assert leads.post(f"{address}/time", data=timed(place, 6, "Nước rút") | {"do": "give"}).status_code == 303
    page = leads.get(address).text
    assert "until 29 November 2026" in page and "at first until 23 November 2026" in page and "Past its day" not in page
    assert page.index("To be done ·") < page.index("More time asked for") < page.index("More time given, until 29")
    assert "Cầu bị ngập" in page and "Nước rút" in page
    assert "at first until 23 November 2026" in leads.get(f"/campaigns/{campaign}").text
    assert "More time is asked for" not in leads.get("/campaigns").text
    assert letters(database, "task-time-answered") == {place.coordinator: 1}
    row = next(csv.DictReader(io.StringIO(leads.get(f"/campaigns/{campaign}/tasks.csv").text.removeprefix("\ufeff"))))
    assert (row["due_on"], row["first_due_on"], row["past_its_day"]) == ("2026-11-29", "2026-11-23", "no")


@pytest.mark.any_engine
def test_of_a_task_whose_people_are_shut_out_those_hear_who_lead_the_campaign(place, database, campaign, clock):
    task, _boss = of_leader(place, database, campaign, clock)
    other = write(database, lambda db: other_leader(db, place, clock.now))
    write(database, lambda db: suspend(db, db.get_one(Account, place.leader), SYSTEM, now=clock.now))
    wish = Wish(place.today, place.today + timedelta(days=5), "Mưa lũ")
    write(database, lambda db: ask_more_time(db, db.get_one(CampaignTask, task), wish, place.by, now=clock.now))
    assert letters(database, "task-time-asked") == {other: 1}, "who gave it cannot answer"
    later = clock.now + timedelta(days=1)
    write(database, lambda db: suspend(db, db.get_one(Account, place.coordinator), SYSTEM, now=clock.now))
    assert write(database, lambda db: warn_of_overdue(db, now=later)) == 1
    assert letters(database) == {other: 1}


@pytest.mark.any_engine
def test_a_day_that_was_put_off_is_counted_and_told_when_it_is_past(place, database, campaign, clock):
    task, boss = of_leader(place, database, campaign, clock)
    reach, later = {place.province, place.here}, clock.now + timedelta(days=1)

    def overdue(day):
        with database.session(write=False) as db:
            return count_overdue(db, place.coordinator, {place.here}, on=place.today + timedelta(days=day))

    assert (write(database, lambda db: warn_of_overdue(db, now=later)), overdue(1)) == (1, 1)
    for seen, until in ((0, 5), (5, 8)):
        wish = Wish(place.today + timedelta(days=seen), place.today + timedelta(days=until), "Mưa lũ")
        write(
            database, lambda db, w=wish: give_more_time(db, db.get_one(CampaignTask, task), w, boss, reach, now=later)
        )
    assert [overdue(day) for day in (1, 8, 9)] == [0, 0, 1]
    for days, told in ((8, 0), (9, 1), (10, 0)):
        assert write(database, lambda db, days=days: warn_of_overdue(db, now=clock.now + timedelta(days=days))) == told
    with database.session(write=False) as db:
        assert db.get_one(CampaignTask, task).first_due_on == place.today, "the first day, not the one before"


@pytest.mark.any_engine
def test_a_day_may_stay_and_a_task_that_is_done_asks_for_nothing(browser, place, database, campaign, clock):
    task, boss = of_leader(place, database, campaign, clock)
    reach, wish = {place.province, place.here}, Wish(place.today, place.today + timedelta(days=3), "Đang chờ máy")

    def step(act, *more):
        write(database, lambda db: act(db, db.get_one(CampaignTask, task), wish, *more, now=clock.now))

    step(ask_more_time, place.by)
    step(keep_day, boss, reach)
    with pytest.raises(Refused, match="changed-meanwhile"):
        step(keep_day, boss, reach)
    page = browser(place.coordinator).get(f"/campaigns/tasks/{task}").text
    assert "No more time given, it stays until 23 November 2026" in page and "at first" not in page
    step(ask_more_time, place.by)
    write(database, lambda db: move_task(
        db, db.get_one(CampaignTask, task), "open", TaskState.DONE, "", place.by, now=clock.now))  # fmt: skip
    with database.session(write=False) as db:
        assert tasks_that_ask(db, place.leader, reach, limit=9) == []
        assert [one.change.step for one in changes_of(db, db.get_one(CampaignTask, task))] == [
            "moved", "asked", "kept", "asked", "moved"]  # fmt: skip
    with pytest.raises(Refused, match="changed-meanwhile"):
        step(give_more_time, boss, reach)


@pytest.mark.any_engine
def test_a_task_goes_to_another_owner_with_a_reason_and_both_hear_of_it(browser, place, database, campaign, clock):
    task, boss = of_leader(place, database, campaign, clock)
    other = write(database, lambda db: other_leader(db, place, clock.now))
    wish = Wish(place.today, place.today + timedelta(days=5), "Mưa lũ")
    write(database, lambda db: ask_more_time(db, db.get_one(CampaignTask, task), wish, place.by, now=clock.now))
    clock.advance(days=1)
    assert write(database, lambda db: warn_of_overdue(db, now=clock.now)) == 1
    address, typed = f"/campaigns/tasks/{task}", {"seen": str(place.coordinator), "over-owner": str(other)}
    assert "Hand the task over" not in browser(place.coordinator).get(address).text
    leads = browser(place.leader)
    assert leads.post(f"{address}/owner", data=typed | {"over-reason": " "}).status_code == 200
    assert leads.post(f"{address}/owner", data=typed | {"over-reason": "Nghỉ thai sản"}).status_code == 303
    with database.session(write=False) as db:
        told = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.TASK_HANDED)).one()
    assert (told.actor_id, told.subject_id) == (place.leader, task)
    page = leads.get(address).text
    assert "Handed over from Bùi Thị Điều to Lý Thị Hai" in page and "Nghỉ thai sản" in page
    assert "More time asked for, until 28 November 2026</" not in page, "what the former owner asked for ended with it"
    assert letters(database, "task-handed-to") == {other: 1}
    assert letters(database, "task-handed-from") == {place.coordinator: 1}
    assert write(database, lambda db: warn_of_overdue(db, now=clock.now)) == 1, "the new owner hears that it is late"
    assert other in letters(database)
    assert leads.post(f"{address}/owner", data=typed | {"over-reason": "Lần nữa"}).status_code == 200, "seen too late"
    over = HandOver(other, place.leader, "Trả lại")
    write(database, lambda db: hand_over_task(
        db, db.get_one(CampaignTask, task), over, boss, {place.province, place.here}, now=clock.now))  # fmt: skip
    with database.session(write=False) as db:
        lines = changes_of(db, db.get_one(CampaignTask, task))
    assert [(line.before, line.after) for line in lines if line.change.step == "handed"] == [
        ("Bùi Thị Điều", "Lý Thị Hai"),
        ("Lý Thị Hai", "Đặng Văn Lãnh"),
    ]


@pytest.mark.any_engine
def test_a_task_is_not_handed_over_by_whoever_may_not_or_to_whoever_cannot_do_it(place, database, campaign, clock):
    task, boss = of_leader(place, database, campaign, clock)
    reach = {place.province, place.here}

    def tried(to, by=boss, where=None, seen=place.coordinator, reason="Ốm"):
        with database.session(write=True) as db, pytest.raises(Refused) as refused:
            over = HandOver(seen, to, reason)
            hand_over_task(db, db.get_one(CampaignTask, task), over, by, where or reach, now=clock.now)
        return refused.value.code

    assert tried(place.leader, by=place.by, where={place.here}) == "task-own-time", "another gave it to them"
    assert tried(place.leader, by=Actor(place.elsewhere, "coordinator"), where={place.beside}) == "campaign-not-yours"
    assert tried(place.elsewhere) == "task-owner", "of no unit of the campaign"
    assert tried(place.coordinator) == "task-owner", "it is theirs"
    assert tried(place.leader, seen=place.elsewhere) == "changed-meanwhile"
    assert tried(place.leader, reason="Gọi 0912345678") == "note-has-number"
    write(database, lambda db: move_task(
        db, db.get_one(CampaignTask, task), "open", TaskState.DONE, "", place.by, now=clock.now))  # fmt: skip
    assert tried(place.leader) == "changed-meanwhile"
    clock.advance(days=11)
    change(database, campaign, lambda db, one: close_campaign(db, one, boss, reach, now=clock.now))
    assert tried(place.leader) == "campaign-closed"


@pytest.mark.any_engine
def test_more_time_that_cannot_be_is_refused(place, database, campaign, clock):
    task, boss = of_leader(place, database, campaign, clock)
    reach, later = {place.province, place.here}, place.today + timedelta(days=3)

    def tried(act, until, reason, *more, seen=place.today):
        with database.session(write=True) as db, pytest.raises(Refused) as refused:
            act(db, db.get_one(CampaignTask, task), Wish(seen, until, reason), *more, now=clock.now)
        return refused.value.code

    assert tried(ask_more_time, later, "Mưa", boss) == "task-not-own"
    assert tried(give_more_time, later, "Mưa", place.by, {place.here}) == "task-own-time"
    assert tried(give_more_time, later, "Mưa", Actor(place.elsewhere, "coordinator"), {place.beside}) == (
        "campaign-not-yours"
    )
    assert tried(give_more_time, place.today, "Mưa", boss, reach) == "task-later"
    assert tried(ask_more_time, later, " ", place.by) == "task-reason"
    assert tried(ask_more_time, later, "gọi 0912345678", place.by) == "note-has-number"
    assert tried(give_more_time, later, "Mưa", boss, reach, seen=place.today - timedelta(days=1)) == "changed-meanwhile"


@pytest.mark.any_engine
def test_a_closed_campaign_keeps_its_result_whatever_is_counted_later(browser, place, database, campaign, clock):
    counted(database, clock.now)
    change(database, campaign, lambda db, one: set_target(db, one, aim(place), place.by, {place.here}, now=clock.now))
    task = write(database, lambda db: given(db, campaign, place, clock.now).id)
    opened, address = browser(place.coordinator), f"/campaigns/{campaign}/close"
    assert "A campaign is closed after its last day." in opened.post(address).text
    clock.advance(days=11)
    opened = browser(place.coordinator)
    assert "Close the campaign" in opened.get(f"/campaigns/{campaign}").text
    assert "1 task is still open" in opened.get(address).text
    assert "tasks are still open" in opened.post(address).text
    opened.post(f"/campaigns/tasks/{task}", data={"seen": "open", "to": "done", "note": ""})
    assert opened.post(address).status_code == 303
    write(database, lambda db: activate(db, place.person, now=clock.now - timedelta(days=11)))
    counted(database, clock.now + timedelta(minutes=1))
    kept = progress(database, campaign, {place.here}, clock.now)["activated-of-issued"]
    assert (kept.figure.numerator, kept.figure.denominator, kept.standing) == (0, 1, Standing.MISSED)
    page = opened.get(f"/campaigns/{campaign}").text
    assert "Closed on" in page
    assert "Set a target" not in page
    with database.session(write=True) as db:
        one = db.get_one(Campaign, campaign)
        assert goal_for(db, "activated-of-issued", place.here, one.last_day) is None
        for refused in (
            lambda: set_target(db, one, aim(place), place.by, {place.here}, now=clock.now),
            lambda: close_campaign(db, one, place.by, {place.here}, now=clock.now),
        ):
            with pytest.raises(Refused, match="campaign-closed"):
                refused()


@pytest.mark.any_engine
def test_a_task_of_a_closed_campaign_stays_as_it_is(browser, place, database, campaign, clock):
    task = write(database, lambda db: given(db, campaign, place, clock.now).id)
    address = f"/campaigns/tasks/{task}"
    browser(place.coordinator).post(address, data={"seen": "open", "to": "done", "note": ""})
    clock.advance(days=11)
    opened = browser(place.coordinator)
    assert opened.post(f"/campaigns/{campaign}/close").status_code == 303
    assert 'name="seen"' not in opened.get(address).text
    assert "closed; nothing in it changes" in opened.post(address, data={"seen": "done", "to": "open"}).text
    with database.session(write=False) as db:
        assert db.get_one(CampaignTask, task).state == TaskState.DONE


def test_of_many_who_aim_at_the_same_at_once_one_target_is_left(place, database, campaign, clock):
    def aim_at_it():
        with database.transaction() as db:
            set_target(db, db.get_one(Campaign, campaign), aim(place), place.by, {place.here}, now=clock.now)

    at_once(aim_at_it)
    with database.session(write=False) as db:
        assert len(targets_of(db, db.get_one(Campaign, campaign))) == 1


def test_of_two_who_close_a_campaign_at_once_one_wins(place, database, campaign, clock):
    clock.advance(days=11)

    def close():
        with database.transaction() as db:
            try:
                close_campaign(db, db.get_one(Campaign, campaign), place.by, {place.here}, now=clock.now)
            except Refused as refusal:
                return refusal.code
        return "won"

    assert Counter(at_once(close)) == {"won": 1, "campaign-closed": CALLERS - 1}


@pytest.mark.any_engine
def test_only_whoever_may_change_a_campaign_closes_it(browser, place, campaign):
    assert browser(place.elsewhere).get(f"/campaigns/{campaign}/close").status_code == 404
    assert browser(place.leader).get(f"/campaigns/{campaign}/close").status_code == 200


@pytest.mark.any_engine
def test_tasks_go_into_a_table_that_no_spreadsheet_runs(browser, place, database, campaign, clock):
    write(database, lambda db: given(db, campaign, place, clock.now, title="=HYPERLINK(1)", due=0))
    clock.advance(days=1)
    answer = browser(place.coordinator).get(f"/campaigns/{campaign}/tasks.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["task"], row["owner"], row["state"], row["past_its_day"]) for row in rows] == [
        ("'=HYPERLINK(1)", "Bùi Thị Điều", "To be done", "yes")
    ]
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert browser(place.elsewhere).get(f"/campaigns/{campaign}/tasks.csv").status_code == 404
