"""Facts: counted from events, summed upwards, counted anew when something late or corrected comes in."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from identity.account import Account
from identity.application.model import Application
from identity.audit import SYSTEM, Event, record
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.helping import new_help_code, withdraw_help
from identity.places import ancestors
from onboarding.assistance import AssistanceEvent, take_in
from onboarding.catalogue import Mode, Obstacle, Result
from onboarding.figures.facts import count_anew, fact, facts_of, series
from onboarding.figures.model import NATION, UNALLOCATED, FigureDay, IndicatorFact
from onboarding.figures.periods import PeriodKind, campaign_day, read_period, span
from onboarding.figures.refresh import count_some, mark_all, refresh
from onboarding.figures.registry import INDICATORS, counted, fed, get_indicator, indicators
from tests.onboarding.scene import activate, communes, entry, member_of, resident, team_in
from tests.onboarding.test_indicators import applied

YEAR = read_period("2026", on=date(2026, 1, 1))


def issued(db, unit, now, *, active_at=None):
    """An application that ended in an account, which was activated or not."""
    person = resident(db, unit, now=now)
    applied(db, unit, now, state="issued", person=person)
    row = db.scalars(select(Application).where(Application.person_id == person.id)).one()
    row.closed_at = now
    record(db, Event.APPLICATION_ISSUED, SYSTEM, now=now, subject=row.subject)
    if active_at is not None:
        activate(db, person, now=active_at)
        db.flush()
    return person


def activated(db, person, now):
    """As the last step of activation does it, once."""
    account = db.scalars(select(Account).where(Account.person_id == person.id)).one()
    if account.activated_at is None:
        activate(db, account, now=now)
        record(db, Event.ACCOUNT_ACTIVATED, SYSTEM, now=now, subject=("account", account.id))


def count_all(db, now):
    while count_some(db, now=now):
        pass
    refresh(db, now=now)
    while count_some(db, now=now):
        pass


def current(db):
    row = IndicatorFact
    found = db.execute(
        select(row.indicator, row.unit_id, row.kind, row.starts, row.numerator, row.denominator).where(
            row.replaced_at.is_(None), (row.numerator > 0) | (row.denominator > 0)
        )
    )
    return {tuple(one) for one in found}


def test_what_happened_is_counted_on_its_day_where_the_people_live(db, now):
    here, beside, _ = communes(db)
    for _ in range(3):
        applied(db, here, now - timedelta(days=25))
    issued(db, here, now - timedelta(days=2), active_at=now)
    issued(db, beside, now - timedelta(days=2))
    mark_all(db)
    count_all(db, now)
    found = fact(db, "activated-of-issued", here.id, YEAR)
    assert (found.numerator, found.denominator, found.value) == (1, 1, 1.0)
    assert fact(db, "activated-of-issued", beside.id, YEAR).value == 0
    today = read_period(today_in_vietnam(now).isoformat(), on=date(2026, 1, 1))
    assert fact(db, "activated-of-applied", here.id, today).denominator == 0
    assert fact(db, "activated-of-applied", here.id, today).value is None
    assert fact(db, "activated-of-applied", here.id, YEAR).denominator == 4


def test_every_figure_equals_a_recount_by_plain_sql(db, now):
    here, beside, _ = communes(db)
    for day in range(0, 30, 7):
        issued(db, here, now - timedelta(days=day), active_at=now if day % 2 else None)
        applied(db, beside, now - timedelta(days=day))
    mark_all(db)
    count_all(db, now)
    recount = """
        SELECT count(*), sum(CASE WHEN application.state = 'issued' THEN 1 ELSE 0 END),
               sum(CASE WHEN application.state = 'issued' AND account.activated_at IS NOT NULL THEN 1 ELSE 0 END)
        FROM application LEFT JOIN account ON account.person_id = application.person_id WHERE application.level = 2"""
    all_, ended, active = db.execute(text(recount)).one()
    figure = {code: fact(db, code, NATION, YEAR) for code in ("issued-of-applied", "activated-of-applied")}
    assert (figure["issued-of-applied"].numerator, figure["issued-of-applied"].denominator) == (ended, all_)
    assert figure["activated-of-applied"].numerator == active


def test_a_province_is_the_sum_of_its_communes_and_the_nation_of_all(db, now):
    here, beside, _ = communes(db)
    province = ancestors(db, here.id)[0]
    for unit, number in ((here, 3), (beside, 2)):
        for _ in range(number):
            applied(db, unit, now)
    issued(db, here, now)
    db.scalars(select(Application)).first().home_unit_id = None
    mark_all(db)
    count_all(db, now)
    places = [here.id, beside.id, province.id, NATION, UNALLOCATED]
    found = facts_of(db, "issued-of-applied", places, YEAR.first, YEAR.end)
    of = {unit: figure.denominator for unit, figure in found.items()}
    assert of[province.id] == of[here.id] + of[beside.id] == 5
    assert of[NATION] == of[province.id] + of[UNALLOCATED] == 6
    assert found[NATION].value == pytest.approx(1 / 6)


def test_nothing_is_counted_anew_that_did_not_change(db, now):
    applied(db, communes(db)[0], now)
    days = {today_in_vietnam(now)}
    assert count_anew(db, days, now=now) > 0
    assert count_anew(db, days, now=now + timedelta(hours=1)) == 0


def test_a_late_event_makes_a_new_row_and_the_old_figure_stays_to_be_seen(db, now):
    here = communes(db)[0]
    applied(db, here, now)
    count_anew(db, {today_in_vietnam(now)}, now=now)
    later = now + timedelta(days=3)
    applied(db, here, now - timedelta(hours=1))
    count_anew(db, {today_in_vietnam(now)}, now=later)
    assert fact(db, "issued-of-applied", here.id, YEAR).denominator == 2
    assert fact(db, "issued-of-applied", here.id, YEAR, as_of=now + timedelta(days=1)).denominator == 1
    assert fact(db, "issued-of-applied", here.id, YEAR, as_of=now - timedelta(days=1)) is None


def test_what_becomes_nothing_is_an_explicit_zero(db, now):
    here = communes(db)[0]
    applied(db, here, now)
    count_anew(db, {today_in_vietnam(now)}, now=now)
    db.query(Application).delete()
    count_anew(db, {today_in_vietnam(now)}, now=now + timedelta(hours=1))
    rows = series(db, ["issued-of-applied"], [here.id], "day")
    assert list(rows.values()) == [(0, 0)]


def test_an_old_day_that_changes_without_end_keeps_no_later_day_waiting(db, now):
    here = communes(db)[0]
    months = [now - timedelta(days=days) for days in (70, 35, 0)]
    for moment in months:
        issued(db, here, moment)
    for _ in months:
        refresh(db, now=now)
    counted = {starts for _code, _unit, kind, starts, *_ in current(db) if kind == "day"}
    assert counted == {today_in_vietnam(moment) for moment in months}


@pytest.fixture
def read_once(monkeypatch):
    """Without the margin for late commits each event of the trail is read once: what it misses stays missed."""
    monkeypatch.setattr("onboarding.figures.refresh._read_again_from", lambda last: UUID(int=last.int + 1))


@pytest.mark.parametrize("seed", [1, 6])
def test_counted_step_by_step_equals_counted_from_scratch(db, now, seed, read_once):
    chance, (here, beside, _) = random.Random(seed), communes(db)
    members = [member_of(db, team_in(db, unit, now=now), now=now) for unit in (here, beside)]
    people = [issued(db, chance.choice([here, beside]), now - timedelta(days=chance.randint(1, 20))) for _ in range(5)]
    written, moment = [], now
    for _ in range(24):
        moment += timedelta(minutes=chance.randint(1, 200))
        _something(db, chance, members, people, written, moment)
        if chance.random() < 0.8:
            refresh(db, now=moment)
    count_all(db, moment)
    step_by_step = current(db)
    db.query(IndicatorFact).delete()
    db.query(FigureDay).delete()
    mark_all(db)
    while count_some(db, now=moment):
        pass
    assert step_by_step == current(db)
    assert any(code == "own-hand" for code, *_ in step_by_step)


def _something(db, chance, members, people, written, moment):
    """A record that comes late, one sent twice, a correction, an activation, or a consent withdrawn."""
    member, person = chance.choice(members), chance.choice(people)
    kind = chance.choice(["late", "late", "coded", "coded", "twice", "corrected", "activated", "withdrawn"])
    if kind == "late":
        one = entry(moment - timedelta(days=chance.randint(0, 6)), mode=chance.choice([Mode.GUIDED, Mode.EXPLAINED]))
        written.append((member, one))
    elif kind == "coded":
        try:
            one = entry(moment, help_code=new_help_code(db, person.id, now=moment))
        except Refused:
            return
        written.append((member, one))
    elif kind == "activated":
        activated(db, person, moment)
        return
    elif kind == "withdrawn":
        withdraw_help(db, person, actor=SYSTEM, now=moment)
        return
    elif not written:
        return
    elif kind == "twice":
        member, one = written[-1]
    else:
        member, old = written.pop()
        one = replace(old, id=uuid4(), supersedes=old.id, result=Result.BLOCKED, obstacle=Obstacle.OTHER, help_code="")
    take_in(db, member.account_id, one, now=moment)
    db.flush()


def test_a_record_whose_activation_follows_is_counted_again_on_its_own_day(db, now, read_once):
    here = communes(db)[0]
    member, person = member_of(db, team_in(db, here, now=now), now=now), resident(db, here, now=now)
    take_in(db, member.account_id, entry(now, help_code=new_help_code(db, person.id, now=now)), now=now)
    count_all(db, now)
    assert fact(db, "assisted-activation", here.id, YEAR).numerator == 0
    after = now + timedelta(days=9)
    activated(db, person, after)
    count_all(db, after)
    day = campaign_day(today_in_vietnam(now), 1)
    assert fact(db, "assisted-activation", here.id, day).numerator == 1
    assert fact(db, "assisted-activation", here.id, day, as_of=now).numerator == 0


@pytest.mark.parametrize(
    ("code", "first", "last", "kind"),
    [
        ("2025", "2025-01-01", "2025-12-31", PeriodKind.YEAR),
        ("2025-H2", "2025-07-01", "2025-12-31", PeriodKind.HALF_YEAR),
        ("2025-Q3", "2025-07-01", "2025-09-30", PeriodKind.QUARTER),
        ("2024-02", "2024-02-01", "2024-02-29", PeriodKind.MONTH),
        ("2026-W53", "2026-12-28", "2027-01-03", PeriodKind.WEEK),
        ("2025-07-01", "2025-07-01", "2025-07-01", PeriodKind.DAY),
        ("2025-07-01-D1", "2025-07-01", "2025-07-01", PeriodKind.DAY),
        ("2024-02-20-D12", "2024-03-02", "2024-03-02", PeriodKind.DAY),
        ("S2025-01", "2024-12-15", "2025-01-14", PeriodKind.STATE_MONTH),
        ("quarter", "2026-10-01", "2026-12-31", PeriodKind.QUARTER),
    ],
)
def test_periods_are_read_as_they_are_written(code, first, last, kind):
    found = read_period(code, on=date(2026, 11, 23))
    assert (found.first.isoformat(), found.last.isoformat(), found.kind) == (first, last, kind)


@pytest.mark.parametrize("code", ["", "25", "0000", "now", "2025-13", "2025-W54", "2025-Q5", "2025-02-30", "2025-7"])
def test_a_malformed_period_is_refused(code):
    for text_ in (code, code + "x", code + "\n"):
        with pytest.raises(Refused, match="period-unknown"):
            read_period(text_, on=date(2026, 11, 23))


def test_digits_of_other_scripts_and_years_before_the_rule_are_refused():
    for code in ("\uff12\uff10\uff12\uff15", "S1900-01", "2025-07-01\n"):
        with pytest.raises(Refused, match="period-unknown"):
            read_period(code, on=date(2026, 11, 23))


def test_any_span_is_whole_months_and_single_days_together(db, now):
    here = communes(db)[0]
    for days in (0, 3, 23, 28, 40):
        applied(db, here, now - timedelta(days=days))
    mark_all(db)
    count_all(db, now)
    today = today_in_vietnam(now)
    for days, expected in ((0, 1), (3, 2), (25, 3), (28, 4), (45, 5)):
        found = fact(db, "issued-of-applied", here.id, span(today - timedelta(days=days), today))
        assert found.denominator == expected


def test_the_registry_says_for_each_what_is_counted_of_what():
    codes = [one.code for one in indicators()]
    assert len(set(codes)) == len(codes)
    assert sum(one.is_headline for one in indicators()) == 5
    assert all(one.name[locale] and one.definition[locale] for one in indicators() for locale in ("vi", "en"))
    assert {one.code for one in indicators()} == {one.code for one in fed()}
    assert {one.numerator.source for one in counted()} == {"system-events"}
    assert {one.version for one in indicators() if one.is_headline} == {2}
    assert INDICATORS.exists()
    with pytest.raises(Refused, match="indicator-unknown"):
        get_indicator("invented")


def test_two_counts_of_one_moment_leave_one_current_row(db: Session, now):
    here = communes(db)[0]
    for _ in range(2):
        applied(db, here, now)
        count_anew(db, {today_in_vietnam(now)}, now=now)
    query = select(func.count()).select_from(IndicatorFact).where(IndicatorFact.unit_id == here.id)
    assert db.scalar(query.where(IndicatorFact.indicator == "issued-of-applied", IndicatorFact.kind == "day")) == 1
    assert db.scalar(select(func.count()).select_from(AssistanceEvent)) == 0
