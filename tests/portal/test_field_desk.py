"""The coordinator's work around the teams: portraits, villages, calls, authorisations; as people see them."""

from __future__ import annotations

import io
import re
from datetime import time, timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from identity.audit import SYSTEM, Actor
from identity.base import Refused
from identity.files import File
from identity.places import Unit
from identity.staff import Role, give_role
from onboarding.backlog import HeldFor, hold
from onboarding.badge import Badge, get_badge, report_scam
from onboarding.delegation import Delegation
from onboarding.event import Arrival
from onboarding.outreach import OutreachCall
from onboarding.referral import Referral, withdraw_referral
from onboarding.shift import Shift
from onboarding.team import Member, get_membership
from tests.onboarding.scene import entry, resident
from tests.onboarding.test_indicators import applied
from tests.portal import field_scene
from tests.portal.field_scene import one
from tests.portal.test_sync import sent
from tests.portal.work_scene import write

place, browser = field_scene.place, field_scene.browser


def face(colour="peru", size=(900, 700)):
    out = io.BytesIO()
    picture = Image.new("RGB", size, colour)
    picture.info["secret"] = "taken at home"
    picture.save(out, "PNG")
    out.seek(0)
    return out


def upload(client, address, content, **more):
    data = {"portrait": (content, "face.png"), "known": "1", **more}
    return client.post(address, data=data, content_type="multipart/form-data")


@pytest.fixture
def portrait_page(database, place):
    with database.session(write=False) as db:
        row = db.scalars(select(Member).where(Member.account_id == place.member)).one()
    return f"/coordination/teams/{place.team}/portrait/{row.id}"


# portraits


def test_a_portrait_stands_on_the_badge_and_before_whoever_checks_it_while_it_is_good(
    browser,
    database,
    place,
    clock,
    portrait_page,
):
    desk = browser("coordinator")
    assert upload(desk, portrait_page, face()).status_code == 303
    member = browser("member")
    body = member.get("/team/badge/print").text
    assert "data:image/jpeg;base64," in body
    code = re.search(r'badge__code">([^<]+)<', body).group(1)
    member.delete_cookie("eid_session")
    checked = member.get(f"/verify/badge?code={code}").text
    assert "data:image/jpeg;base64," in checked
    assert "Compare portrait and name" in checked
    assert "as long as the person works in the team" in checked
    with database.session(write=False) as db:
        content = db.scalars(select(File)).one().content
    assert Image.open(io.BytesIO(content)).size == (240, 320)
    with database.session(write=False) as db:
        row = db.scalars(select(Member)).one()
    browser("coordinator").post(f"/coordination/teams/{place.team}/release/{row.id}")
    gone = member.get(f"/verify/badge?code={code}").text
    assert "no longer valid" in gone
    assert "data:image/jpeg" not in gone


def test_the_newest_portrait_takes_the_place_of_the_one_before(browser, database, portrait_page):
    desk = browser("coordinator")
    upload(desk, portrait_page, face("peru"))
    first = one(database, File).id
    upload(desk, portrait_page, face("navy"))
    assert one(database, File).id != first


def test_what_is_no_picture_or_was_not_compared_is_refused_with_its_sentence(browser, portrait_page):
    desk = browser("coordinator")
    assert "Portrait of Lê Thị Mai" in desk.get(portrait_page).text
    assert upload(desk, portrait_page, io.BytesIO(b"no picture")).status_code == 200
    assert "Compare it with the person first" in upload(desk, portrait_page, face(), known="").text


def test_only_the_own_units_coordinator_puts_a_portrait(browser, database, portrait_page):
    assert browser("elsewhere").get(portrait_page).status_code == 404
    assert upload(browser("elsewhere"), portrait_page, face()).status_code == 404
    assert browser("member").get(portrait_page).status_code == 403
    with database.session(write=False) as db:
        assert db.scalars(select(File)).all() == []


# villages


