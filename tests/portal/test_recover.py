"""The pages of getting back in: the rungs in order, each to its end; no page tells whether a number has an account."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from identity.account import Account, get_account
from identity.application.conflicts import declare_person
from identity.audit import SYSTEM, Actor, AuditEvent, Event
from identity.credentials import sms_factor
from identity.credentials.argon_block import Block
from identity.credentials.recovery import Sheet, keep_sheet
from identity.inbox import InboxMessage
from identity.outbox import Channel, Lane, lease
from identity.person import Person, find_person_by_phone
from identity.places import Office
from identity.recovery import Recovery, send_what_is_due
from identity.session import open_session
from identity.staff import give_role
from tests.identity.account_scene import LOGIN, PASSWORD, make_account, sent_otp
from tests.identity.recovery_scene import NEW_PASSWORD, make_owner, messages, trusted_since
from tests.portal.pdf import read
from tests.statements import heard

UNKNOWN = "999999999999"
LOCK, APP = ("hwk", "user", "mfa"), ("pwd", "otp", "mfa")


@pytest.fixture
def reader(client):
    client.set_cookie("language", "en")
    return client


@pytest.fixture
def owner(database, now):
    with database.transaction() as db:
        return make_owner(db, now - timedelta(days=60))


@pytest.fixture
def sheet(database, owner, now):
    drawn = Sheet.draw(now)
    with database.transaction() as db:
        keep_sheet(db, owner.id, drawn, now=now)
    return drawn


@pytest.fixture
def contacts(database, owner, now):
    with database.transaction() as db:
        holder = db.get(Account, owner.id)
        return [trusted_since(db, holder, f"00117400000{n}", now).id for n in (1, 2)]


def browser_of(app, database, account_id, now, amr=LOCK):
    """Another browser, signed in."""
    browser = app.test_client()
    browser.set_cookie("language", "en")
    with database.transaction() as db:
        browser.set_cookie("eid_session", open_session(db, db.get(Account, account_id), amr, 2, now=now).token)
    return browser


def message_code(database):
    with database.session(write=False) as db:
        return sent_otp(db)


def work(database, now):
    with database.transaction() as db:
        send_what_is_due(db, None, now=now)


def set_keys(reader, database, now):
    """From the password to the end, as a person does."""
    assert reader.post("/recover/password", data={"password": NEW_PASSWORD}).location == "/recover/app"
    shown = re.search(r'class="code-block[^"]*"[^>]*>([^<]+)<', reader.get("/recover/app").text)
    secret = re.sub(r"\s", "", shown[1])
    assert reader.post("/recover/app", data={"otp": pyotp.TOTP(secret).at(int(now.timestamp()))}).location
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", reader.get("/recover/sheet").text).group()
    return reader.post("/recover/sheet", data={"recovery": code})


def test_the_page_shows_the_rungs_in_order_with_what_each_needs(reader):
    page = reader.get("/recover").text
    rungs = ["Another device of yours", "A recovery code", "People you trust", "At the office, with your document"]
    assert [page.index(rung) for rung in rungs] == sorted(page.index(rung) for rung in rungs)
    assert page.count("You need:") == 4


@pytest.mark.parametrize("start", ["/sign-in"])
def test_it_is_one_click_from_where_the_trouble_happens(reader, start):
    assert 'href="/recover"' in reader.get(start).text


def test_a_code_of_the_sheet_leads_to_a_new_password_and_in(reader, database, owner, sheet, now):
    answer = reader.post("/recover/code", data={"login": LOGIN, "code": sheet.codes[0]})
    assert "*" in reader.get(answer.location).text or "•" in reader.get(answer.location).text
    assert "This code is not right." in reader.post("/recover/phone", data={"otp": "000000"}).text
    assert reader.post("/recover/phone", data={"otp": message_code(database)}).location == "/recover/password"
    weak = reader.post("/recover/password", data={"password": "12345678"}).text
    assert "Error:" in weak
    answer = set_keys(reader, database, now)
    assert answer.location == "/account?done=recovered"
    assert "Your new password, second step and codes count" in reader.get(answer.location).text
    assert "do not match" in reader.post("/sign-in", data={"login": LOGIN, "password": PASSWORD}).text


def test_the_new_sheet_comes_on_paper_at_its_step_but_never_on_a_helpers_phone(reader, database, owner, sheet, now):
    assert reader.get("/recover/sheet/paper").status_code == 409, "nothing has begun"
    reader.post("/recover/code", data={"login": LOGIN, "code": sheet.codes[0]})
    reader.post("/recover/phone", data={"otp": message_code(database)})
    assert reader.get("/recover/sheet/paper").location == "/recover/password"
    reader.post("/recover/password", data={"password": NEW_PASSWORD})
    secret = re.search(r"secret=(\w+)", reader.get("/recover/app").text).group(1)
    reader.post("/recover/app", data={"otp": pyotp.TOTP(secret).at(int(now.timestamp()))})
    codes = re.findall(r"<li>([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</li>", reader.get("/recover/sheet").text)
    text = read(reader.get("/recover/sheet/paper").data)
    assert len(codes) == 10 and [code for code in codes if code not in text] == []
    reader.set_cookie("eid_member_device", "1")
    assert "/recover/sheet/paper" not in reader.get("/recover/sheet").text
    assert reader.get("/recover/sheet/paper").location == "/recover/sheet"


def test_on_a_helpers_phone_nobody_is_signed_in_afterwards(reader, database, owner, sheet, now):
    reader.set_cookie("eid_member_device", "1")
    reader.post("/recover/code", data={"login": LOGIN, "code": sheet.codes[0]})
    reader.post("/recover/phone", data={"otp": message_code(database)})
    answer = set_keys(reader, database, now)
    assert "Nothing of yours stays on this phone." in reader.get(answer.location).text
    assert reader.get("/account").location.startswith("/sign-in")


def test_what_was_typed_is_kept_when_the_code_is_wrong(reader, sheet):
    page = reader.post("/recover/code", data={"login": LOGIN, "code": "AAAA-BBBB-CCCC"}).text
    assert "The number and the recovery code do not match." in page and f'value="{LOGIN}"' in page


def test_people_vouch_and_the_person_comes_back_on_another_device(app, reader, database, owner, contacts, now, clock):
    reader.post("/recover/people", data={"login": LOGIN})
    page = reader.get("/recover/wait").text
    word = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}(?!-)\b", page).group()
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page).group()
    word = next(one for one in re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b(?!-)", page) if one not in code)
    work(database, now)
    for contact in contacts:
        browser = browser_of(app, database, contact, now)
        assert "Is it really N. T. Hoa?" in browser.post("/account/trusted/word", data={"word": word}).text
        assert browser.post("/account/trusted/co-sign", data={"word": word}).location == (
            "/account/trusted?done=co-signed"
        )
    opened = reader.get("/recover/wait").text
    assert "New keys can be set from" in opened and "Nobody answers?" not in opened
    assert reader.post("/recover/return", data={"code": code.lower().replace("-", " ")}).location == "/recover/wait"
    assert code in reader.get("/recover/wait").text, "as it is copied down"
    assert reader.get("/recover/password").location == "/recover/wait"
    reader.delete_cookie("eid_recovery")
    later = clock.advance(hours=72)
    elsewhere = app.test_client()
    elsewhere.set_cookie("language", "en")
    assert elsewhere.post("/recover/return", data={"code": code.lower().replace("-", "")}).location == (
        "/recover/password"
    )
    assert set_keys(elsewhere, database, later).location == "/account?done=recovered"


def test_a_notices_link_shows_and_its_button_stops(reader, database, owner, contacts, now):
    reader.post("/recover/people", data={"login": LOGIN})
    work(database, now)
    with database.session(write=False) as db:
        code = messages(db, "recovery-asked")[0]["facts"]["code"]
    for _ in range(2):
        assert "Somebody asked at" in reader.get(f"/recover/stop?code={code}").text
    assert reader.get("/recover/wait").status_code == 200
    answer = reader.post("/recover/stop", data={"code": code, "stop": "1"})
    assert "Nobody gets into your account this way." in reader.get(answer.location).text
    assert reader.get("/recover/wait").status_code == 409
    late = reader.get(f"/recover/stop?code={code}").text
    assert "There is nothing to stop" in late and "nothing has changed" not in late, "it may be done, by a stranger"
    assert 'href="/freeze"' in late
    assert (
        "Somebody asked to stop new sign-ins"
        in reader.post("/sign-in", data={"login": LOGIN, "password": PASSWORD}).text
    )


def test_a_signed_in_device_stops_it_too(app, reader, database, owner, contacts, now):
    reader.post("/recover/people", data={"login": LOGIN})
    work(database, now)
    browser = browser_of(app, database, owner.id, now)
    assert "Somebody is recovering your account" in browser.get("/account/trusted").text
    assert browser.post("/account/recovery/stop").status_code == 303
    assert browser.post("/account/recovery/stop").status_code == 409


def test_a_devices_own_lock_sets_a_forgotten_password(app, database, owner, now):
    browser = browser_of(app, database, owner.id, now)
    assert browser.post("/account/recover").location == "/recover/password"
    assert set_keys(browser, database, now).location == "/account?done=recovered"


def test_a_password_and_the_app_are_no_devices_lock(app, database, owner, now):
    page = browser_of(app, database, owner.id, now, APP).get("/account/recover")
    assert "Sign in with the lock of a device first" in page.text


# trusted people


def test_a_person_names_another_who_agrees(app, database, owner, contacts, now):
    mine = browser_of(app, database, contacts[0], now)
    answer = mine.post("/account/trusted", data={"number": "001174000002"})
    assert "we ask them now" in mine.get(answer.location).text
    theirs = browser_of(app, database, contacts[1], now)
    page = theirs.get("/account/trusted").text
    assert "T. V. 01" in page
    row = re.search(r"/account/trusted/([0-9a-f-]{36})/agree", page).group(1)
    assert theirs.post(f"/account/trusted/{row}/agree").location.endswith("done=agreed")
    assert "counts from" in mine.get("/account/trusted").text
    assert mine.post(f"/account/trusted/{row}/end").location.endswith("done=ended")
    assert mine.post(f"/account/trusted/{row}/agree").status_code == 404


def test_naming_says_the_same_of_every_number(app, database, owner, now):
    mine = browser_of(app, database, owner.id, now)
    pages = []
    for number in (UNKNOWN, "001174000002"):
        answer = mine.post("/account/trusted", data={"number": number})
        pages.append((answer.status_code, answer.location))
    assert pages[0] == pages[1]


# the counter


@pytest.fixture
def officer(app, database, now):
    with database.transaction() as db:
        account = make_account(db, now, "officer.one", kind="staff")
        give_role(db, account.id, "receiving_officer", db.query(Office).first().unit_id, SYSTEM, now=now)
        account_id = account.id
    return browser_of(app, database, account_id, now, APP)


def test_the_officer_hands_over_a_slip_that_leads_the_person_in(reader, database, owner, officer, now):
    answer = officer.post("/office/recovery", data={"number": LOGIN})
    page = officer.get(answer.location).text
    assert "Nguyễn Thị Hoa" in page and LOGIN not in page
    refused = officer.post(answer.location, data={"original": "1"})
    assert refused.status_code == 200 and "Compare the face before you go on" in refused.text
    slip = officer.post(answer.location, data={"original": "1", "face": "1", "phone": ""}).location
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", officer.get(slip).text).group()
    assert officer.get(slip).status_code == 409, "the slip is shown once"
    assert reader.post("/recover/return", data={"code": code}).location == "/recover/phone"
    assert reader.post("/recover/phone", data={"otp": message_code(database)}).location == "/recover/password"
    assert set_keys(reader, database, now).location == "/account?done=recovered"


def test_the_counter_does_not_serve_whom_the_officer_is_tied_to_and_each_attempt_is_on_record(
    app, database, owner, officer, now
):
    with database.transaction() as db:
        account_id = db.scalar(select(Account.id).where(Account.kind == "staff"))
        declare_person(db, Actor(account_id, "receiving_officer"), LOGIN, "relative", "Em trai", now=now)
    page = officer.post("/office/recovery", data={"number": LOGIN})
    assert page.status_code == 200 and "You declared a conflict of interest with this person" in page.text
    assert officer.get(f"/office/recovery/{owner.id}").status_code == 403
    assert officer.post(f"/office/recovery/{owner.id}", data={"original": "1", "face": "1"}).status_code == 403
    with database.session(write=False) as db:
        attempts = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.ATTEMPT_REFUSED)).all()
    assert [one.facts["code"] for one in attempts] == ["conflict-declared"] * 3


def test_nobody_but_a_receiving_officer_opens_that_page(app, reader, database, owner, now):
    assert reader.get("/office/recovery").location.startswith("/sign-in")
    assert browser_of(app, database, owner.id, now).get("/office/recovery").status_code == 403


# what the pages give away


def cost(database, monkeypatch, call):
    """Status, body without what is random, statements and password hashes of one request."""
    hashes = []
    verify = Block.verify
    monkeypatch.setattr(Block, "verify", lambda *given: hashes.append(1) or verify(*given))
    with heard(database) as statements:
        answer = call()
    monkeypatch.undo()
    said = re.sub(r"[0-9A-Z]{4}(-[0-9A-Z]{4})+|csrf_token[^>]*|\d{12}", "…", answer.text)
    return answer.status_code, answer.location, said, len(statements), len(hashes)


PAGES = {
    "sign in": ("/sign-in", {"password": "không phải mật khẩu"}),
    "recovery code": ("/recover/code", {"code": "AAAA-BBBB-CCCC"}),
    "people": ("/recover/people", {}),
    "freeze code": ("/freeze/code", {"code": "AAAA-BBBB-CCCC"}),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_known_and_an_unknown_number_cost_and_read_the_same(
    reader, database, owner, sheet, contacts, monkeypatch, name
):
    path, data = PAGES[name]
    reader.get(path)
    reader.post(path, data={"login": "000000000000", **data})
    known, unknown = (
        cost(database, monkeypatch, lambda: reader.post(path, data={"login": login, **data}))  # noqa: B023
        for login in (LOGIN, UNKNOWN)
    )
    assert known == unknown
    assert known[4] == (1 if name == "sign in" else 0)


@pytest.mark.parametrize("path", ["/recover/wait", "/recover/phone/again"])
def test_waiting_looks_and_costs_the_same_for_a_number_that_is_nobodys(
    app, database, owner, contacts, monkeypatch, now, path
):
    seen = []
    for login in (LOGIN, UNKNOWN):
        browser = app.test_client()
        browser.set_cookie("language", "en")
        browser.post("/recover/people", data={"login": login})
        work(database, now)
        first = cost(database, monkeypatch, lambda: browser.get("/recover/wait"))  # noqa: B023
        second = cost(database, monkeypatch, lambda: browser.post(path, data={"otp": "123456"}))  # noqa: B023
        seen.append((first, second))
    assert seen[0] == seen[1]


def test_leaving_a_borrowed_device_leaves_nothing(reader, owner, contacts):
    reader.post("/recover/people", data={"login": LOGIN})
    reader.post("/recover/leave")
    assert reader.get("/recover/wait").status_code == 409


@pytest.mark.parametrize("value", ["", "x", "é/…", "A" * 4000, "/"])
def test_a_cookie_that_is_none_leads_to_the_start(reader, value):
    reader.set_cookie("eid_recovery", value)
    assert reader.get("/recover/wait").status_code == 409
    assert reader.get("/recover").status_code == 200


def test_recoveries_of_others_cannot_be_named(reader, database, owner, contacts):
    with database.session(write=False) as db:
        assert db.query(Recovery).count() == 0
    assert reader.post("/recover/password", data={"password": NEW_PASSWORD}).status_code == 409


# a number that went to somebody else


def test_a_number_that_the_operator_gave_away_is_taken_out_of_the_account_there_was(database, owner, officer, now):
    with database.transaction() as db:
        phone = db.get_one(Person, owner.person_id).phone
        db.get_one(Person, owner.person_id).email = "hoa@example.org"
        sms_factor.switch_on(db, get_account(db, owner.id), now=now)
    asked = {"phone": phone, "paper": "1"}
    assert "Look at the original" in officer.post("/office/recovery/number", data=asked).text
    done = officer.post("/office/recovery/number", data=asked | {"original": "1"})
    assert "The number is free." in officer.get(done.location).text
    with database.transaction() as db:
        assert find_person_by_phone(db, phone) is None and not sms_factor.is_on(db, owner.id)
        told = [one for one in lease(db, Lane.NOTICE, now=now, most=20) if one.kind == "phone-freed"]
        assert [one.channel for one in told] == [Channel.EMAIL]
        assert db.scalars(select(InboxMessage.kind)).all().count("phone-freed") == 1
    again = officer.post("/office/recovery/number", data=asked | {"original": "1"}).text
    assert "belongs to nobody" in again
