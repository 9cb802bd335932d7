"""The four figures: how they went on from the time before, numbers that are aimed at, and tables that add up."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import bindparam, select, text

from identity.account import Account
from identity.audit import Actor
from identity.deadlines import today_in_vietnam
from identity.person import Person
from identity.places import Unit
from onboarding.campaign import Aim, AimKind, Campaign, Goal, Standing, set_target
from onboarding.figures.facts import count_anew
from onboarding.figures.published import Published, Status
from onboarding.figures.registry import get_indicator
from onboarding.warnings.finding import Finding
from onboarding.warnings.handling import open_findings
from onboarding.warnings.model import Kind
from portal.figures.board import Shown
from portal.figures.charts import GOOD, bullet
from portal.figures.course import changed
from tests.onboarding.test_indicators import applied
from tests.portal.figures.conftest import WEEKS
from tests.portal.figures.test_boards import cards, counts_of, words
from tests.portal.work_scene import sign_in, write

pytestmark = [pytest.mark.xdist_group("figures"), pytest.mark.any_engine]
LAST = today_in_vietnam(WEEKS[-1])
SEPTEMBER, OCTOBER = (date(2026, 9, 1), date(2026, 9, 30)), (date(2026, 10, 1), date(2026, 10, 31))


@pytest.fixture
def looking(client, database, counted, clock):
    """Of a role of the fixture, at a page of figures, or another with its whole address, in English."""

    def look(role, path):
        sign_in(client, database, getattr(counted, role), now=clock.now)
        client.set_cookie("language", "en")
        return client.get(path if path.startswith("/") else f"/figures/{path}")

    return look


def percent(pair):
    return f"{100 * pair[0] / pair[1]:.1f}%"


def test_a_figure_says_how_it_went_on_by_what_sql_counts(looking, database, counted, clock):
    with database.transaction() as db:
        at = next(week for week in WEEKS if today_in_vietnam(week) >= OCTOBER[0])
        for _ in range(8):
            applied(db, db.get_one(Unit, counted.ward), at)
        db.flush()
        count_anew(db, {today_in_vietnam(at)}, now=clock.now)
    said = words(looking("coordinator", f"units/{counted.ward}?period=2026-10"))
    with database.session(write=False) as db:
        was, is_ = (counts_of(db, "ward", counted.ward, *month)[0] for month in (SEPTEMBER, OCTOBER))
        activated = counts_of(db, "ward", counted.ward, *SEPTEMBER)[1]
    down = f"{round(100 * was[0] / was[1] - 100 * is_[0] / is_[1], 1)} points"
    assert f"down {down} on the time before ({percent(was)}: {was[0]} of {was[1]})" in said
    assert f"as in the time before ({percent(activated)}: {activated[0]} of {activated[1]})" in said


def test_what_was_hidden_before_stays_hidden(looking, counted):
    for week in ("2026-W38", "2026-W39"):
        said = words(looking("coordinator", f"units/{counted.wards[2]}?period={week}"))
        assert "the time before (" not in said
    exact = words(looking("leader", f"units/{counted.wards[2]}?period=2026-10"))
    assert "the time before (" not in exact, "three people in September, nobody in October"


@pytest.mark.parametrize(
    ("was", "is_", "said"),
    [
        ((40, 100), (50, 100), "up 10.0 points on the time before (40.0%: 40 of 100)"),
        ((1500, 2000), (50, 100), "down 25.0 points on the time before (75.0%: 1,500 of 2,000)"),
        ((4000, 10000), (40001, 100000), "as in the time before (40.0%: 4,000 of 10,000)"),
        ((0, 20), (0, 10), "as in the time before (0.0%: 0 of 20)"),
        (None, (1, 2), None),
        ((1, 2), None, None),
    ],
)
def test_up_down_and_the_same(app, was, is_, said):
    def figure(pair):
        return Published(Status.VALUE, *pair) if pair else Published(Status.SUPPRESSED)

    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert changed(Shown(get_indicator("own-hand"), figure(is_), time_before=figure(was))) == said


@pytest.mark.parametrize(("code", "standing"), [("own-hand", Standing.REACHED), ("unmet-need", Standing.BEHIND)])
def test_a_card_stands_as_its_indicator_says_and_is_green_only_then(code, standing):
    one, goal = get_indicator(code), Goal(0.5, True, date(2026, 12, 31), "QĐ 1", UUID(int=0))
    assert Shown(one, Published(Status.VALUE, 6, 10), goal).standing is standing
    assert (GOOD in bullet(one, 0.6, 0.5, "")) is (standing is Standing.REACHED)


def aim(database, counted, unit_id, amount, due):
    by = Actor(counted.leader, "leader")

    def act(db):
        one = Aim("issued-of-applied", unit_id, amount, due, "KH 7", AimKind.COUNT)
        set_target(db, db.get_one(Campaign, counted.campaign), one, by, {counted.province}, now=WEEKS[-1])

    write(database, act)


@pytest.mark.parametrize(("amount", "state"), [(10, "Reached"), (180, "On course"), (100_000, "Behind")])
def test_a_number_aimed_at_stands_beside_what_was_counted_since(looking, database, counted, clock, amount, state):
    with database.session(write=False) as db:
        first, due = (lambda one: (one.first_day, one.last_day))(db.get_one(Campaign, counted.campaign))
        so_far = counts_of(db, "ward", counted.ward, first, today_in_vietnam(clock.now))[0][0]
    aim(database, counted, counted.ward, amount, due)
    answer = looking("coordinator", f"units/{counted.ward}?period=2026-09")
    card = words(answer).split("Issued of applied")[2].split("Activated of issued")[0]
    assert f"{so_far} of the {amount:,} aimed at, since" in card and state in card
    assert f"target of {amount:,} until" in card and "KH 7" in card
    assert cards(answer)[0][:2] == (88, 120), "the figure itself is of the chosen time"


def test_a_number_is_aimed_at_by_its_own_unit_alone(looking, database, counted):
    aim(database, counted, counted.province, 5_000, LAST + timedelta(days=10))
    assert "target of 5,000" in words(looking("leader", f"units/{counted.province}"))
    assert "5,000" not in words(looking("leader", f"units/{counted.ward}")), "a ward is not behind the whole province"


def test_who_waits_waits_now_whatever_time_is_looked_at(looking, counted):
    for period in ("2026-09", "2025"):
        said = words(looking("coordinator", f"units/{counted.ward}?period={period}"))
        assert "100 people wait for activation" in said, period


def test_nobody_waits_for_an_account_that_was_closed(looking, database, counted):
    """On the board of the ward, on the desk's list of what stands in the way, and in the column of who waits."""
    issued = select(Account).join(Person, Person.id == Account.person_id)
    issued = issued.where(Person.unit_id == counted.ward, Account.state == "issued")

    def close_some(db):
        for account in db.scalars(issued.limit(7)):
            account.state = "closed"

    write(database, close_some)
    with database.session(write=False) as db:
        by_sql = "SELECT count(*) FROM account a JOIN person p ON p.id = a.person_id WHERE a.kind = 'resident'"
        waits = bindparam("unit", counted.ward, Person.unit_id.type)
        waiting = db.scalar(text(f"{by_sql} AND a.state = 'issued' AND p.unit_id = :unit").bindparams(waits))
    assert waiting == 93
    assert "93 people wait for activation" in words(looking("coordinator", f"units/{counted.ward}"))
    left = words(looking("leader", f"units/{counted.province}"))
    assert re.search(r"By \d+ \w+ 2026 \d+ issued accounts were not activated", left), "published, so its day is said"
    overview = words(looking("coordinator", "/coordination"))
    assert "93 people wait for activation" in overview and "300 220 120 93 " in overview


