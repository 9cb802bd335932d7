"""Badge, shifts, referrals, authorisations, and the coordinator's desk, as people see them."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from identity.audit import SYSTEM
from identity.places import Unit, UnitSuccession
from identity.staff import give_role
from onboarding.assistance import AssistanceEvent, take_in
from onboarding.badge import Badge, ScamReport
from onboarding.catalogue import Obstacle, Result
from onboarding.delegation import Delegation
from onboarding.outreach import OutreachCall
from onboarding.referral import Referral
from onboarding.shift import Shift
from onboarding.team import Member, Team, dismiss
from onboarding.villages import add_village
from tests.onboarding.scene import communes, entry
from tests.onboarding.test_map import unit_made
from tests.portal import field_scene
from tests.portal.field_scene import one
from tests.portal.test_coordination import words
from tests.portal.work_scene import write

place, browser = field_scene.place, field_scene.browser


def test_a_resident_scans_a_badge_and_an_old_picture_of_it_says_nothing(browser, database, place, clock, monkeypatch):
    drawn = []
    monkeypatch.setattr("portal.team.badge.qr_svg", lambda text: drawn.append(text) or "<svg/>")
    member = browser("member")
    assert "My badge" in member.get("/team/badge").text
    member.get("/team/badge.svg")
    address = drawn[0].removeprefix("http://localhost")
    member.delete_cookie("eid_session")
    body = member.get(address).text
    assert "This badge is real" in body
    assert "Lê Thị Mai" in body
    clock.advance(minutes=2)
    body = member.get(address).text
    assert "This code is old" in body
    assert "Lê Thị Mai" not in body


def test_a_printed_code_is_checked_on_the_page(browser, database, place):
    member = browser("member")
    body = member.get("/team/badge/print").text
    code = re.search(r'badge__code">([^<]+)<', body).group(1)
    member.delete_cookie("eid_session")
    answer = member.post("/verify/badge", data={"code": code})
    body = member.get(answer.location).text
    assert "This badge is real" in body
    assert "This was a printed card" in body
    assert "We do not know this badge" in member.get("/verify/badge?code=ZZZZZZZZ").text


def test_a_dismissed_members_badge_is_refused(browser, database, place, clock):
    member = browser("member")
    code = re.search(r'badge__code">([^<]+)<', member.get("/team/badge/print").text).group(1)
    who = select(Member).where(Member.account_id == place.member)
    write(database, lambda db: dismiss(db, db.scalars(who).one(), SYSTEM, now=clock.now))
    body = member.get(f"/verify/badge?code={code}").text
    assert "This badge is no longer valid" in body
    assert "Lê Thị Mai" not in body


def test_a_scam_report_reaches_the_coordinator_and_takes_the_badge_back(browser, database, place):
    member = browser("member")
    code = re.search(r'badge__code">([^<]+)<', member.get("/team/badge/print").text).group(1)
    member.delete_cookie("eid_session")
    answer = member.post("/verify/badge-report", data={"shown": code, "text": "asked for my code"})
    assert "We have your report" in member.get(answer.location).text
    assert "asked for my code" not in browser("elsewhere").get("/coordination/desk").text
    desk = browser("coordinator")
    assert "asked for my code" in desk.get("/coordination/desk").text
    report = one(database, ScamReport)
    desk.post(f"/coordination/desk/report/{report.id}", data={"choice": "real-scam"})
    assert one(database, Badge).revoked_at is not None
    assert "no longer valid" in desk.get(f"/verify/badge?code={code}").text
    assert browser("member").get("/team/badge").status_code == 409


def test_a_report_about_no_badge_of_ours_goes_to_the_place_that_it_names(browser, database, place, clock):
    """A place that several bear, that nobody reads for, or that is none, leaves the report to all who read."""
    names = write(database, lambda db: [one.title for one in communes(db)])
    province = write(database, lambda db: db.get_one(Unit, place.here).parent_id)
    write(database, lambda db: give_role(db, place.newcomer, "leader", province, SYSTEM, now=clock.now))
    for where, others_see_it in ((f"{names[0]}, Hà Nội", False), (names[2], True), ("Hà Nội", True), ("", True)):
        client, said = browser("coordinator"), f"asked for my code, {where}"
        client.delete_cookie("eid_session")
        client.post("/verify/badge-report", data={"text": f"asked for my code, {where}.", "place": where})
        assert said in browser("coordinator").get("/coordination/desk").text
        assert (said in browser("elsewhere").get("/coordination/desk").text) == others_see_it


def test_a_shift_is_planned_approved_and_counted_once(browser, database, place):
    member = browser("member")
    day = {"day-day": "23", "day-month": "11", "day-year": "2026", "place": "Nhà văn hoá"}
    assert member.post("/team/shifts", data={**day, "begins": "8:00", "ends": "11:00"}).status_code == 303
    assert member.post("/team/shifts", data={**day, "begins": "14:00", "ends": "16:00"}).status_code == 303
    wrong = member.post("/team/shifts", data={**day, "begins": "9:00", "ends": "10:00"})
    assert "another shift at that time" in wrong.text
    assert "Write the time" in member.post("/team/shifts", data={**day, "begins": "x", "ends": "10:00"}).text
    assert "To be approved" in member.get("/team/shifts").text
    desk = browser("coordinator")
    assert "Nhà văn hoá" in desk.get("/coordination/desk").text
    with database.session(write=False) as db:
        ids = db.scalars(select(Shift.id)).all()
    for id_ in ids:
        assert desk.post(f"/coordination/desk/shift/{id_}", data={"choice": "approve"}).status_code == 303
    assert desk.post(f"/coordination/desk/shift/{ids[0]}", data={"choice": "approve"}).status_code == 409
    rows = desk.get("/coordination/pay.csv?month=2026-11").text.splitlines()
    assert rows[1].split(",")[3:8] == ["member", "Lê Thị Mai", "1", "2", ""]
    assert rows[2].split(",")[3:8] == ["team", "", "1", "2", ""]
    assert len(browser("elsewhere").get("/coordination/pay.csv?month=2026-11").text.splitlines()) == 1
    assert desk.get("/coordination/pay.csv?month=x").status_code == 400


def test_a_referral_is_followed_until_closed(browser, database, place):
    member = browser("member")
    data = {"desk": "ward-police", "task": "activation", "contact": "0912345678"}
    assert "Refer somebody only when they agree" in member.post("/team/referrals", data=data).text
    member.post("/team/referrals", data={**data, "agreed": "1"})
    assert "Ward police" in member.get("/team/referrals").text
    referral = one(database, Referral)
    stranger = browser("elsewhere").post(f"/coordination/desk/referral/{referral.id}", data={"choice": "solved"})
    assert stranger.status_code == 404
    desk = browser("coordinator")
    assert "912345678" in desk.get("/coordination/desk").text
    desk.post(f"/coordination/desk/referral/{referral.id}", data={"choice": "accept"})
    assert "The desk has it" in browser("member").get("/team/referrals").text
    browser("coordinator").post(f"/coordination/desk/referral/{referral.id}", data={"choice": "solved"})
    assert "Solved" in browser("member").get("/team/referrals").text
    assert one(database, Referral).contact_sealed is None


def test_help_on_somebodys_behalf_has_a_receipt_that_ends_it(browser, database, place):
    member = browser("member")
    answer = member.post("/team/behalf", data={"task": "land", "days": "3", "agreed": "1"})
    body = member.get(answer.location).text
    code = re.search(r'badge__code">([^<]+)<', body).group(1)
    member.delete_cookie("eid_session")
    shown = member.post("/verify/receipt", data={"code": code})
    assert "Land matters" in member.get(shown.location).text
    assert "End it now" in member.get(shown.location).text
    ended = member.post("/verify/receipt/end", data={"code": code})
    assert "Ended by the person" in member.get(ended.location).text
    assert one(database, Delegation).revoked_at is not None
    assert "We do not know this code" in member.get("/verify/receipt?code=000000000000").text


def test_what_may_not_be_done_on_somebodys_behalf_is_not_offered(browser):
    body = browser("member").get("/team/behalf").text
    assert 'value="activation"' not in body
    assert 'value="setup"' not in body


def test_a_team_is_founded_appointed_and_released(browser, database, place):
    desk = browser("coordinator")
    data = {"unit": str(place.here), "name": "Tổ công nghệ số 2", "decision": "15/QĐ-UBND"}
    address = desk.post("/coordination/teams", data=data).location
    assert "too few" in desk.get(address).text
    assert "No staff account has this name" in desk.post(address, data={"account": "nobody"}).text
    desk.post(address, data={"account": "moi", "lead": "1"})
    assert "Trần Văn Mới" in desk.get(address).text
    row = select(Member.id).where(Member.account_id == place.newcomer)
    with database.session(write=False) as db:
        member_id = db.scalars(row).one()
    desk.post(f"{address}/release/{member_id}")
    assert "Trần Văn Mới" not in desk.get(address).text
    assert browser("elsewhere").get(address).status_code == 404


def test_a_coordinator_founds_teams_in_the_own_units_only(browser, database, place):
    data = {"unit": str(place.here), "name": "Tổ lạ", "decision": "1"}
    assert "Choose one of the answers shown" in browser("elsewhere").post("/coordination/teams", data=data).text
    with database.session(write=False) as db:
        assert db.scalars(select(Team.name)).all() == ["Tổ công nghệ số 1"]


def test_units_are_found_without_marks_and_walked_down(browser):
    desk = browser("coordinator")
    body = desk.get("/coordination/units").text
    assert "34 units" in body
    body = desk.get("/coordination/units?q=da+nang").text
    address = re.search(r'href="(/coordination/units/[^"]+)">Đà Nẵng City', body).group(1)
    below = desk.get(address).text
    assert "Made from:" in below
    assert "Quảng Nam" in below
    assert "No unit has this name" in desk.get("/coordination/units?q=atlantis").text
    assert "Ended on" in desk.get("/coordination/units?q=ha+giang").text, "a province that is no more is found"
    assert "The closest 50" in desk.get("/coordination/units?q=tan").text
    body = desk.get("/coordination/units?q=ben+nghe").text
    address = re.search(r'href="(/coordination/units/[^"]+)">Sài Gòn Ward', body).group(1)
    assert "Hồ Chí Minh City" in body, "several places are called alike, so each says where it lies"
    assert "phường Bến Nghé" in desk.get(address).text


def test_visits_are_shown_as_then_and_as_now_for_the_own_unit(browser, database, place, clock):
    """What was split shows its parts and what nobody can place; another coordinator sees no figures."""
    day = clock.now - timedelta(days=1)

    def split(db):
        here = db.get_one(Unit, place.here)
        one, other = (unit_made(db, name, parent=here.parent_id) for name in ("Đông", "Tây"))
        village = add_village(db, here.id, "Thôn 1", SYSTEM, now=day)
        take_in(db, place.member, entry(day), now=day)
        take_in(db, place.member, entry(day, village_id=village.id), now=day)
        here.valid_to = village.valid_to = clock.now.date()
        followed = {village.id: [unit_made(db, "Thôn Đông", parent=one)], here.id: [one, other]}
        db.add_all(UnitSuccession(from_id=old, to_id=new) for old, after in followed.items() for new in after)

    write(database, split)
    text = words(browser("coordinator").get(f"/coordination/units/{place.here}"))
    assert "As the map was then 2" in text
    assert "Đông 1" in text and "Tây 0" in text and "Unallocated 1" in text
    assert "Unallocated" not in browser("elsewhere").get(f"/coordination/units/{place.here}").text


def test_a_teams_board_shows_today_to_the_team_alone(browser, database, place, clock):
    write(database, lambda db: take_in(db, place.member, entry(clock.now), now=clock.now))
    board, told = f"/figures/teams/{place.team}", "Visits 1 records of help that count"
    assert told in words(browser("member").get(board))
    assert told not in words(browser("coordinator").get(board))
    clock.advance(days=1)
    assert told in words(browser("coordinator").get(board))


def test_records_of_a_former_member_count_when_the_coordinator_says_so(browser, database, place, clock):
    before = entry(clock.now, happened_at=clock.now - timedelta(days=1))
    who = select(Member).where(Member.account_id == place.member)

    def leave(db):
        dismiss(db, db.scalars(who).one(), SYSTEM, now=clock.now)
        db.flush()
        take_in(db, place.member, before, now=clock.now)

    write(database, leave)
    desk = browser("coordinator")
    assert "Records of former members (1)" in desk.get("/coordination/desk").text
    assert (
        browser("elsewhere").post(f"/coordination/desk/held/{before.id}", data={"choice": "admit"}).status_code == 404
    )
    browser("coordinator").post(f"/coordination/desk/held/{before.id}", data={"choice": "admit"})
    assert one(database, AssistanceEvent).id == before.id


def test_unmet_needs_are_counted_by_reason(browser, database, place, clock):
    def log(db):
        for _ in range(2):
            stuck = entry(clock.now, result=Result.BLOCKED, obstacle=Obstacle.NO_PHONE)
            take_in(db, place.member, stuck, now=clock.now)

    write(database, log)
    assert "No phone or no smartphone" not in browser("coordinator").get("/coordination/desk").text, "the team's own"
    clock.advance(days=1)
    assert "No phone or no smartphone" in browser("coordinator").get("/coordination/desk").text


def test_people_to_call_are_taken_and_the_result_noted(browser, database, place):
    desk = browser("coordinator")
    body = desk.get("/coordination/calls").text
    assert "Bình" in body
    assert "912345214" not in body
    desk.post("/coordination/calls", data={"person": place.handle})
    desk.post(f"/coordination/calls/{place.handle}", data={"result": "no-answer"})
    assert "again on 24 November 2026" in desk.get("/coordination/calls").text
    assert one(database, OutreachCall).tries == 1
    elsewhere = browser("elsewhere")
    assert "Bình" not in elsewhere.get("/coordination/calls").text
    assert elsewhere.post(f"/coordination/calls/{place.handle}", data={"result": "appointment"}).status_code == 409
    assert elsewhere.post("/coordination/calls/x", data={"result": "appointment"}).status_code == 400


def test_the_team_sees_its_own_card(browser, database, place, clock):
    write(database, lambda db: take_in(db, place.member, entry(clock.now), now=clock.now))
    body = browser("member").get("/team/card").text
    assert "Activations claimed" in body
    assert "before anybody else" in body


DESK = ("desk", "teams", "calls", "units")


@pytest.mark.parametrize("name", DESK)
def test_members_do_not_see_the_desk(browser, name):
    assert browser("member").get(f"/coordination/{name}").status_code == 403


@pytest.mark.parametrize("part", ["shift", "referral", "report", "held"])
def test_what_is_not_there_is_not_found_and_a_made_up_choice_refused(browser, part):
    desk, choice = browser("coordinator"), {"shift": "approve", "referral": "solved", "held": "admit"}
    address = f"/coordination/desk/{part}/{uuid4()}"
    assert desk.post(address, data={"choice": choice.get(part, "unclear")}).status_code == 404
    assert desk.post(address, data={"choice": "whatever"}).status_code == 400
