"""Warnings: what is odd and what is not, opened once with an owner, resolved by what can be seen."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from identity.account import get_account
from identity.audit import SYSTEM, Actor, AuditEvent
from identity.base import Refused
from identity.helping import new_help_code, withdraw_help
from identity.outbox import Lane, OutboxMessage, lease
from identity.sealed import add
from identity.staff import give_role
from identity.staff.idle import suspend
from identity.staff.record import StaffRecord
from onboarding.assistance import AssistanceEvent, take_in
from onboarding.figures.facts import DAY
from onboarding.figures.model import IndicatorFact
from onboarding.figures.registry import get_indicator
from onboarding.forecast import latest
from onboarding.warnings import FigureWarning, Kind, State, Step, lessons_of, open_warnings
from onboarding.warnings.detectors import burst, is_bunched, is_jump, is_unconfirmed, outlier
from onboarding.warnings.evidence import rows_behind
from onboarding.warnings.finding import Finding
from onboarding.warnings.flags import is_flagged
from onboarding.warnings.handling import open_findings, owner_of, raise_overdue, reopen, resolve, steps_of
from onboarding.warnings.of_figures import odd_figures
from onboarding.warnings.of_teams import odd_teams
from onboarding.warnings.watching import JOB, find_some, look_once_a_day, open_some
from tests.onboarding.scene import communes, entry, ids, member_of, resident, staff_account, team_in
from tests.onboarding.test_forecast import CODE, counted, goal, make_all
from tests.races.at_once import CALLERS, at_once

TODAY = date(2026, 11, 23)
STEADY = [50, 52, 49, 51, 50, 48, 53, 50]


def test_a_week_far_from_those_before_it_is_an_outlier_and_ordinary_ones_are_not():
    assert outlier([*STEADY, 120]).score > 3.5
    assert outlier([*STEADY, 8]).score < -3.5
    assert outlier([*STEADY, 60]) is None, "counts scatter by their root"
    assert outlier([*STEADY[1:], 120]) is None, "seven weeks are too few to judge by"
    assert outlier([1, 1, 1, 1, 1, 1, 1, 1, 9]) is None, "too few to speak of"
    assert outlier([0] * 8 + [10]).number == 10
    assert outlier([*STEADY[:7], 900, 51]) is None, "one odd week before does not hide or make another"


def test_a_day_far_above_every_day_before_it_is_a_jump():
    assert is_jump([10] * 28 + [30])
    assert not is_jump([10] * 28 + [29])
    assert not is_jump([5] * 28 + [19]), "not enough to speak of"
    assert not is_jump([0] * 22 + [5] * 6 + [60]), "six days with anything are too few to judge by"


def test_half_of_a_month_in_its_last_three_days_is_bunching():
    assert is_bunched([1] * 10 + [0] * 18 + [4, 3, 3])
    assert not is_bunched([1] * 11 + [0] * 17 + [3, 3, 4])
    assert not is_bunched([0] * 28 + [6, 6, 7]), "nineteen records are too few"


def test_eight_records_in_a_quarter_of_an_hour_are_a_burst():
    begin = datetime(2026, 11, 20, 2, tzinfo=UTC)
    minutes = [begin + timedelta(minutes=2 * number) for number in range(8)]
    assert burst(minutes) == (minutes[0], minutes[-1], 8)
    assert burst(minutes[:7]) is None
    assert burst([begin + timedelta(minutes=3 * number) for number in range(20)]) is None
    assert burst([*minutes, *[one + timedelta(hours=3, minutes=1) for one in minutes], minutes[0]])[2] == 9


def test_half_of_what_was_claimed_must_have_been_seen():
    assert is_unconfirmed(10, 4)
    assert not is_unconfirmed(10, 5)
    assert not is_unconfirmed(9, 0)


@pytest.fixture
def here(db):
    return communes(db)[0]


def daily(db, now, unit_id, numbers, code=CODE, part="numerator", first=None):
    """Facts of consecutive days that end yesterday."""
    first = first or TODAY - timedelta(days=len(numbers))
    row = {"indicator": code, "version": 1, "unit_id": unit_id, "kind": DAY, "replaced_at": None, "as_of": now}
    both = {"numerator": 0, "denominator": 0}
    rows = [{**row, **both, "starts": first + timedelta(days=day), part: n} for day, n in enumerate(numbers)]
    db.execute(insert(IndicatorFact), rows)


ISSUED = "issued-of-applied"


@pytest.mark.any_engine
def test_odd_weeks_and_days_are_found_in_the_figures_with_the_rows_behind(db, now, here):
    daily(db, now, here.id, [7] * 77 + [30] * 7, ISSUED)
    found = odd_figures(db, ids(here), today=TODAY)
    assert [(one.kind, one.indicator, one.facts["number"], one.facts["middle"]) for one in found] == [
        (Kind.OUTLIER, ISSUED, 210, 49)
    ]
    assert found[0].facts["week"] == "2026-11-16"
    assert found[0].facts["rows"][-2:] == [["2026-11-09", 49], ["2026-11-16", 210]]
    db.query(IndicatorFact).delete()
    daily(db, now, here.id, [3] * 83 + [30], ISSUED, part="denominator")
    assert Kind.JUMP in {one.kind for one in odd_figures(db, ids(here), today=TODAY)}


@pytest.mark.any_engine
def test_a_week_of_holidays_with_little_work_is_not_odd(db, now, here):
    after_tet = date(2027, 2, 15)
    daily(db, now, here.id, [20] * 77 + [0] * 7, ISSUED, first=after_tet - timedelta(days=84))
    assert odd_figures(db, ids(here), today=after_tet) == []
    db.query(IndicatorFact).delete()
    daily(db, now, here.id, [20] * 77 + [0] * 7, ISSUED)
    assert [one.kind for one in odd_figures(db, ids(here), today=TODAY)] == [Kind.OUTLIER]


@pytest.fixture
def member(db, here, now):
    return member_of(db, team_in(db, here, now=now), now=now)


def recorded(db, member, now, *moments, **changes):
    """Records of these moments, and a sign of life of yesterday so that the team is not silent."""
    for moment in moments:
        take_in(db, member.account_id, entry(now, happened_at=moment, **changes), now=moment + timedelta(minutes=5))
    db.flush()


def kinds(db, here, now):
    return [one.kind for one in odd_teams(db, ids(here), now=now)]


@pytest.mark.any_engine
def test_a_team_that_recorded_nothing_for_ten_working_days_is_silent(db, now, here, member):
    assert kinds(db, here, now) == [Kind.SILENT], "founded ninety days ago, and no record yet"
    recorded(db, member, now, now - timedelta(days=14))
    assert kinds(db, here, now) == []
    found = odd_teams(db, ids(here), now=now + timedelta(days=1))
    assert [(one.kind, one.facts["since"], one.facts["ever"]) for one in found] == [(Kind.SILENT, "2026-11-09", True)]
    before_tet = datetime(2027, 2, 3, 3, tzinfo=UTC)
    recorded(db, member, now, before_tet)
    assert kinds(db, here, before_tet + timedelta(days=17)) == [], "Tết does not count"


@pytest.mark.any_engine
def test_many_records_of_one_member_in_minutes_are_found_with_the_records_behind(db, now, here, member):
    recorded(db, member, now, *[now - timedelta(hours=5, minutes=number) for number in range(8)])
    found = [one for one in odd_teams(db, ids(here), now=now) if one.kind is Kind.BURST]
    assert [(one.facts["number"], one.facts["minutes"]) for one in found] == [(8, 160)]
    open_findings(db, found, now=now)
    rows = rows_behind(db, db.scalars(select(FigureWarning)).one())
    assert (len(rows), rows[0].member, rows[0].is_corrected) == (8, "Lê Thị Mai", False)


@pytest.mark.any_engine
def test_a_month_recorded_in_its_last_days_is_found_early_in_the_next(db, now, here, member):
    last_days = [datetime(2026, 10, 29 + number % 3, 1, 5 * number, tzinfo=UTC) for number in range(11)]
    before = [datetime(2026, 10, day, 3, tzinfo=UTC) for day in range(1, 11)]
    recorded(db, member, now, *before, *last_days)
    early = datetime(2026, 11, 4, 3, tzinfo=UTC)
    found = [one for one in odd_teams(db, ids(here), now=early) if one.kind is Kind.BUNCHING]
    assert [(one.facts["month"], one.facts["number"], one.facts["whole"]) for one in found] == [("2026-10", 11, 21)]
    assert Kind.BUNCHING not in kinds(db, here, now), "not on the 23rd"


@pytest.mark.any_engine
def test_claims_whose_days_are_over_and_that_the_system_never_saw_are_found(db, now, here, member):
    person = resident(db, here, now=now - timedelta(days=60))
    for days in range(41, 51):
        moment = now - timedelta(days=days)
        recorded(db, member, now, moment, help_code=new_help_code(db, person.id, now=moment))
    recorded(db, member, now, now - timedelta(days=1))
    found = odd_teams(db, ids(here), now=now)
    assert [(one.kind, one.facts["claims"], one.facts["confirmed"]) for one in found] == [(Kind.UNCONFIRMED, 10, 0)]
    assert Kind.UNCONFIRMED not in kinds(db, here, now - timedelta(days=25)), "their days are not over yet"
    assert open_findings(db, found, now=now) == 1
    db.flush()
    warning = db.scalars(select(FigureWarning).where(FigureWarning.kind == Kind.UNCONFIRMED)).one()
    assert len(rows_behind(db, warning)) == 10
    withdraw_help(db, person, now=now, actor=SYSTEM)
    assert Kind.UNCONFIRMED not in kinds(db, here, now), "nobody is blamed because a resident withdrew"
    assert rows_behind(db, warning) == []


def coordinator_of(db, now, unit_id, role="coordinator"):
    account = staff_account(db, f"{role}-{uuid4().hex[:6]}", now=now, name="Bùi Thị Điều")
    give_role(db, account.id, role, unit_id, SYSTEM, now=now)
    add(db, StaffRecord(account_id=account.id, invited_at=now), email="dieu@example.vn")
    db.flush()
    return account.id


def finding(here, **changes):
    facts = {"part": "numerator", "week": "2026-11-16", "number": 210, "middle": 49, "score": 9.9, "rows": []}
    return replace(Finding(Kind.OUTLIER, "x", here.id, facts, indicator=ISSUED), **changes)


def opened(db, here, now, **changes):
    open_findings(db, [finding(here, **changes)], now=now)
    return db.scalars(select(FigureWarning).order_by(FigureWarning.id.desc())).first()


def test_the_same_is_found_once_even_after_it_was_resolved(db, now, here):
    owner = coordinator_of(db, now, here.id)
    assert open_findings(db, [finding(here)], now=now) == 1
    assert open_findings(db, [finding(here)], now=now + timedelta(days=1)) == 0
    warning = db.scalars(select(FigureWarning)).one()
    resolve(db, warning, Step.LESSON, "Ghi trong ngày", Actor(owner, "coordinator"), now=now)
    assert open_findings(db, [finding(here), finding(here, about="y")], now=now) == 1
    names = db.scalars(select(AuditEvent.name).where(AuditEvent.subject_kind == "figure-warning")).all()
    assert Counter(names) == {"warning:found": 2, "warning:resolved": 1}


def test_of_several_workers_one_opens_a_warning(database, clock):
    with database.session(write=True) as db:
        here = communes(db)[0]
        db.commit()

    def look():
        with database.transaction() as db:
            return open_findings(db, [finding(here)], now=clock.now)

    assert sorted(at_once(look)) == [0] * (CALLERS - 1) + [1]


@pytest.mark.any_engine
def test_the_owner_coordinates_the_unit_or_leads_it_or_what_lies_above_or_there_is_none(db, now, here):
    assert owner_of(db, here.id, on=TODAY) is None
    leader = coordinator_of(db, now, here.parent_id, "leader")
    assert owner_of(db, here.id, on=TODAY) == leader
    own = coordinator_of(db, now, here.id)
    assert owner_of(db, here.id, on=TODAY) == own
    assert owner_of(db, here.id, on=TODAY - timedelta(days=30)) is None
    suspend(db, get_account(db, own), SYSTEM, now=now)
    assert owner_of(db, here.id, on=TODAY) == leader, "whoever is shut out reads nothing"


@pytest.mark.any_engine
def test_the_owner_gets_one_letter_that_counts_and_names_nobody(db, now, here):
    owner = coordinator_of(db, now, here.id)
    open_findings(db, [finding(here), finding(here, about="y")], now=now)
    letters = lease(db, Lane.NOTICE, now=now, most=5)
    assert [(one.kind, one.facts) for one in letters] == [("figure-warnings", {"warnings": 2})]
    warnings = open_warnings(db, ids(here), limit=1, offset=1)
    assert [(one.kind, one.task_id == one.id) for one in warnings] == [("outlier", True)]
    assert db.get_one(FigureWarning, warnings[0].id).owner_id == owner


@pytest.mark.any_engine
def test_a_lesson_is_read_by_the_team_until_the_warning_is_reopened(db, now, here, member):
    by = Actor(coordinator_of(db, now, here.id), "coordinator")
    warning = opened(db, here, now, team_id=member.team_id)
    for note, code in ((" ", "warning-note"), ("gọi 0912345678", "note-has-number")):
        with pytest.raises(Refused, match=code):
            resolve(db, warning, Step.LESSON, note, by, now=now)
    resolve(db, warning, Step.LESSON, "Ghi ngay sau mỗi lượt", by, now=now)
    assert [one.lesson for one in lessons_of(db, here.id, member.team_id)] == ["Ghi ngay sau mỗi lượt"]
    assert lessons_of(db, here.id, uuid4()) == []
    with pytest.raises(Refused, match="changed-meanwhile"):
        resolve(db, warning, Step.LESSON, "Lần nữa", by, now=now)
    reopen(db, warning, "Lại thế", by, now=now)
    assert lessons_of(db, here.id, member.team_id) == []
    assert [step.step for step, _name in steps_of(db, warning)] == ["found", "lesson", "reopened"]
    assert warning.state == State.OPEN
    with pytest.raises(Refused, match="warning-way"):
        resolve(db, warning, Step.RAISED, "x", by, now=now)


@pytest.mark.any_engine
def test_a_correction_is_seen_and_not_claimed(db, now, here):
    by = Actor(coordinator_of(db, now, here.id), "coordinator")
    daily(db, now, here.id, [30] * 7, ISSUED)
    warning = opened(db, here, now)
    with pytest.raises(Refused, match="warning-not-corrected"):
        resolve(db, warning, Step.CORRECTION, "Đã sửa", by, now=now)
    db.scalars(select(IndicatorFact)).first().numerator = 7
    db.flush()
    resolve(db, warning, Step.CORRECTION, "Đã sửa", by, now=now)
    assert (warning.state, warning.lesson) == (State.RESOLVED, None)


@pytest.mark.any_engine
def test_a_burst_is_corrected_when_one_of_its_records_was_replaced(db, now, here, member):
    by = Actor(coordinator_of(db, now, here.id), "coordinator")
    recorded(db, member, now, *[now - timedelta(hours=5, minutes=number) for number in range(8)])
    open_findings(db, odd_teams(db, ids(here), now=now), now=now)
    warning = db.scalars(select(FigureWarning)).one()
    with pytest.raises(Refused, match="warning-not-corrected"):
        resolve(db, warning, Step.CORRECTION, "Đã sửa", by, now=now)
    old = db.scalars(select(AssistanceEvent.id)).first()
    later = now + timedelta(hours=1)
    take_in(db, member.account_id, entry(now, supersedes=old, minutes=5), now=later)
    db.flush()
    resolve(db, warning, Step.CORRECTION, "Đã sửa", by, now=later)
    assert sum(row.is_corrected for row in rows_behind(db, warning)) == 1


@pytest.mark.any_engine
def test_what_is_past_its_day_goes_up_once_for_each_level(db, now, here):
    own = coordinator_of(db, now, here.id)
    leader = coordinator_of(db, now, here.parent_id, "leader")
    warning = opened(db, here, now)
    assert raise_overdue(db, now=now + timedelta(days=7)) == 0, "its last day is not over"
    late = now + timedelta(days=8)
    assert (warning.owner_id, raise_overdue(db, now=late), warning.owner_id) == (own, 1, leader)
    assert raise_overdue(db, now=late) == 0
    assert raise_overdue(db, now=late + timedelta(days=8)) == 1
    assert warning.owner_id == leader, "nobody is above"
    country = coordinator_of(db, now, None)
    deputy = coordinator_of(db, now, here.parent_id)
    for days in (24, 32):
        raise_overdue(db, now=late + timedelta(days=days))
        assert warning.owner_id == country, "above the province, and never down again to a deputy"
    assert deputy != leader
    assert [step.step for step, _name in steps_of(db, warning)] == ["found", "raised", "raised"]
    assert len(db.scalars(select(OutboxMessage).where(OutboxMessage.recipient_id == leader)).all()) == 1


@pytest.mark.any_engine
def test_a_warning_nobody_owned_goes_to_whoever_comes(db, now, here):
    warning = opened(db, here, now)
    assert warning.owner_id is None
    own = coordinator_of(db, now, here.id)
    raise_overdue(db, now=now + timedelta(days=8))
    assert warning.owner_id == own


@pytest.mark.any_engine
def test_while_a_flag_is_open_nothing_is_forecast(db, now, here):
    counted(db, now, here.id, 16)
    goal(db, now, here)
    by = Actor(coordinator_of(db, now, here.id), "coordinator")
    silent = opened(db, here, now, kind=Kind.SILENT, indicator=None)
    make_all(db, now)
    assert latest(db, CODE, here.id).refused is None, "silence is no flag on data"
    warning = opened(db, here, now)
    make_all(db, now)
    assert latest(db, CODE, here.id).refused == "flag-open"
    for one in (warning, silent):
        resolve(db, one, Step.LESSON, "Đúng là như vậy", by, now=now)
    make_all(db, now)
    assert latest(db, CODE, here.id).refused is None


@pytest.mark.any_engine
def test_a_province_is_flagged_when_flagged_units_made_more_than_a_tenth_of_it(db, now, here):
    one = get_indicator(ISSUED)
    opened(db, here, now)
    daily(db, now, here.parent_id, [100] * 7, ISSUED)
    daily(db, now, here.id, [10] * 7, ISSUED)
    assert is_flagged(db, one, here.id, today=TODAY)
    assert not is_flagged(db, get_indicator("own-hand"), here.id, today=TODAY), "another family"
    assert not is_flagged(db, one, here.parent_id, today=TODAY)
    daily(db, now, here.id, [1], ISSUED, first=TODAY - timedelta(days=8))
    assert is_flagged(db, one, here.parent_id, today=TODAY)


def test_the_days_search_opens_what_it_finds_and_again_finds_nothing_new(db, now, here):
    look_once_a_day(db, now=now)
    look_once_a_day(db, now=now)
    look_once_a_day(db, now=datetime(2026, 11, 24, 18, tzinfo=UTC))
    daily(db, now, here.id, [7] * 77 + [30] * 7, ISSUED)
    for _ in range(2):
        cursor = open_some(db, None, now=now)
        assert len(cursor["left"]) == 34
        while cursor is not None:
            cursor = open_some(db, cursor, now=now, found=find_some(db, cursor, now=now))
        assert len(open_warnings(db, ids(here), limit=9)) == 1
    from identity.jobs import Job

    assert len(db.scalars(select(Job.id).where(Job.kind == JOB)).all()) == 1, "not twice a day, and not at one at night"
