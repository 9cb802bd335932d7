"""Dashboards of places: every number is the one that plain SQL counts; exact at home, published elsewhere."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import bindparam, select, text, true

from identity.application.model import Application
from identity.deadlines import today_in_vietnam
from identity.places import Unit
from onboarding.assistance import AssistanceEvent, take_in
from onboarding.catalogue import Mode, Result, Task
from onboarding.figures.facts import count_anew
from onboarding.records import day_span
from onboarding.team import Team
from tests.onboarding.scene import entry
from tests.onboarding.test_indicators import applied
from tests.portal.figures.conftest import FEW, PACE, WEEKS, count
from tests.portal.work_scene import sign_in
from tests.statements import heard

WHERE = {
    "ward": "u.id = :unit",
    "province": "(u.id = :unit OR u.parent_id = :unit)",
    "nation": "u.id IS NOT NULL",
}
MONTHS = list(calendar.month_name)
MOST = 23
pytestmark = pytest.mark.xdist_group("figures")
SPAN = "BETWEEN :begins AND :ends"
COUNTS = {
    "applied": f"a.submitted_at {SPAN}",
    "issued": f"a.state = 'issued' AND a.closed_at {SPAN}",
    "activated": f"a.state = 'issued' AND c.activated_at {SPAN}",
}
JOINED = """SELECT count(*) FROM application a JOIN unit u ON u.id = a.home_unit_id
    LEFT JOIN account c ON c.person_id = a.person_id WHERE a.level = 2 AND """
HELPS = "SELECT count(*) FROM assistance_event e JOIN unit u ON u.id = e.unit_id WHERE "


def recount(db, query, unit_id, first, last):
    """By plain SQL, from the events themselves."""
    moment, place = Application.submitted_at.type, Application.home_unit_id.type
    begins, ends = day_span(first)[0], day_span(last)[1] - timedelta(microseconds=1)
    wanted = text(query).bindparams(bindparam("begins", begins, moment), bindparam("ends", ends, moment))
    if ":unit" in query:
        wanted = wanted.bindparams(bindparam("unit", unit_id, place))
    return db.scalar(wanted)


def words(answer):
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


def cards(answer, place=0):
    """Of each card of a list: so many, of so many, and the last day that is counted; None where it shows a sign."""
    found = answer.text.split('class="key-figures"')[1 + place].split("</ul>")[0].split("<li>")[1:]
    return [_card(card) for card in found]


def _card(card):
    pair = re.search(r">([\d,]+) of ([\d,]+)<", card)
    if pair is None:
        return None
    some, all_ = (int(number.replace(",", "")) for number in pair.groups())
    return some, all_, _day(card)


def _day(card):
    found = re.search(r"up to (\d+) (\w+) (\d+)", card)
    return found and date(int(found[3]), MONTHS.index(found[2]), int(found[1]))


@pytest.fixture
def leader(client, database, counted, clock):
    sign_in(client, database, counted.leader, now=clock.now)
    client.set_cookie("language", "en")
    return client


@pytest.fixture
def coordinator(client, database, counted, clock):
    sign_in(client, database, counted.coordinator, now=clock.now)
    client.set_cookie("language", "en")
    return client


def counts_of(db, kind, unit, first, last):
    """The four pairs of a place, counted from events."""
    people = {name: recount(db, f"{JOINED} {WHERE[kind]} AND {COUNTS[name]}", unit, first, last) for name in COUNTS}
    helps = recount(db, f"{HELPS} {WHERE[kind]} AND e.happened_at {SPAN}", unit, first, last)
    own = recount(db, f"{HELPS} {WHERE[kind]} AND e.happened_at {SPAN} AND e.mode = 'guided'", unit, first, last)
    return (
        (people["issued"], people["applied"]),
        (people["activated"], people["issued"]),
        (people["activated"], people["applied"]),
        (own, helps),
    )


@pytest.mark.parametrize("kind", ["ward", "province", "nation"])
def test_every_figure_is_the_one_that_plain_sql_counts(leader, database, counted, kind):
    unit = {"ward": counted.ward, "province": counted.province, "nation": None}[kind]
    shown = cards(leader.get("/figures/nation" if unit is None else f"/figures/units/{unit}"))
    assert None not in shown[:3] and (kind != "ward" or shown[3])
    with database.session(write=False) as db:
        for number, (some, all_, last) in enumerate(one for one in shown if one):
            assert (some, all_) == counts_of(db, kind, unit, date(2026, 1, 1), last)[number]
            assert all_ > 30


@pytest.mark.parametrize("kind", ["ward", "province", "nation"])
def test_the_data_scores_are_counted_too(client, database, world, clock, kind):
    """All 40 are corrected late, and 40 more come from a phone whose clock ran ahead: no score is like another."""
    with database.transaction() as db:
        old = db.scalars(select(AssistanceEvent).order_by(AssistanceEvent.happened_at)).all()
        told = {"task": Task.PAYMENT, "mode": Mode.GUIDED, "result": Result.DONE}
        corrections = [entry(clock.now, happened_at=one.happened_at, supersedes=one.id, **told) for one in old]
        others = [entry(clock.now, happened_at=one.happened_at, **told) for one in old]
        for one in [*corrections, *others]:
            ahead, received = (900, one.happened_at + timedelta(hours=1)) if one in others else (None, clock.now)
            assert take_in(db, world.member, one, now=received, clock_skew=ahead).refusal is None
        db.flush()
        clock.now += timedelta(days=35)  # what is young is published in larger parts
        count(db, clock.now)
    sign_in(client, database, world.coordinator if kind == "ward" else world.leader, now=clock.now)
    client.set_cookie("language", "en")
    path = "nation" if kind == "nation" else f"units/{world.ward if kind == 'ward' else world.province}"
    correct, sufficient, clean, live = cards(client.get(f"/figures/{path}?period=2026"), place=1)
    within = {"ward": Unit.id == world.ward, "province": Unit.parent_id == world.province, "nation": true()}[kind]
    with database.session(write=False) as db:
        units = db.scalars(select(Unit.id).where(within)).all()
        rows = db.scalars(select(AssistanceEvent).where(AssistanceEvent.unit_id.in_(units))).all()
        corrected = {one.supersedes for one in rows}
        held = [one for one in rows if one.id not in corrected]
        since = db.scalars(select(Team.valid_from).where(Team.unit_id.in_(units))).all()
    assert correct[:2] == (sum(not one.clock_skew for one in held), len(rows)) == (40, 120)
    assert clean[:2] == (len(held), len(held)) == (80, 80)
    assert live[:2] == (sum(one.received_at - one.happened_at <= timedelta(hours=24) for one in held), 80) == (40, 80)
    busy = {(one.team_id, today_in_vietnam(one.happened_at).month) for one in rows}
    months = sum(WEEKS[-1].month - day.month + 1 for day in since)
    assert sufficient[:2] == (len(busy), months) == (1, 4 if kind == "ward" else 8)


@pytest.mark.any_engine
@pytest.mark.parametrize("place", ["units/{}", "nation"])
def test_each_line_of_the_ranking_is_what_sql_counts(leader, database, counted, place):
    answer = leader.get(f"/figures/{place.format(counted.province)}/units?period=2026")
    lines = dict(zip(counted.names, counted.wards, strict=True))
    rows = answer.text.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
    shown = {name: _card(row) for row in rows for name in lines if f">{name}<" in row}
    known = [name for name in counted.names[:2] if shown[name]]
    assert known, "of two places, at least one can be cut"
    with database.session(write=False) as db:
        for name in known:
            some, all_, _none = shown[name]
            assert all_ % PACE[counted.names.index(name)][1] == 0, "whole weeks are published"
            weeks = all_ // PACE[counted.names.index(name)][1]
            last = WEEKS[weeks - 1].date()
            assert (some, all_) == counts_of(db, "ward", lines[name], date(2026, 1, 1), last)[1]
    assert shown[counted.names[2]] is None, "too few people"
    assert "Suppressed: too few people to show" in answer.text


@pytest.mark.any_engine
def test_the_most_lacking_unit_comes_first_and_says_how_many(leader, counted):
    answer = leader.get(f"/figures/units/{counted.province}?period=2026")
    first = answer.text.split("<tbody>")[-1].split("</tr>")[0]
    some, all_, _none = _card(first)
    lacking = -(-850 * all_ // 1000) - some
    assert f">{lacking}</td>" in first
    assert "By how many are lacking for the target of 85%" in words(answer)


@pytest.mark.any_engine
def test_a_ward_is_exact_for_its_own_people_and_published_for_others(client, database, counted, clock):
    sign_in(client, database, counted.coordinator, now=clock.now)
    client.set_cookie("language", "en")
    own, other, small = (client.get(f"/figures/units/{counted.wards[number]}") for number in (0, 1, 2))
    assert "exact, for your own scope only" in words(own)
    assert cards(own)[0][:2] == (220, 300)
    assert "as published" in words(other)
    assert cards(small)[:3] == [None] * 3, "three people of another ward are nobody's business"
    assert "Too few people to show" in words(small)
    sign_in(client, database, counted.leader, now=clock.now)
    assert cards(client.get(f"/figures/units/{counted.wards[2]}"))[0][:2] == (2, FEW), "in the leader's own province"


@pytest.mark.any_engine
def test_a_province_and_the_country_are_never_exact(leader, counted):
    for path in ("nation", f"units/{counted.province}"):
        assert "as published" in words(leader.get(f"/figures/{path}"))


@pytest.mark.any_engine
def test_what_was_never_counted_is_missing_and_not_zero(client, database, world, clock):
    sign_in(client, database, world.leader, now=clock.now)
    client.set_cookie("language", "en")
    answer = client.get(f"/figures/units/{world.province}")
    assert answer.status_code == 200 and cards(answer) == [None] * 4
    assert "Nothing is counted here yet" in words(answer) and "0.0%" not in answer.text
    assert words(answer).count("Nothing to count yet") == 4


@pytest.mark.any_engine
def test_zero_missing_and_suppressed_are_explained(leader, counted):
    said = words(leader.get("/figures/nation"))
    assert "0 means none. – means missing" in said and "• means suppressed" in said


@pytest.mark.any_engine
@pytest.mark.parametrize(
    "period",
    [
        "2026-W37",
        "2026-09",
        "2026-Q3",
        "2026-H2",
        "2026",
        "S2026-09",
        "week",
        "month",
        "quarter",
        "state-month",
        "1900",
    ],
)
def test_any_period_can_be_looked_at(coordinator, database, counted, period):
    answer = coordinator.get(f"/figures/units/{counted.ward}?period={period}")
    assert answer.status_code == 200
    if period == "2026-09":
        assert cards(answer)[0][:2] == (88, 120), "four Mondays"
        assert "Month 9/2026" in words(answer)


@pytest.mark.any_engine
def test_a_campaign_is_a_period_too(coordinator, counted):
    answer = coordinator.get(f"/figures/units/{counted.ward}?period=campaign-{counted.campaign}")
    assert "Cao điểm" in answer.text and cards(answer)[0][:2] == (154, 210), "seven Mondays"


@pytest.mark.any_engine
@pytest.mark.parametrize(("period", "is_aimed_at"), [("2026-09", True), ("2026-W37", False)])
def test_nothing_was_aimed_at_before_the_campaign_began(coordinator, counted, period, is_aimed_at):
    said = words(coordinator.get(f"/figures/units/{counted.ward}?period={period}"))
    standing = any(one in said for one in ("Reached", "Nearly there", "Behind"))
    assert ("target until 13 December 2026" in said, standing) == (is_aimed_at, is_aimed_at)


@pytest.mark.any_engine
@pytest.mark.parametrize("period", ["nonsense", "2026-13", "campaign-1", "9999", "2026-W99"])
def test_a_malformed_period_is_refused(leader, counted, period):
    assert leader.get(f"/figures/nation?period={period}").status_code in {400, 404}


@pytest.mark.any_engine
def test_communes_are_found_without_marks_and_come_in_pages(leader, counted):
    answer = leader.get("/figures/nation/units?period=2026")
    assert "Page 1 of 133" in words(answer), "3,321 communes"
    assert "3,321 units" in words(answer)
    assert "<h1>Units: The whole country</h1>" in answer.text, "no name in the middle of a phrase"
    assert answer.text.split("<tbody>")[1].split("</tbody>")[0].count("<tr>") == 25
    names = [row.split("</a>")[0].split(">")[-1] for row in answer.text.split('<th scope="row">')[1:26]]
    after = names[names.index("1 Bảo Lộc Ward") :]
    assert "Đặc khu" not in answer.text and "An Biên Ward" in after and "A Dơi Commune" in after, "by name, not by kind"
    found = leader.get("/figures/nation/units?period=2026&q=ba dinh")
    assert "Ba Đình" in found.text and "Hà Nội" in found.text
    assert leader.get("/figures/nation/units?period=2026&page=9999999").status_code == 200
    assert "No unit has this name" in words(leader.get("/figures/nation/units?q=zzzz"))


@pytest.mark.any_engine
def test_a_search_is_not_markup(leader, counted):
    assert "<script>alert" not in leader.get("/figures/nation/units?q=<script>alert(1)</script>").text


@pytest.mark.any_engine
def test_the_way_down_leads_from_the_country_to_the_ward(leader, counted):
    country = leader.get("/figures/nation?period=2026").text
    assert f"/figures/units/{counted.province}?" in country
    province = leader.get(f"/figures/units/{counted.province}?period=2026").text
    assert f"/figures/units/{counted.ward}?" in province and "/figures/nation" in province
    assert f"/figures/teams/{counted.team}?" in leader.get(f"/figures/units/{counted.ward}?period=2026").text


@pytest.mark.any_engine
def test_decisions_lead_to_the_work_of_ones_own_units_only(coordinator, counted):
    own = coordinator.get(f"/figures/units/{counted.ward}")
    assert "100 people wait for activation" in words(own) and 'href="/coordination/calls"' in own.text
    assert "14 visits got stuck" in words(own)
    assert "Others decide here" in words(coordinator.get(f"/figures/units/{counted.wards[1]}"))


def test_a_ward_says_what_its_figure_was_before_late_facts(client, database, counted, clock):
    with database.transaction() as db:
        applied(db, db.get_one(Unit, counted.ward), WEEKS[-1])
        db.flush()
        count_anew(db, {today_in_vietnam(WEEKS[-1])}, now=clock.now + timedelta(hours=1))
    sign_in(client, database, counted.coordinator, now=clock.now)
    client.set_cookie("language", "en")
    said = words(client.get(f"/figures/units/{counted.ward}?indicator=issued-of-applied&period=2026"))
    assert "Restated on 23 November 2026: for the time chosen above it was 220 of 300 before." in said
    assert "Restated" not in words(client.get(f"/figures/units/{counted.ward}?period=2026"))


def test_a_page_takes_few_statements(leader, database, counted):
    for path in ("nation", f"units/{counted.province}", f"units/{counted.ward}", "nation/wall"):
        with heard(database) as statements:
            assert leader.get(f"/figures/{path}?period=2026").status_code == 200
        assert len(statements) <= MOST, (path, statements)


@pytest.mark.any_engine
def test_others_may_not_look(client, database, world, clock):
    assert client.get("/figures/nation").status_code == 302
    sign_in(client, database, world.auditor, now=clock.now)
    for path in ("", "/nation", "/nation/units", "/nation/wall", "/nation/figures.csv", f"/teams/{world.team}"):
        assert client.get(f"/figures{path}").status_code == 403


@pytest.mark.any_engine
def test_a_village_is_no_place_for_published_figures(leader, counted):
    assert leader.get(f"/figures/units/{uuid4()}").status_code == 404
