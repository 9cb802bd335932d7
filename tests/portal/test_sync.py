"""What a phone sends and is told: an answer for each record, whoever sends, however often."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from identity.audit import SYSTEM
from identity.helping import new_help_code
from identity.session import end_all_sessions
from onboarding.assistance import AssistanceEvent
from onboarding.backlog import HeldRecord
from onboarding.team import Member, dismiss
from tests.onboarding.scene import communes, member_of, pseudonym_of, resident, staff_account, team_in
from tests.portal.work_scene import sign_in, write


class Place:
    """Ids of what the tests look at."""


@pytest.fixture
def place(database, clock):
    found = Place()

    def build(db):
        here = communes(db)[0]
        team = team_in(db, here, now=clock.now)
        found.member = member_of(db, team, now=clock.now).account_id
        found.colleague = member_of(db, team, now=clock.now).account_id
        found.outsider = staff_account(db, "outsider", now=clock.now).id
        person = resident(db, here, now=clock.now)
        found.code = new_help_code(db, person.id, now=clock.now)
        found.pseudonym = pseudonym_of(db, person)

    write(database, build)
    return found


@pytest.fixture
def phone(client, database, place, clock):
    sign_in(client, database, place.member, now=clock.now)
    client.set_cookie("language", "en")
    return client


def sent(clock, **changes):
    """A record as the phone writes it."""
    happened = (clock.now - timedelta(minutes=20)).isoformat()
    values = {"id": str(uuid4()), "happened_at": happened, "task": "activation", "mode": "guided", "result": "done"}
    return {**values, "minutes": 15, "obstacle": "", "age_band": "", "sex": "", "traits": [], **changes}


def send(phone, clock, *records, owner=None, sent_at=None):
    owner = owner or phone.get("/team/sync").json["owner"]
    body = {"owner": owner, "sent_at": (sent_at or clock.now).isoformat(), "records": list(records)}
    return phone.post("/team/sync", json=body)


def states(answer):
    return {each["id"]: each["state"] for each in answer.json["records"]}


def stored(database):
    with database.session(write=False) as db:
        return list(db.scalars(select(AssistanceEvent)))


def test_a_phone_learns_whose_outbox_may_be_sent(phone, clock):
    hello = phone.get("/team/sync").json
    assert hello["is_member"] is True
    assert hello["server_time"] == clock.now.isoformat()
    assert hello["token"]


def test_a_visitor_is_told_to_sign_in_and_one_factor_is_not_enough(client, database, place, clock):
    assert client.get("/team/sync").status_code == 401
    sign_in(client, database, place.member, now=clock.now, aal=1)
    assert client.post("/team/sync", json={}).status_code == 401


def test_who_signed_out_and_whose_session_lapsed_are_told_apart(phone, client, database, place, clock):
    def told():
        answer = client.get("/team/sync")
        assert answer.status_code == 401
        return answer.json["error"]

    clock.advance(hours=30)
    assert told() == "sign-in"  # lapsed far from the network: the outbox stays open
    sign_in(client, database, place.member, now=clock.now)
    assert client.get("/team/sync").status_code == 200
    write(database, lambda db: end_all_sessions(db, place.member, now=clock.now))
    assert told() == "signed-out"
    client.delete_cookie("eid_session")
    assert told() == "sign-in"


def test_signing_out_leaves_a_mark_on_a_members_phone_alone(phone, client, database, place, clock):
    def sign_out():
        sign_in(client, database, place.member, now=clock.now)
        return client.post("/sign-out").headers.getlist("Set-Cookie")

    assert not any(line.startswith("team_closed") for line in sign_out())
    sign_in(client, database, place.member, now=clock.now)
    client.get("/team/")
    [mark] = [line for line in sign_out() if line.startswith("team_closed=1")]
    assert "HttpOnly" not in mark and "SameSite=Lax" in mark  # the phone reads it, also without network


def test_pages_elsewhere_ask_on_a_members_phone_alone(phone, client, database, place, clock):
    assert "unsent-dialog" not in client.get("/account").text
    client.get("/team/")
    page = client.get("/account").text
    assert "js/team-guard.js" in page
    assert f'data-owner="{client.get("/team/sync").json["owner"]}"' in page
    client.delete_cookie("eid_session")
    assert "unsent-dialog" not in client.get("/").text


def test_the_phone_asks_what_the_server_holds_of_ones_own_records(phone, client, database, place, clock):
    first = sent(clock, note="mất điện cả buổi", help_code=place.code, traits=["disability"])
    second = sent(clock, minutes=60, supersedes=first["id"])
    send(phone, clock, first)
    send(phone, clock, second)
    held = phone.get(f"/team/sync/{first['id']}").json["record"]
    assert (held["id"], held["minutes"], held["note"]) == (second["id"], 60, "mất điện cả buổi")
    assert held["has_code"] is True and place.code not in str(held)
    assert phone.get(f"/team/sync/{uuid4()}").status_code == 404
    sign_in(client, database, place.colleague, now=clock.now)
    assert client.get(f"/team/sync/{first['id']}").status_code == 404


def test_a_correction_that_came_second_is_told_the_newest_version(phone, clock):
    first = sent(clock)
    newest = sent(clock, minutes=60, supersedes=first["id"])
    send(phone, clock, first)
    send(phone, clock, newest)
    [answer] = send(phone, clock, sent(clock, minutes=5, supersedes=first["id"])).json["records"]
    assert (answer["state"], answer["code"]) == ("refused", "assistance-superseded")
    assert (answer["stored"]["id"], answer["stored"]["minutes"]) == (newest["id"], 60)


def test_what_is_held_says_why_and_other_content_is_shown_both(phone, clock):
    held = sent(clock, note="mất điện cả buổi", supersedes=str(uuid4()))
    [answer] = send(phone, clock, held).json["records"]
    assert answer["state"] == "held" and "as soon as the record that it corrects has arrived" in answer["reason"]
    [answer] = send(phone, clock, {**held, "minutes": 60}).json["records"]
    assert answer["state"] == "conflict"
    assert (answer["stored"]["minutes"], answer["stored"]["is_held"]) == (15, True)


def test_each_record_is_answered_for_itself(phone, database, clock, place):
    good, coded = sent(clock), sent(clock, help_code=place.code)
    named = sent(clock, note="gặp bà Nguyễn Thị Lan")
    answer = send(phone, clock, good, named, coded)
    assert states(answer) == {good["id"]: "saved", named["id"]: "refused", coded["id"]: "saved"}
    refused = next(each for each in answer.json["records"] if each["state"] == "refused")
    assert refused["field"] == "note"
    assert "Take “Nguyễn Thị Lan” out" in refused["reason"]
    assert {event.pseudonym for event in stored(database)} == {None, place.pseudonym}


def test_a_record_sent_again_is_known_and_with_other_content_a_conflict(phone, database, clock):
    one = sent(clock)
    send(phone, clock, one)
    assert states(send(phone, clock, one)) == {one["id"]: "known"}
    answer = send(phone, clock, {**one, "minutes": 60}).json["records"][0]
    assert answer["state"] == "conflict"
    assert answer["stored"]["minutes"] == 15
    assert [event.minutes for event in stored(database)] == [15]


def test_another_members_record_of_that_name_is_not_shown(phone, client, database, clock, place):
    one = sent(clock)
    send(phone, clock, one)
    sign_in(client, database, place.colleague, now=clock.now)
    [answer] = send(client, clock, {**one, "minutes": 60}).json["records"]
    assert answer == {"id": one["id"], "state": "conflict"}


def test_the_help_code_counts_however_it_is_spaced(phone, clock, place):
    one = sent(clock, help_code=place.code)
    send(phone, clock, one)
    assert states(send(phone, clock, {**one, "help_code": place.code.replace(" ", "")})) == {one["id"]: "known"}


def test_a_correction_before_its_original_is_held(phone, database, clock):
    first = sent(clock)
    second = sent(clock, minutes=60, supersedes=first["id"])
    assert states(send(phone, clock, second)) == {second["id"]: "held"}
    assert states(send(phone, clock, second, first)) == {second["id"]: "saved", first["id"]: "saved"}
    assert len(stored(database)) == 2


def test_an_outbox_of_another_member_is_not_taken(phone, client, database, clock, place):
    owner = phone.get("/team/sync").json["owner"]
    sign_in(client, database, place.colleague, now=clock.now)
    answer = send(client, clock, sent(clock), owner=owner)
    assert answer.status_code == 403
    assert stored(database) == []


def test_who_left_may_send_what_was_done_before(phone, database, clock, place):
    before, same_day = sent(clock, happened_at=(clock.now - timedelta(days=1)).isoformat()), sent(clock)

    def leave(db):
        dismiss(db, db.query(Member).filter(Member.account_id == place.member).one(), SYSTEM, now=clock.now)

    write(database, leave)
    assert phone.get("/team/sync").json["is_member"] is False
    assert states(send(phone, clock, before, same_day)) == {before["id"]: "held", same_day["id"]: "held"}
    clock.advance(days=1)
    sign_in(phone, database, place.member, now=clock.now)
    after = sent(clock)
    answer = send(phone, clock, after)
    assert states(answer) == {after["id"]: "refused"}
    assert "You were not a member of a team on that day" in answer.text
    assert stored(database) == []
    with database.session(write=False) as db:
        assert {str(held.id) for held in db.scalars(select(HeldRecord))} == {before["id"], same_day["id"]}


def test_staff_who_never_were_members_get_every_record_back(client, database, clock, place):
    sign_in(client, database, place.outsider, now=clock.now)
    one = sent(clock)
    assert states(send(client, clock, one)) == {one["id"]: "refused"}


def test_a_wrong_clock_is_noted_and_a_future_record_returned(phone, database, clock):
    ahead = clock.now + timedelta(hours=3)
    good, future = sent(clock), sent(clock, happened_at=ahead.isoformat())
    answer = send(phone, clock, good, future, sent_at=ahead)
    assert states(answer) == {good["id"]: "saved", future["id"]: "refused"}
    assert "This time lies ahead" in answer.text
    assert [event.clock_skew for event in stored(database)] == [3 * 3600]


def test_thirty_days_without_network_are_not_too_many(phone, clock):
    one = sent(clock, happened_at=(clock.now - timedelta(days=30)).isoformat())
    old = sent(clock, happened_at=(clock.now - timedelta(days=36)).isoformat())
    assert states(send(phone, clock, one, old)) == {one["id"]: "saved", old["id"]: "refused"}


@pytest.mark.parametrize(
    "changes",
    [
        {"task": "gambling"},
        {"minutes": "15"},
        {"minutes": None},
        {"happened_at": "2026-11-23T03:00:00"},
        {"traits": ["rich"]},
        {"note": "x" * 501},
        {"colour": "red"},
        {"supersedes": "nothing"},
        {"note": "half of an emoji \ud83d"},
        {"procedure": "\ud83d"},
        {"minutes": 10**30},
    ],
)
def test_a_damaged_record_is_returned_and_the_others_are_taken(phone, clock, changes):
    good, bad = sent(clock), sent(clock, **changes)
    answer = send(phone, clock, good, bad)
    assert states(answer) == {good["id"]: "saved", bad["id"]: "refused"}
    [damaged] = [each for each in answer.json["records"] if each["id"] == bad["id"]]
    assert damaged["field"] == next(iter(changes))
    assert "cannot be read" in damaged["reason"]


@pytest.mark.parametrize("changes", [{"id": "\ud83d"}, {"\ud83d": "red"}])
def test_what_is_damaged_in_its_very_name_takes_no_other_with_it(phone, clock, changes):
    good = sent(clock)
    answer = send(phone, clock, good, sent(clock, **changes))
    assert states(answer)[good["id"]] == "saved"
    assert sorted(states(answer).values()) == ["refused", "saved"]


@pytest.mark.parametrize("body", [None, [], {}, {"owner": "x"}, {"owner": "x", "sent_at": "now", "records": []}])
def test_what_is_no_batch_is_a_bad_request(phone, body):
    assert phone.post("/team/sync", json=body).status_code == 400


def test_more_than_fifty_at_once_are_too_many(phone, database, clock):
    assert send(phone, clock, *(sent(clock) for _ in range(51))).status_code == 400
    assert len(states(send(phone, clock, *(sent(clock) for _ in range(50))))) == 50


def test_the_page_without_network_names_nobody_and_asks_no_secret(phone, clock, place):
    body = phone.get("/team/app/vi").text
    assert "Tổ công nghệ số 1" not in body
    assert "csrf_token" not in body
    for forbidden in ('type="password"', 'name="password"', 'name="otp"', "one-time-code", 'name="phone"'):
        assert forbidden not in body
    assert phone.get("/team/app/xx").status_code == 404
    assert phone.get("/team/app").location == "/team/app/en"


def test_each_language_has_its_page_and_its_manifest(phone):
    assert "Ghi lượt hỗ trợ" in phone.get("/team/app/vi").text
    assert "Log help" in phone.get("/team/app/en").text
    manifest = phone.get("/team/app/vi.webmanifest")
    assert manifest.mimetype == "application/manifest+json"
    assert (manifest.json["scope"], manifest.json["start_url"]) == ("/team/", "/team/app/vi")


def test_the_worker_lists_files_that_exist(phone):
    worker = phone.get("/team/worker.js")
    assert worker.mimetype == "text/javascript"
    assert "trusted-types 'none'" in worker.headers["Content-Security-Policy"]
    files = json.loads(worker.text.split("const FILES = ")[1].split(";\n")[0])
    assert {phone.get(path).status_code for path in files} == {200}


def test_only_the_members_pages_may_name_a_worker(phone):
    assert "trusted-types team-worker" in phone.get("/team/").headers["Content-Security-Policy"]
    assert "trusted-types 'none'" in phone.get("/help").headers["Content-Security-Policy"]