def test_villages_are_added_chosen_on_the_phone_and_merged(browser, database, place, clock):
    desk, address = browser("coordinator"), f"/coordination/units/{place.here}/villages"
    assert "No village is entered here yet" in desk.get(address).text
    for name in ("Thôn 1", "Thôn 2"):
        assert desk.post(address, data={"name": name}).status_code == 303
    again = desk.post(address, data={"name": "thon 1"})
    assert "There is a village of this name already" in again.text
    assert 'value="thon 1"' in again.text
    assert browser("elsewhere").post(address, data={"name": "Thôn 3"}).status_code == 404
    phone = browser("member")
    hello = phone.get("/team/sync").json
    assert [name for _id, name in hello["villages"]] == ["Thôn 1", "Thôn 2"]
    batch = {"owner": hello["owner"], "sent_at": clock.now.isoformat()}
    record = sent(clock, village_id=hello["villages"][0][0])
    assert phone.post("/team/sync", json={**batch, "records": [record]}).json["records"][0]["state"] == "saved"
    assert "Thôn 1" in phone.get(f"/team/assistance/{record['id']}").text
    assert "Thôn 2" in phone.get("/team/assistance/new").text
    desk, (first, second) = browser("coordinator"), [each[0] for each in hello["villages"]]
    assert "Thôn 2" in desk.get(f"{address}/{first}/end").text
    assert desk.post(f"{address}/{first}/end", data={"into": second}).status_code == 303
    assert "Thôn 1" not in desk.get(address).text
    assert desk.post(f"{address}/{first}/end", data={"into": second}).status_code == 404
    with database.session(write=False) as db:
        assert db.scalars(select(Unit.valid_to).where(Unit.name == "Thôn 1")).one() is not None


def test_a_village_goes_to_another_commune_in_reach_and_to_none_beyond(browser, database, place, clock):
    desk, address = browser("coordinator"), f"/coordination/units/{place.here}/villages"
    desk.post(address, data={"name": "Thôn 1"})
    ending = re.search(rf'href="({address}/[^"]+/end)"', desk.get(address).text).group(1)
    assert "another commune" not in desk.get(ending).text, "none other is in reach"

    def widen(db):
        here = db.get_one(Unit, place.here)
        give_role(db, place.coordinator, "leader", here.parent_id, SYSTEM, now=clock.now)
        beside = db.scalars(select(Role.unit_id).where(Role.account_id == place.elsewhere)).one()
        far = db.scalars(select(Unit.id).where(Unit.kind == "commune", Unit.parent_id != here.parent_id).limit(1)).one()
        return beside, far

    beside, far = write(database, widen)
    desk = browser("coordinator")
    assert "Or does it go to another commune?" in desk.get(ending).text
    assert "Choose one of the answers shown" in desk.post(ending, data={"commune": str(far)}).text
    assert desk.post(ending, data={"commune": str(beside)}).status_code == 303
    assert "Thôn 1" in desk.get(f"/coordination/units/{beside}/villages").text
    assert "Thôn 1" not in desk.get(address).text


# calls


def test_the_number_is_shown_once_and_a_person_is_given_back(browser, database, place):
    desk = browser("coordinator")
    desk.post("/coordination/calls", data={"person": place.handle})
    assert "912345214" not in desk.get("/coordination/calls?show=mine").text
    shown = desk.post(f"/coordination/calls/{place.handle}/phone", data={"show": "mine"})
    assert "tel:+84912345214" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert "912345214" not in desk.get("/coordination/calls?show=mine").text
    assert browser("elsewhere").post(f"/coordination/calls/{place.handle}/phone").status_code == 409
    desk = browser("coordinator")
    desk.post(f"/coordination/calls/{place.handle}", data={"result": "will-do-it"})
    body = desk.get("/coordination/calls").text
    assert "Will do it alone: 1" in body
    desk.post(f"/coordination/calls/{place.handle}/give-back")
    assert one(database, OutreachCall).assigned_to_id is None
    assert "I call" in desk.get("/coordination/calls?show=free").text
    assert "Nobody in this choice" in desk.get("/coordination/calls?show=mine").text
    assert desk.get("/coordination/calls?show=whatever").status_code == 200


