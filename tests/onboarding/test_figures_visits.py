"""Visits, teams and their data scores; accounts that were used."""

from __future__ import annotations

from datetime import date, timedelta

from identity.account import Account
from identity.helping import new_help_code
from identity.session import SignInSession
from onboarding.assistance import take_in
from onboarding.catalogue import Obstacle, Result, Task
from onboarding.figures.activity import median_lag
from onboarding.figures.periods import read_period
from onboarding.figures.scores import scores
from tests.onboarding.figures_scene import YEAR, count_all, count_from_scratch, pair
from tests.onboarding.scene import activate, communes, entry, member_of, resident, team_in
from tests.onboarding.test_figures import issued


def helped(db, member, now, person=None, **changes):
    code = {} if person is None else {"help_code": new_help_code(db, person.id, now=now)}
    one = entry(now, **code, **changes)
    assert take_in(db, member.account_id, one, now=now).refusal is None
    db.flush()
    return one


def test_help_for_the_same_task_on_another_day_within_ninety_is_a_return(db, now):
    here = communes(db)[0]
    member, person = member_of(db, team_in(db, here, now=now), now=now), resident(db, here, now=now)
    for days, task in ((0, Task.PAYMENT), (0, Task.PAYMENT), (5, Task.LAND), (60, Task.PAYMENT), (170, Task.PAYMENT)):
        helped(db, member, now + timedelta(days=days), person, task=task)
    helped(db, member, now + timedelta(days=60), task=Task.PAYMENT)
    later = now + timedelta(days=170)
    count_from_scratch(db, later)
    whole = read_period("2026-H2", on=date(2026, 1, 1))
    assert pair(db, "returned", here.id, whole) == (0, 3)
    assert pair(db, "returned", here.id, read_period("2027-01", on=date(2026, 1, 1))) == (1, 1)
    assert pair(db, "returned", here.id, read_period("2027-05", on=date(2026, 1, 1))) == (0, 1)


def test_what_stands_in_the_way_is_counted_by_reason(db, now):
    here = communes(db)[0]
    member = member_of(db, team_in(db, here, now=now), now=now)
    for reason in (Obstacle.NO_PHONE, Obstacle.NO_PHONE, Obstacle.LATE_CODE):
        helped(db, member, now, result=Result.BLOCKED, obstacle=reason)
    helped(db, member, now)
    count_all(db, now)
    assert pair(db, "unmet-no-phone", here.id) == (2, 3)
    assert pair(db, "unmet-late-code", here.id) == (1, 3)
    assert pair(db, "unmet-need", here.id) == (3, 4)
    assert sum(pair(db, f"unmet-{reason}", here.id)[0] for reason in Obstacle) == 3


def signed_in(db, person, at):
    account = db.query(Account).filter(Account.person_id == person.id).one()
    opaque = {"token_digest": at.isoformat().encode().ljust(32)[:32], "sid": at.isoformat()}
    times = dict.fromkeys(("auth_time", "created_at", "seen_at", "idle_until", "expires_at"), at)
    db.add(SignInSession(account_id=account.id, aal=2, amr="pwd otp", **opaque, **times))
    db.flush()


def test_an_account_was_used_when_its_holder_came_back_within_thirty_days(db, now):
    here = communes(db)[0]
    then = now - timedelta(days=35)
    for number, after in enumerate((timedelta(seconds=1), timedelta(days=3), timedelta(days=31), None)):
        person = issued(db, here, then - timedelta(days=1), active_at=then)
        if after is not None:
            signed_in(db, person, then + after + timedelta(microseconds=number))
    count_from_scratch(db, now)
    assert pair(db, "used-of-activated", here.id) == (1, 4)
    assert pair(db, "activated-of-issued", here.id) == (4, 4)


def test_a_team_counts_once_a_month_among_those_there_are(db, now):
    here, beside, _ = communes(db)
    first, second = team_in(db, here, now=now), team_in(db, beside, now=now)
    team_in(db, here, now=now, name="Tổ số 2")
    member, other = member_of(db, first, now=now), member_of(db, second, now=now)
    for moment in (now, now + timedelta(days=1), now + timedelta(days=12)):
        helped(db, member, moment)
    helped(db, other, now)
    count_all(db, now + timedelta(days=12))
    november, december = (read_period(code, on=date(2026, 1, 1)) for code in ("2026-11", "2026-12"))
    assert pair(db, "active-teams", here.id, november) == (1, 2)
    assert pair(db, "active-teams", here.id, december) == (1, 2)
    assert pair(db, "active-teams", beside.id, december) == (0, 1)


def test_the_four_scores_tell_what_is_wrong(db, now):
    here = communes(db)[0]
    member, person = member_of(db, team_in(db, here, now=now), now=now), resident(db, here, now=now)
    assert scores(db, here.id, YEAR).live is None
    activate(db, person, now=now)
    first = helped(db, member, now, person)
    helped(db, member, now, person, task=Task.ACTIVATION)
    helped(db, member, now, supersedes=first.id, task=Task.LAND)
    late = entry(now - timedelta(days=2), task=Task.LAND)
    take_in(db, member.account_id, late, now=now, clock_skew=3600)
    count_all(db, now)
    found = scores(db, here.id, read_period("2026-11", on=date(2026, 1, 1)))
    assert (found.correct.numerator, found.correct.denominator) == (2, 4), "one was corrected, one clock was off"
    assert (found.clean.numerator, found.clean.denominator) == (3, 3)
    assert (found.live.numerator, found.live.denominator) == (2, 3)
    assert (found.sufficient.numerator, found.sufficient.denominator) == (1, 1)
    assert median_lag(db, [here.id], YEAR) == timedelta(minutes=15)


def test_a_record_that_repeats_another_is_not_clean(db, now):
    here = communes(db)[0]
    team = team_in(db, here, now=now)
    members, person = [member_of(db, team, now=now) for _ in range(2)], resident(db, here, now=now)
    for member in members:
        helped(db, member, now, person)
    count_all(db, now)
    assert pair(db, "data-clean", here.id) == (1, 2)
