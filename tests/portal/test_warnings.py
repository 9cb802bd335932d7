"""Warnings on the page: what was seen with the rows behind, resolved and reopened by those whose units they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from identity.audit import SYSTEM, Actor
from identity.places import Unit
from identity.staff import give_role
from onboarding.assistance import take_in
from onboarding.figures.model import IndicatorFact
from onboarding.warnings import FigureWarning, Kind, Step
from onboarding.warnings.finding import Finding
from onboarding.warnings.handling import open_findings, resolve
from onboarding.warnings.of_teams import odd_teams
from tests.onboarding.scene import communes, entry, ids, member_of, staff_account, team_in
from tests.onboarding.test_warnings import ISSUED, daily
from tests.portal.work_scene import sign_in, write

pytestmark = pytest.mark.any_engine


class Place:
    """What the tests look at."""


@pytest.fixture
def place(database, clock):
    found, now = Place(), clock.now

    def build(db):
        here, beside, _ = communes(db)
        found.here, found.beside = here.id, beside.id
        for name, role, unit in (
            ("coordinator", "coordinator", here.id),
            ("elsewhere", "coordinator", beside.id),
            ("leader", "leader", here.parent_id),
        ):
            account = staff_account(db, name, now=now, name="Bùi Thị Điều" if name == "coordinator" else name).id
            give_role(db, account, role, unit, SYSTEM, now=now)
            setattr(found, name, account)
        team = team_in(db, here, now=now)
        found.member = member_of(db, team, now=now)
        found.other = member_of(db, team_in(db, beside, now=now), now=now)

    write(database, build)
    found.by = Actor(found.coordinator, "coordinator")
    return found


@pytest.fixture
def browser(client, database, clock):
    def as_(account, language="en"):
        client.set_cookie("language", language)
        sign_in(client, database, account, now=clock.now)
        return client

    return as_


def odd_week(unit_id, **changed):
    rows = [["2026-11-09", 49], ["2026-11-16", 210]]
    facts = {"part": "numerator", "week": "2026-11-16", "number": 210, "middle": 49.0, "score": 9.9, "rows": rows}
    return Finding(Kind.OUTLIER, "x", unit_id, {**facts, **changed}, indicator=ISSUED)


@pytest.fixture
def week(database, place, clock):
    """An odd week of the ward, with an owner."""

    def build(db):
        open_findings(db, [odd_week(place.here)], now=clock.now)
        return db.scalars(select(FigureWarning.id)).one()

    return write(database, build)


@pytest.fixture
def quarter(database, place, clock):
    """Eight records of one member within minutes."""

    def build(db):
        now = clock.now
        for minutes in range(8):
            one = entry(now, happened_at=now - timedelta(hours=5, minutes=minutes))
            take_in(db, place.member.account_id, one, now=now)
        db.flush()
        found = odd_teams(db, {place.here}, now=now)
        open_findings(db, found, now=now)
        return db.scalars(select(FigureWarning.id)).one()

    return write(database, build)


def words(answer):
    return " ".join(answer.text.split())


def test_nothing_odd_is_said_as_such(browser, place):
    assert "Nothing in the figures of your units looks odd." in browser(place.coordinator).get("/warnings").text
    assert "No warning was resolved yet." in browser(place.coordinator).get("/warnings?state=resolved").text
    assert "không có gì bất thường" in browser(place.coordinator, "vi").get("/warnings").text


def test_a_warning_says_what_was_seen_with_numbers_and_the_rows_behind(browser, place, week):
    row = words(browser(place.coordinator).get("/warnings"))
    seen = "Level-2 accounts issued: 210 in the week from 16 November 2026. In the weeks before, 49 was usual."
    assert seen in row
    assert "Bùi Thị Điều" in row
    shown = words(browser(place.leader).get(f"/warnings/{week}"))
    assert seen in shown
    assert '9 November 2026</th><td class="num">49<' in shown
    assert "Tài khoản mức độ 2 đã cấp: 210" in words(browser(place.leader, "vi").get(f"/warnings/{week}"))


def test_warnings_of_other_units_are_not_there(browser, place, week):
    assert "Nothing in the figures" in browser(place.elsewhere).get("/warnings").text
    assert browser(place.elsewhere).get(f"/warnings/{week}").status_code == 404
    data = {"way": "lesson", "note": "x"}
    assert browser(place.elsewhere).post(f"/warnings/{week}/resolve", data=data).status_code == 404
    assert browser(place.elsewhere).post(f"/warnings/{week}/reopen", data=data).status_code == 404
    assert browser(place.member.account_id).get("/warnings").status_code == 403


def test_the_records_behind_a_burst_are_shown_with_their_member(browser, place, quarter):
    shown = words(browser(place.coordinator).get(f"/warnings/{quarter}"))
    assert "One member has 8 records of 160 minutes of help within a quarter of an hour" in shown
    assert shown.count("Guided, with their own hand") == 8
    assert "Lê Thị Mai" in shown


def test_a_lesson_resolves_it_and_the_team_reads_it(browser, place, quarter):
    opened = browser(place.coordinator)
    empty = opened.post(f"/warnings/{quarter}/resolve", data={"way": "", "note": ""})
    assert "There are 2 things to correct" in empty.text
    typed = {"way": "lesson", "note": "gọi 0912345678"}
    assert "gọi 0912345678" in opened.post(f"/warnings/{quarter}/resolve", data=typed).text
    done = opened.post(f"/warnings/{quarter}/resolve", data={"way": "lesson", "note": "Ghi ngay sau mỗi lượt"})
    assert done.status_code == 303
    shown = opened.get(done.location).text
    assert "Resolved by a lesson" in shown
    assert "Reopen the warning" in shown
    assert "Ghi ngay sau mỗi lượt" in opened.get("/warnings?state=resolved").text
    assert "Ghi ngay sau mỗi lượt" in browser(place.member.account_id).get("/team/lessons").text
    assert "Nothing yet." in browser(place.other.account_id).get("/team/lessons").text
    assert "/team/lessons" in browser(place.member.account_id).get("/team/card").text


def test_a_lesson_of_what_a_ward_lies_in_is_read_there_without_the_number(browser, place, database, clock):
    """Above the ward a number is not the team's, what was learned from it is."""

    def build(db):
        above = db.get_one(Unit, place.here).parent_id
        facts = {"part": "numerator", "week": "2026-11-16", "number": 47, "middle": 9, "score": 6.0, "rows": []}
        open_findings(db, [Finding(Kind.OUTLIER, "x", above, facts, indicator="own-hand")], now=clock.now)
        one = db.scalars(select(FigureWarning)).one()
        resolve(db, one, Step.LESSON, "Ghi theo ngày làm", SYSTEM, now=clock.now)

    write(database, build)
    for member in (place.member, place.other):
        shown = browser(member.account_id).get("/team/lessons").text
        assert "Ghi theo ngày làm" in shown and "47" not in shown.split("What we learned")[-1].split("</main>")[0]