# authorisations


def test_the_person_sees_what_was_done_under_the_receipt_and_the_desk_ends_it(browser, database, place, clock):
    phone = browser("member")
    receipt = phone.post("/team/behalf", data={"task": "land", "days": "3", "agreed": "1"}).location
    code = re.search(r'badge__code">([^<]+)<', phone.get(receipt).text).group(1)
    assert "Nothing yet" in phone.get(f"/verify/receipt?code={code}").text
    hello = phone.get("/team/sync").json
    [[given, name]] = hello["receipts"]
    assert name == f"Land matters · receipt …{code[-4:]}"
    clock.advance(minutes=21)
    record = sent(clock, task="land", mode="on-behalf", delegation_id=given)
    batch = {"owner": hello["owner"], "sent_at": clock.now.isoformat(), "records": [record]}
    assert phone.post("/team/sync", json=batch).json["records"][0]["state"] == "saved"
    seen = phone.get(f"/verify/receipt?code={code}").text
    assert "Nothing yet" not in seen
    assert "It was done · 15 minutes" in seen
    address, end = f"/coordination/desk/authorisation/{given}", {"choice": "end"}
    assert browser("elsewhere").post(address, data=end).status_code == 404
    desk = browser("coordinator")
    assert "in force (1)" in desk.get("/coordination/desk").text
    desk.post(address, data=end)
    assert one(database, Delegation).revoked_at is not None
    assert "in force (0)" in desk.get("/coordination/desk").text


def test_the_desk_names_the_member_whom_each_decision_is_about(browser, database, place, clock):
    def happen(db):
        lan = get_membership(db, place.member, on=clock.now.date())
        report_scam(db, get_badge(db, lan, now=clock.now).id, "đòi đọc mã", "", now=clock.now)
        report_scam(db, None, "người lạ", "", now=clock.now)
        where = {"account_id": place.member, "unit_id": place.here, "desk": "one-stop", "task": "land"}
        db.add(Referral(**where, made_at=clock.now, state="sent"))
        hold(db, entry(clock.now), Arrival(lan, b"digest", None, clock.now), HeldFor.MEMBER_LEFT)

    write(database, happen)
    body = browser("coordinator").get("/coordination/desk").text
    parts = {part: body.partition(f'id="{part}"')[2].partition("</section>")[0] for part in ("referrals", "held")}
    assert all("Lê Thị Mai ·" in part for part in parts.values())
    ours, strange = body.partition('id="reports"')[2].partition("</section>")[0].split("</article>")[:2]
    assert "Badge of Lê Thị Mai" in ours and "take the badge back" in ours
    assert "about no badge of ours" in strange and "It was a scam<" in strange