def test_a_team_stands_against_the_targets_of_its_unit_and_what_it_did_before(looking, database, counted, clock):
    by = Actor(counted.leader, "leader")

    def act(db):
        campaign = db.get_one(Campaign, counted.campaign)
        aim = Aim("own-hand", counted.province, 700, campaign.last_day, "KH 8")
        set_target(db, campaign, aim, by, {counted.province}, now=clock.now)
        odd = [Finding(Kind.BURST, "burst", counted.ward, {}, team_id=counted.team)]
        odd += [Finding(Kind.SILENT, "silent", counted.ward, {}, team_id=counted.other_team)]
        open_findings(db, odd, now=clock.now)

    write(database, act)
    day = LAST + timedelta(days=1)
    said = words(looking("coordinator", f"teams/{counted.team}?period={day}"))
    with database.session(write=False) as db:
        own, was = (counts_of(db, "ward", counted.ward, one, one)[3] for one in (day, LAST))
    assert own[1] and was[1]
    assert f"{percent(own)} / 70%" in said and "KH 8" in said and f"{own[0]} of {own[1]}" in said
    assert f"the time before ({percent(was)}: {was[0]} of {was[1]})" in said
    assert f"records of help that count; {was[1]} in the time before" in said
    assert "1 warning is open" in said and "visits got stuck" in said
    own_people = words(looking("member", f"teams/{counted.team}"))
    assert "Needs a decision" not in own_people and "Print one page" in own_people


def test_hidden_is_said_to_be_hidden_and_not_uncounted(looking, counted):
    said = words(looking("coordinator", f"units/{counted.wards[2]}"))
    assert "Activated of issued: too few people to show" in said and "Nothing is counted here yet" not in said


@pytest.mark.parametrize("map_", ["then", "now"])
def test_a_table_to_take_along_adds_up(looking, database, counted, map_):
    answer = looking("leader", f"units/{counted.province}/figures.csv?period=2026&map={map_}")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    totals = {row["indicator"]: row for row in rows if row["unit_code"] == counted.province_code}
    rests = {row["indicator"]: row for row in rows if row["unit_code"] == "unallocated"}
    assert rests and all(row["unit_name"] == "Unallocated" for row in rests.values())
    for code, total in totals.items():
        parts = [row for row in rows if row["indicator"] == code and row is not total and row["numerator"]]
        rest = rests.get(code)
        for part in ("numerator", "denominator") if total["numerator"] else ():
            left = int(total[part]) - sum(int(row[part]) for row in parts)
            assert left == 0 or (rest is not None and rest["status"] == "suppressed")
        assert rest is None or rest["status"] != "value" or int(rest["denominator"]) >= 10, "few people stay hidden"
