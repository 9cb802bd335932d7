"""Badges, teams, referrals: each rule and what breaks it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from identity.audit import Actor
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.staff import roles_of
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
from onboarding.referral import (
    Desk,
    ReferralOutcome,
    accept,
    close,
    get_referral,
    is_late,
    open_referrals,
    refer,
    referrals_by,
)
from onboarding.team import Member, appoint, members_of, release
from tests.onboarding.scene import communes, ids, member_of, staff_account, team_in

TODAY = date(2026, 11, 23)
BY = Actor(None, "coordinator")


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
    assert [one.id for one, _ in open_reports(db, ids(here))] == [report.id]
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


# referrals


def test_a_referral_is_followed_until_it_is_closed_and_then_forgets_whom(db, member, here, now):
    referral = refer(db, member, Desk.WARD_POLICE, "activation", BY, now=now, agreed=True, contact="0912345678")
    db.flush()
    assert referral.contact == "0912345678"
    assert [one.id for one, _ in open_referrals(db, ids(here))] == [referral.id]
    assert not is_late(referral, now=now + timedelta(days=14))
    assert is_late(referral, now=now + timedelta(days=15))
    accept(db, get_referral(db, referral.id, ids(here)), BY, now=now)
    close(db, referral, ReferralOutcome.SOLVED, BY, now=now)
    assert (referral.contact, open_referrals(db, ids(here))) == (None, [])
    with pytest.raises(Refused, match="changed-meanwhile"):
        close(db, referral, ReferralOutcome.SOLVED, BY, now=now)


def test_whoever_refers_many_sees_each_that_is_open(db, member, now):
    open_ones = [refer(db, member, Desk.ONE_STOP, "land", BY, now=now, agreed=True) for _ in range(31)]
    for _ in range(31):
        close(
            db,
            refer(db, member, Desk.ONE_STOP, "land", BY, now=now + timedelta(days=1), agreed=True),
            ReferralOutcome.SOLVED,
            BY,
            now=now + timedelta(days=1),
        )
    db.flush()
    found = [one.id for one in referrals_by(db, member.account_id)]
    assert set(found[:31]) == {one.id for one in open_ones} and len(found) == 61


def test_nobody_is_referred_without_agreeing_or_by_name(db, member, here, now):
    with pytest.raises(Refused, match="referral-not-agreed"):
        refer(db, member, Desk.ONE_STOP, "land", BY, now=now)
    with pytest.raises(Refused, match="note-has-name"):
        refer(db, member, Desk.ONE_STOP, "land", BY, now=now, agreed=True, note="Nguyễn Văn An")
    with pytest.raises(Refused, match="not-found"):
        get_referral(db, uuid4(), ids(here))