def test_a_long_desk_is_turned_list_by_list_and_stays_where_it_was(browser, database, place, clock, monkeypatch):
    def plan(db):
        here = db.get_one(Unit, place.here)
        applied(db, here, clock.now, state="issued", person=resident(db, here, now=clock.now))
        for number in range(53):
            at = clock.now - timedelta(days=number % 20)
            values = {"account_id": place.member, "team_id": place.team, "unit_id": place.here, "day": at.date()}
            more = {"begins": time(8), "ends": time(9), "place": "Chợ", "state": "planned", "planned_at": at}
            db.add(Shift(**values, **more))
            where = {"account_id": place.member, "unit_id": place.here, "desk": "one-stop", "task": "land"}
            db.add(Referral(**where, made_at=at, state="sent"))
            left = get_membership(db, place.member, on=clock.now.date())
            hold(db, entry(at), Arrival(left, b"digest", None, at), HeldFor.MEMBER_LEFT)

    write(database, plan)
    monkeypatch.setattr("portal.coordination.desk.MOST_UNITS", 1)
    desk = browser("coordinator")
    body = desk.get("/coordination/desk").text
    assert "Shifts to approve (53)" in body
    assert "Referrals (53)" in body
    assert "Records of former members (53)" in body
    assert body.count("Page 1 of 2") == 3
    assert "units where most people wait" in body
    for part, act in (("held", "/desk/held/"), ("shifts", "/desk/shift/"), ("referrals", "/desk/referral/")):
        first, last = seen_at(body, act), seen_at(desk.get(f"/coordination/desk?part={part}&page=2").text, act)
        assert (len(first), len(last), first & last) == (50, 3, set())
        assert seen_at(desk.get(f"/coordination/desk?part={part}&page=9").text, act) == last
    turned = desk.post(f"/coordination/desk/held/{last_held(desk)}?page=2", data={"choice": "turn-away"})
    assert turned.location.endswith("/coordination/desk?part=held&page=2#held")
    assert len(seen_at(desk.get(turned.location).text, "/desk/held/")) == 2


def seen_at(body, act):
    """The ids of what can be decided on a page."""
    return set(re.findall(f"{act}([0-9a-f-]{{36}})", body))


def last_held(desk):
    return next(iter(seen_at(desk.get("/coordination/desk?part=held&page=2").text, "/desk/held/")))


# teams and badges


def printed_code(client):
    return re.search(r'badge__code">([^<]+)<', client.get("/team/badge/print").text).group(1)


def test_a_lost_card_is_replaced_and_the_old_one_is_unknown(browser, database, place, portrait_page):
    old = printed_code(browser("member"))
    desk, address = browser("coordinator"), portrait_page.replace("/portrait/", "/badge/")
    assert desk.post(address, data={"choice": "take-back"}).status_code == 303
    assert "Badge taken back" in desk.get(f"/coordination/teams/{place.team}").text
    assert "This badge was taken back" in browser("member").get("/team/badge").text
    desk = browser("coordinator")
    assert desk.post(address, data={"choice": "renew"}).status_code == 303
    new = printed_code(browser("member"))
    assert new != old
    assert "This badge is real" in desk.get(f"/verify/badge?code={new}").text
    assert "We do not know this badge" in desk.get(f"/verify/badge?code={old}").text


def test_nobody_decides_about_their_own_badge(browser, database, place, clock, portrait_page):
    browser("member").get("/team/badge")
    write(database, lambda db: give_role(db, place.member, "coordinator", place.here, SYSTEM, now=clock.now))
    member, address = browser("member"), portrait_page.replace("/portrait/", "/badge/")
    assert "Give a new badge" not in member.get(f"/coordination/teams/{place.team}").text
    assert member.post(address, data={"choice": "renew"}).status_code == 409
    assert browser("elsewhere").post(address, data={"choice": "take-back"}).status_code == 404
    assert one(database, Badge).revoked_at is None


def test_a_form_with_a_mistake_still_shows_the_teams_and_a_leader_founds_in_a_commune(browser, database, place, clock):
    desk = browser("coordinator")
    assert "No team works in these units" not in desk.post("/coordination/teams", data={"name": ""}).text
    province = write(database, lambda db: db.get_one(Unit, place.here).parent_id)
    write(database, lambda db: give_role(db, place.newcomer, "leader", province, SYSTEM, now=clock.now))
    founded = {"unit": str(place.here), "name": "Tổ số 2", "decision": "13/QĐ-UBND"}
    assert browser("newcomer").post("/coordination/teams", data=founded).status_code == 303


# shifts and referrals


