"""Badges, shifts, referrals, help on somebody's behalf, calls: each rule and what breaks it."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from identity.audit import Actor
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.helping import new_help_code
from identity.outbox import OutboxMessage
from identity.places import Unit, UnitSuccession
from identity.staff import roles_of
from onboarding.assistance import take_in
from onboarding.badge import (
    ReportOutcome,
    Standing,
    check_printed,
    check_token,
    get_badge,
    open_reports,
    report_scam,
    revoke_badge,
    settle_report,
    token_of,
)
from onboarding.catalogue import Task
from onboarding.delegation import DelegationState, delegate, find_delegation, revoke
from onboarding.map import UNALLOCATED, as_now, as_then, visits_by_place
from onboarding.outreach import CallResult, call_list, note_result, results, take_over
from onboarding.referral import Desk, ReferralOutcome, accept, close, get_referral, is_late, open_referrals, refer
from onboarding.shift import decide_shift, pay_per_day, person_days, plan_shift, shifts_to_decide
from onboarding.team import Member, appoint, members_of, release
from tests.onboarding.scene import communes, entry, ids, member_of, pseudonym_of, resident, staff_account, team_in

TODAY = date(2026, 11, 23)
BY = Actor(None, "coordinator")
MORNING, LATER = (time(8), time(11)), (time(14), time(16))


@pytest.fixture
def here(db):
    return communes(db)[0]


@pytest.fixture
def team(db, here, now):
    return team_in(db, here, now=now)


@pytest.fixture
def member(db, team, now):
    return member_of(db, team, now=now)


def row_of(db, member):
    return db.query(Member).filter(Member.account_id == member.account_id).one()


# badges


def test_a_badge_on_the_phone_is_good_for_its_step_and_a_margin(db, member, now):
    badge = get_badge(db, member, now=now)
    token = token_of(db, badge, now=now)
    for seconds in (0, 29, 44):
        shown = check_token(db, token, now=now + timedelta(seconds=seconds))
        assert (shown.standing, shown.name, shown.member.team_name) == (Standing.GOOD, "Lê Thị Mai", member.team_name)
    copied = check_token(db, token, now=now + timedelta(seconds=46))
    assert (copied.standing, copied.name, copied.member) == (Standing.STALE, "", None)
    assert token_of(db, badge, now=now + timedelta(seconds=30)) != token


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: ("B" if t[0] == "A" else "A") + t[1:],
        lambda t: t[:-4] + ("BBBB" if t[-4:] == "AAAA" else "AAAA"),
        lambda t: "x",
        lambda t: t[:30],
    ],
)
def test_a_made_up_badge_is_unknown(db, member, now, spoil):
    token = token_of(db, get_badge(db, member, now=now), now=now)
    assert check_token(db, spoil(token), now=now).standing is Standing.UNKNOWN


def test_a_badge_is_made_once_and_its_printed_code_is_read_however_it_is_written(db, member, now):
    badge = get_badge(db, member, now=now)
    assert get_badge(db, member, now=now).id == badge.id
    code = badge.code
    spoken = f"{code[:4].lower()} - {code[4:]}".replace("0", "o").replace("1", "l")
    shown = check_printed(db, spoken, now=now)
    assert (shown.standing, shown.printed) == (Standing.GOOD, True)
    assert check_printed(db, "ZZZZZZZZ", now=now).standing is Standing.UNKNOWN
    assert code.encode() not in badge.code_sealed


def test_a_badge_taken_back_or_of_somebody_who_left_names_nobody(db, member, team, now):
    badge = get_badge(db, member, now=now)
    token, other = token_of(db, badge, now=now), member_of(db, team, now=now)
    revoke_badge(db, badge, BY, now=now)
    assert check_token(db, token, now=now).standing is Standing.ENDED
    with pytest.raises(Refused, match="badge-revoked"):
        token_of(db, badge, now=now)
    theirs = get_badge(db, other, now=now)
    release(db, row_of(db, other), BY, now=now)
    db.flush()
    for shown in (check_token(db, token_of(db, theirs, now=now), now=now), check_printed(db, theirs.code, now=now)):
        assert (shown.standing, shown.name) == (Standing.ENDED, "")


def test_a_report_reaches_the_coordinator_of_the_unit_and_a_real_scam_takes_the_badge_back(db, member, here, now):
    badge = get_badge(db, member, now=now)
    report = report_scam(db, badge.id, "đòi mã trong tin nhắn", "0912345678", now=now)
    db.flush()
    beside = ids(communes(db)[1])
    assert [one.id for one in open_reports(db, ids(here))] == [report.id]
    assert open_reports(db, beside) == []
    with pytest.raises(Refused, match="not-found"):
        settle_report(db, report.id, ReportOutcome.REAL_SCAM, BY, beside, now=now)
    settle_report(db, report.id, ReportOutcome.REAL_SCAM, BY, ids(here), now=now)
    assert badge.revoked_at == now
    assert open_reports(db, ids(here)) == []
    assert "mã".encode() not in report.text_sealed
    with pytest.raises(Refused, match="changed-meanwhile"):
        settle_report(db, report.id, ReportOutcome.UNCLEAR, BY, ids(here), now=now)


def test_a_report_about_no_badge_of_ours_waits_for_every_coordinator(db, here, now):
    report_scam(db, None, "người lạ tự xưng là cán bộ", "", now=now)
    db.flush()
    assert len(open_reports(db, ids(here))) == 1


# teams


def test_a_team_takes_ten_members_and_not_one_more(db, team, now):
    for _ in range(10):
        member_of(db, team, now=now)
    with pytest.raises(Refused, match="team-full"):
        appoint(db, team, staff_account(db, "eleventh", now=now).id, BY, now=now)


def test_who_is_released_loses_the_role_that_day(db, member, team, now):
    release(db, row_of(db, member), BY, now=now)
    db.flush()
    assert roles_of(db, member.account_id, on=today_in_vietnam(now)) == []
    assert members_of(db, team.id, on=TODAY) == []


# shifts


def test_a_day_counts_once_however_many_shifts_it_has(db, member, here, now):
    for day, span in ((TODAY, MORNING), (TODAY, LATER), (TODAY - timedelta(days=1), MORNING)):
        plan_shift(db, member.account_id, day, span, "Nhà văn hoá", BY, now=now)
    db.flush()
    for shift, _name in shifts_to_decide(db, ids(here), on=TODAY):
        decide_shift(db, shift.id, True, BY, ids(here), now=now)
    [row] = person_days(db, ids(here), TODAY.replace(day=1), date(2026, 12, 1))
    assert (row.days, row.shifts, row.amount) == (2, 3, None)


def test_a_province_pays_by_its_own_dated_rule(db):
    da_nang = db.scalars(select(Unit).where(Unit.code == "48", Unit.kind == "province", Unit.valid_to.is_(None))).one()
    commune = db.scalars(select(Unit).where(Unit.parent_id == da_nang.id).limit(1)).one()
    assert pay_per_day(db, commune.id, on=TODAY) == 50000
    assert pay_per_day(db, commune.id, on=date(2025, 12, 31)) is None


def test_nobody_approves_their_own_shift_and_nothing_is_decided_twice(db, member, here, now):
    shift = plan_shift(db, member.account_id, TODAY, MORNING, "Chợ", BY, now=now)
    db.flush()
    with pytest.raises(Refused, match="own-shift"):
        decide_shift(db, shift.id, True, Actor(member.account_id, "coordinator"), ids(here), now=now)
    with pytest.raises(Refused, match="not-found"):
        decide_shift(db, shift.id, True, BY, ids(communes(db)[1]), now=now)
    decide_shift(db, shift.id, False, BY, ids(here), now=now)
    with pytest.raises(Refused, match="changed-meanwhile"):
        decide_shift(db, shift.id, True, BY, ids(here), now=now)
    assert person_days(db, ids(here), TODAY, date(2026, 12, 1)) == []


@pytest.mark.parametrize(
    ("day", "span", "code"),
    [
        (TODAY, (time(11), time(8)), "shift-times"),
        (TODAY, (time(10), time(12)), "shift-overlaps"),
        (TODAY - timedelta(days=32), MORNING, "shift-too-late"),
    ],
)
def test_a_shift_that_cannot_be_is_refused(db, member, now, day, span, code):
    plan_shift(db, member.account_id, TODAY, MORNING, "Chợ", BY, now=now)
    db.flush()
    with pytest.raises(Refused, match=code):
        plan_shift(db, member.account_id, day, span, "Chợ", BY, now=now)


def test_a_shift_to_come_is_not_approved(db, member, here, now):
    shift = plan_shift(db, member.account_id, TODAY + timedelta(days=1), MORNING, "Chợ", BY, now=now)
    db.flush()
    with pytest.raises(Refused, match="shift-not-yet"):
        decide_shift(db, shift.id, True, BY, ids(here), now=now)


# referrals


def test_a_referral_is_followed_until_it_is_closed_and_then_forgets_whom(db, member, here, now):
    referral = refer(db, member, Desk.WARD_POLICE, "activation", BY, now=now, agreed=True, contact="0912345678")
    db.flush()
    assert referral.contact == "0912345678"
    assert [one.id for one in open_referrals(db, ids(here))] == [referral.id]
    assert not is_late(referral, now=now + timedelta(days=14))
    assert is_late(referral, now=now + timedelta(days=15))
    accept(db, get_referral(db, referral.id, ids(here)), BY, now=now)
    close(db, referral, ReferralOutcome.SOLVED, BY, now=now)
    assert (referral.contact, open_referrals(db, ids(here))) == (None, [])
    with pytest.raises(Refused, match="changed-meanwhile"):
        close(db, referral, ReferralOutcome.SOLVED, BY, now=now)


def test_nobody_is_referred_without_agreeing_or_by_name(db, member, here, now):
    with pytest.raises(Refused, match="referral-not-agreed"):
        refer(db, member, Desk.ONE_STOP, "land", BY, now=now)
    with pytest.raises(Refused, match="note-has-name"):
        refer(db, member, Desk.ONE_STOP, "land", BY, now=now, agreed=True, note="Nguyễn Văn An")
    with pytest.raises(Refused, match="not-found"):
        get_referral(db, uuid4(), ids(here))


# on somebody's behalf


def test_an_authorisation_ends_by_itself_and_by_its_receipt(db, member, now):
    given = delegate(db, member, Task.LAND, 3, BY, now=now, agreed=True)
    db.flush()
    assert find_delegation(db, f"{given.code[:4]}-{given.code[4:]}".lower()).id == given.id
    assert given.state(on=TODAY + timedelta(days=2)) is DelegationState.VALID
    assert given.state(on=TODAY + timedelta(days=3)) is DelegationState.OVER
    revoke(db, given, now=now)
    assert given.state(on=TODAY) is DelegationState.REVOKED
    assert find_delegation(db, "0000-0000-0000") is None


def test_a_receipt_by_sms_goes_through_the_outbox_sealed(db, member, here, now):
    person = resident(db, here, now=now)
    code = new_help_code(db, person.id, now=now)
    given = delegate(db, member, Task.LAND, 3, BY, now=now, agreed=True, phone="+84912345678", help_code=code)
    db.flush()
    message = db.scalars(select(OutboxMessage).where(OutboxMessage.kind == "delegation-receipt")).one()
    assert given.code.encode() not in message.payload_sealed
    assert given.pseudonym == pseudonym_of(db, person)


@pytest.mark.parametrize(
    ("task", "days", "details", "code"),
    [
        (Task.ACTIVATION, 3, {"agreed": True}, "assistance-own-hand"),
        (Task.LAND, 31, {"agreed": True}, "delegation-days"),
        (Task.LAND, 0, {"agreed": True}, "delegation-days"),
        (Task.LAND, 3, {}, "delegation-not-agreed"),
        (Task.LAND, 3, {"agreed": True, "help_code": "00000000"}, "help-code-unknown"),
    ],
)
def test_what_may_not_be_authorised(db, member, now, task, days, details, code):
    with pytest.raises(Refused, match=code):
        delegate(db, member, task, days, BY, now=now, **details)


# calls


def test_people_are_shared_out_once_and_only_their_caller_notes_the_result(db, here, now):
    one, other = (Actor(staff_account(db, name, now=now).id, "coordinator") for name in ("a", "b"))
    handles = [pseudonym_of(db, resident(db, here, now=now)) for _ in range(3)]
    resident(db, here, now=now, agreed=False)
    assert call_list(db, ids(here), one, now=now).total == 3
    assert take_over(db, handles[:2], one.account_id, one, ids(here), now=now) == 2
    assert take_over(db, handles, other.account_id, other, ids(here), now=now) == 1
    note_result(db, handles[0], CallResult.NO_ANSWER, one, now=now)
    with pytest.raises(Refused, match="outreach-not-yours"):
        note_result(db, handles[0], CallResult.APPOINTMENT, other, now=now)
    assert results(db, ids(here)) == {"no-answer": 1, None: 2}
    lines = {line.person.pseudonym: line.call for line in call_list(db, ids(here), one, now=now).lines}
    assert lines[handles[0]].again_on == TODAY + timedelta(days=1)
    assert take_over(db, [b"0" * 32], one.account_id, one, ids(here), now=now) == 0


# the map, then and now


def unit_made(db, name, parent=None, ended=False):
    unit = Unit(
        code=f"X{name}",
        kind="village" if parent else "commune",
        type="village" if parent else "commune",
        name=name,
        name_folded=name,
        search_folded=name,
        parent_id=parent,
        valid_from=date(2020, 1, 1),
        valid_to=date(2025, 7, 1) if ended else None,
    )
    db.add(unit)
    db.flush()
    return unit.id


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    successors=st.lists(st.sets(st.integers(0, 3), max_size=3), min_size=1, max_size=4),
    figures=st.lists(st.tuples(st.integers(0, 7), st.none() | st.integers(0, 3), st.integers(0, 50)), max_size=20),
)
def test_sums_hold_whatever_became_of_the_units(bare_database, successors, figures):
    with bare_database.session(write=True) as db:
        today = [unit_made(db, f"now{n}") for n in range(4)]
        villages = [unit_made(db, f"village{n}", parent=id_) for n, id_ in enumerate(today)]
        ended = [unit_made(db, f"then{n}", ended=True) for n in range(len(successors))]
        for before, after in zip(ended, successors, strict=True):
            db.add_all(UnitSuccession(from_id=before, to_id=today[n]) for n in after)
        db.flush()
        everywhere = [*today, *ended]
        counted = {}
        for unit, village, number in figures:
            place = (everywhere[unit % len(everywhere)], None if village is None else villages[village])
            counted[place] = counted.get(place, 0) + number
        total = sum(counted.values())
        now = as_now(db, counted)
        assert sum(as_then(counted).values()) == sum(now.values()) == total
        merged = [before for before, after in zip(ended, successors, strict=True) if len(after) > 1]
        assert set(now) <= {*today, *ended, UNALLOCATED} - set(merged)
        db.rollback()


def test_visits_are_counted_by_place_without_what_was_corrected(db, member, here, now):
    first = entry(now)
    for one in (first, entry(now, supersedes=first.id, minutes=5), entry(now)):
        take_in(db, member.account_id, one, now=now)
    span = {"since": now - timedelta(days=1), "until": now}
    assert visits_by_place(db, ids(here), **span) == {(here.id, None): 2}