def test_a_correction_that_nobody_made_is_refused_and_what_was_typed_stays(browser, place, week, database, clock):
    write(database, lambda db: daily(db, clock.now, place.here, [30] * 7, ISSUED))
    opened = browser(place.coordinator)
    typed = {"way": "correction", "note": "Đã sửa bản ghi trùng"}
    refused = opened.post(f"/warnings/{week}/resolve", data=typed).text
    assert "Nothing behind this warning was corrected since it was found." in refused
    assert "Đã sửa bản ghi trùng" in refused
    write(database, lambda db: setattr(db.scalars(select(IndicatorFact)).first(), "numerator", 1))
    assert opened.post(f"/warnings/{week}/resolve", data=typed).status_code == 303
    assert "Corrected" in opened.get("/warnings?state=resolved").text


def test_who_was_slower_is_told_and_keeps_what_was_typed(browser, place, week, database, clock):
    act = (Step.LESSON, "Xong rồi", place.by)
    write(database, lambda db: resolve(db, db.get_one(FigureWarning, week), *act, now=clock.now))
    late = browser(place.leader).post(f"/warnings/{week}/resolve", data={"way": "lesson", "note": "Lễ hội xã"})
    assert late.status_code == 200
    assert "Somebody else was quicker" in late.text
    assert "Lễ hội xã" in late.text