def test_a_refused_shift_tells_why_and_the_decision_can_be_taken_back(browser, database, place, clock):
    day = {"day-day": "23", "day-month": "11", "day-year": "2026"}
    shift = {**day, "begins": "08:00", "ends": "11:00", "place": "Chợ"}
    browser("member").post("/team/shifts", data=shift)
    id_ = one(database, Shift).id
    desk = browser("coordinator")
    assert desk.post(f"/coordination/desk/shift/{id_}", data={"choice": "refuse"}).status_code == 400
    desk.post(f"/coordination/desk/shift/{id_}", data={"choice": "other-hours"})
    assert "It was at other hours" in browser("member").get("/team/shifts").text
    desk = browser("coordinator")
    page = desk.get("/coordination/shifts?month=2026-11").text
    assert "It was at other hours" in page and "Take the decision back" in page
    assert "No shift of this month" in desk.get("/coordination/shifts?month=2026-10").text
    assert desk.get("/coordination/shifts?month=x").status_code == 400
    assert desk.post(f"/coordination/shifts/{id_}/reopen").status_code == 303
    assert "Shifts to approve (1)" in desk.get("/coordination/desk").text
    member = browser("member")
    assert member.post(f"/team/shifts/{id_}/withdraw").status_code == 303
    assert "Taken back" in member.get("/team/shifts").text
    assert "Shifts to approve (0)" in browser("coordinator").get("/coordination/desk").text


def test_a_referral_is_seen_to_be_late_and_ends_when_the_person_no_longer_agrees(browser, database, place, clock):
    told = {"desk": "one-stop", "task": "land", "contact": "0912 345 214", "agreed": "1"}
    assert browser("member").post("/team/referrals", data=told).status_code == 303
    id_ = one(database, Referral).id
    assert "Late" not in browser("member").get("/team/referrals").text
    clock.advance(days=20)
    member = browser("member")
    assert "Late" in member.get("/team/referrals").text
    assert browser("coordinator").post(f"/team/referrals/{id_}/withdraw").status_code == 403
    with pytest.raises(Refused, match="not-found"):
        write(database, lambda db: withdraw_referral(db, id_, Actor(place.newcomer, "member"), now=clock.now))
    assert browser("member").post(f"/team/referrals/{id_}/withdraw").status_code == 303
    kept = one(database, Referral)
    assert (kept.outcome, kept.contact_sealed) == ("withdrawn", None)
    assert "The person no longer wants it" in browser("member").get("/team/referrals").text


def test_a_leader_narrows_the_calls_and_hands_people_to_the_wards_coordinator(browser, database, place, clock):
    province = write(database, lambda db: db.get_one(Unit, place.here).parent_id)
    write(database, lambda db: give_role(db, place.newcomer, "leader", province, SYSTEM, now=clock.now))
    leader, asked = browser("newcomer"), f"unit={place.here}&why=none"
    page = leader.get(f"/coordination/calls?{asked}").text
    assert "Bình" in page and "Who calls them?" in page
    assert "Bình" not in leader.get(f"/coordination/calls?unit={place.here}&why=no-otp").text
    assert "Nobody in this choice" in leader.get(f"/coordination/calls?unit={province}&show=mine").text
    assert "Bình" in leader.get("/coordination/calls?unit=x&why=x&show=x").text, "nonsense narrows nothing"
    assert "Bình" in leader.get(f"/coordination/calls?{asked}&q=binh").text
    assert "Nobody in this choice" in leader.get("/coordination/calls?q=nobody").text
    given = {
        "person": place.handle,
        "caller": str(place.coordinator),
        "unit": str(place.here),
        "why": "none",
        "q": "binh",
    }
    given |= {"why": "none", "q": "binh"}
    answer = leader.post("/coordination/calls", data=given)
    assert f"unit={place.here}" in answer.location and "why=none&q=binh" in answer.location
    assert leader.post("/coordination/calls", data={**given, "caller": "x"}).status_code == 400
    assert leader.post("/coordination/calls", data={**given, "caller": str(place.member)}).status_code == 404
    assert "Bùi Thị Điều" in leader.get("/coordination/calls").text
    assert one(database, OutreachCall).assigned_to_id == place.coordinator
    assert "Bình" in browser("coordinator").get("/coordination/calls?show=due").text