def test_a_resolved_warning_is_reopened_with_a_word(browser, place, week, database, clock):
    act = (Step.LESSON, "Xong rồi", place.by)
    write(database, lambda db: resolve(db, db.get_one(FigureWarning, week), *act, now=clock.now))
    opened = browser(place.leader)
    assert "There is 1 thing to correct" in opened.post(f"/warnings/{week}/reopen", data={"note": ""}).text
    answer = opened.post(f"/warnings/{week}/reopen", data={"note": "Tuần sau lại thế"})
    shown = opened.get(answer.location).text
    assert "Tuần sau lại thế" in shown
    assert "Resolve the warning" in shown


def test_what_is_past_its_day_and_what_nobody_owns_says_so(browser, place, week, database, clock):
    assert "Past its day" not in browser(place.coordinator).get("/warnings").text
    clock.advance(days=8)
    assert "Past its day" in browser(place.coordinator).get("/warnings").text
    write(database, lambda db: setattr(db.get_one(FigureWarning, week), "owner_id", None))
    assert "Nobody looks at this" in browser(place.leader).get(f"/warnings/{week}").text


def test_a_ward_without_anybody_is_seen_from_above(browser, place, database, clock):
    def build(db):
        beside = db.scalars(select(FigureWarning)).all()
        assert beside == []
        third = communes(db)[2]
        open_findings(db, [odd_week(third.id)], now=clock.now)
        return db.scalars(select(FigureWarning.owner_id)).one()

    assert write(database, build) is None
    assert ids() == set()


def test_every_kind_has_its_words_in_both_languages(browser, place, database, clock):
    moment = clock.now.isoformat()
    teams = {"team_id": place.member.team_id}
    day = {"part": "denominator", "day": "2026-11-20", "number": 90, "most": 12, "rows": []}
    span = {"from": moment, "until": moment}
    found = [
        Finding(Kind.JUMP, "a", place.here, day, indicator=ISSUED),
        Finding(Kind.SILENT, "b", place.here, {"since": "2026-11-02", "days": 21, "ever": True}, **teams),
        Finding(Kind.SILENT, "c", place.here, {"since": "2026-09-02", "days": 81, "ever": False}, **teams),
        Finding(Kind.BUNCHING, "d", place.here, {"month": "2026-10", "number": 11, "whole": 21, "rows": []}, **teams),
        Finding(Kind.UNCONFIRMED, "e", place.here, {"claims": 10, "confirmed": 1, **span}, **teams),
    ]
    write(database, lambda db: open_findings(db, found, now=clock.now))
    english = words(browser(place.coordinator).get("/warnings"))
    for sentence in (
        "Applications for level 2 that were sent: 90 on 20 November 2026. In the four weeks before",
        "has recorded nothing since 2 November 2026, for 21 days",
        "nothing at all since it was founded on 2 September 2026",
        "11 of the month&#39;s 21 records",
        "Of 10 activations claimed with a help code, the system saw 1.",
    ):
        assert sentence in english
    vietnamese = browser(place.coordinator, "vi").get("/warnings").text
    assert "chưa ghi nhận gì từ khi thành lập ngày 02/09/2026" in vietnamese
    with database.session(write=False) as db:
        every = db.scalars(select(FigureWarning.id)).all()
    assert {browser(place.coordinator).get(f"/warnings/{one}").status_code for one in every} == {200}


def test_many_warnings_come_in_pages(browser, place, database, clock):
    found = [
        Finding(Kind.SILENT, str(number), place.here, {"since": "2026-11-02", "days": 21, "ever": True})
        for number in range(31)
    ]
    write(database, lambda db: open_findings(db, found, now=clock.now))
    first = browser(place.coordinator).get("/warnings").text
    assert first.count("A team recorded nothing") == 30
    assert "page=2" in first
    assert browser(place.coordinator).get("/warnings?page=2").text.count("A team recorded nothing") == 1
    assert browser(place.coordinator).get("/warnings?page=zero").status_code == 200
    behind_the_last = browser(place.coordinator).get("/warnings?page=99").text
    assert behind_the_last.count("A team recorded nothing") == 1 and "looks odd.<" not in behind_the_last
