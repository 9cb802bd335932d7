"""A person's own account: the card, browsers, history, sharing, password."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from identity import inbox
from identity.account import Ground, get_account
from identity.audit import SYSTEM, Actor, Event, record
from identity.base import new_id
from identity.consent import answer as answer_consent
from identity.consent import withdraw
from identity.credentials.passkeys import Passkey
from identity.credentials.sign_in import Visit, begin_session
from identity.evidence import EvidenceKind, add_evidence
from identity.helping import agree_to_help, has_agreed
from identity.locks import lock, note_paper, unlock
from identity.oidc.meetings import meeting_row
from identity.person import Person
from identity.sealed import add
from identity.session import find_session, open_session
from tests.identity.account_scene import PASSWORD, make_account, make_person
from tests.identity.oidc.making import a_service

LEVEL_2 = (
    EvidenceKind.REGISTER,
    EvidenceKind.PASSPORT,
    EvidenceKind.RESIDENCE_CARD,
    EvidenceKind.IN_PERSON,
    EvidenceKind.BIOMETRICS,
)
CARD_LASTS = timedelta(days=100)


@pytest.fixture
def person(database, now):
    with database.transaction() as db:
        person = make_person(db, now)
        for kind in LEVEL_2:
            ends = (now + CARD_LASTS).date() if kind is EvidenceKind.RESIDENCE_CARD else None
            add_evidence(db, person.id, kind, now=now, ends_on=ends)
    return person


@pytest.fixture
def account(database, person, now):
    with database.transaction() as db:
        return make_account(db, now, person_id=person.id)


@pytest.fixture
def elsewhere(database, account, now):
    """A second browser that is signed in."""
    with database.transaction() as db:
        return open_session(
            db, db.merge(account), ("pwd", "otp", "mfa"), 2, now=now, user_agent="Mozilla/5.0 (iPhone) Safari/605"
        )


@pytest.fixture
def signed_in(client, database, account, now):
    with database.transaction() as db:
        opened = open_session(
            db, db.merge(account), ("pwd", "otp", "mfa"), 2, now=now, user_agent="Firefox/140 Android"
        )
    client.set_cookie("eid_session", opened.token)
    client.set_cookie("language", "en")
    return client


def a_passkey(account, now):
    made = {"public_key": b"k", "sign_count": 0, "transports": ["internal"], "is_synced": False, "added_at": now}
    return Passkey(account_id=account.id, credential_id=b"one", **made)


def is_alive(database, opened, now):
    with database.session(write=False) as db:
        return find_session(db, opened.token, now=now) is not None


def test_the_card_shows_the_level_computed_from_evidence_and_until_when(signed_in, clock):
    page = signed_in.get("/account").text
    assert "Level 2" in page
    assert "Valid until 3 March 2027" in page
    assert "Face and fingerprints compared" in page


def test_the_level_falls_when_the_evidence_expires(signed_in, database, account, clock, now):
    later = clock.advance(days=101)
    with database.transaction() as db:
        opened = open_session(db, db.merge(account), ("pwd",), 1, now=later)
    signed_in.set_cookie("eid_session", opened.token)
    page = signed_in.get("/account").text
    assert "Level 2" not in page
    assert "No valid level" in page


def test_the_number_on_the_card_is_masked(signed_in):
    page = signed_in.get("/account").text
    assert "001158012345" not in page.replace(" ", "")
    assert "345" in page


def test_signed_in_browsers_are_listed_and_ended_from_afar(signed_in, database, elsewhere, now):
    page = signed_in.get("/account/sessions").text
    assert "Safari on iPhone" in page
    assert "Firefox on Android" in page
    assert "This browser" in page
    answer = signed_in.post(f"/account/sessions/{elsewhere.session_id}/end")
    assert answer.location == "/account/sessions"
    assert not is_alive(database, elsewhere, now)
    assert signed_in.get("/account").status_code == 200


def test_a_second_click_on_sign_out_is_answered_and_changes_nothing(signed_in, elsewhere):
    signed_in.post(f"/account/sessions/{elsewhere.session_id}/end")
    answer = signed_in.post(f"/account/sessions/{elsewhere.session_id}/end")
    assert answer.status_code == 404
    assert "That browser is signed out already." in answer.text


def test_all_others_end_at_once(signed_in, database, elsewhere, now):
    signed_in.post("/account/sessions/end-others")
    assert not is_alive(database, elsewhere, now)
    assert signed_in.get("/account").status_code == 200


def test_signing_out_everywhere_ends_this_browser_too(signed_in, database, elsewhere, now):
    left = signed_in.post("/account/sessions/end-all")
    assert left.headers["Location"] == "/oauth/signed-out"
    assert "eid_session=;" in left.headers["Set-Cookie"]
    assert signed_in.get("/account").headers["Location"].startswith("/sign-in")
    with database.transaction() as db:
        assert find_session(db, elsewhere.token, now=now) is None


def test_the_services_that_a_browser_is_signed_in_to_are_listed(signed_in, database, elsewhere, now):
    with database.transaction() as db:
        service = a_service(db, now=now)
        table, row = meeting_row(database.vault, elsewhere.session_id, service, "sub", now=now)
        db.execute(table.insert(), row)
    assert "A test service" in signed_in.get("/account/sessions").text
    signed_in.post(f"/account/sessions/{elsewhere.session_id}/end")
    assert "A test service" not in signed_in.get("/account/sessions").text


def test_nobody_ends_the_sessions_of_others(signed_in, database, now):
    with database.transaction() as db:
        stranger = make_account(db, now, "001158099999")
        theirs = open_session(db, stranger, ("pwd",), 1, now=now)
    assert signed_in.post(f"/account/sessions/{theirs.session_id}/end").status_code == 404
    assert is_alive(database, theirs, now)


def test_ending_a_session_needs_a_post(signed_in, elsewhere):
    assert signed_in.get(f"/account/sessions/{elsewhere.session_id}/end").status_code == 405


def test_the_person_sees_who_looked_at_the_file(signed_in, database, person, now):
    with database.transaction() as db:
        officer = Actor(None, "receiving_officer")
        record(db, Event.REGISTER_LOOKED_UP, officer, now=now, subject=("person", person.id))
    page = signed_in.get("/account/history").text
    assert "The register was asked about you" in page
    assert "receiving officer" in page


def test_the_person_sees_which_organisation_received_data(signed_in, database, account, now):
    with database.transaction() as db:
        facts = {"client": str(a_service(db, now=now).id), "scope": "openid profile"}
        record(
            db, Event.TOKENS_ISSUED, Actor(account.id, "resident"), now=now, subject=("account", account.id), **facts
        )
    page = signed_in.get("/account/history").text
    assert "An organisation received data that you share" in page and "A test service" in page


def test_the_person_does_not_see_what_concerns_others(signed_in, database, now):
    with database.transaction() as db:
        other = make_person(db, now, phone="+84987654321")
        record(db, Event.REGISTER_LOOKED_UP, Actor(None, "receiving_officer"), now=now, subject=("person", other.id))
    assert "Nobody has opened your file yet." in signed_in.get("/account/history").text


@pytest.fixture
def long_history(database, account, now):
    """Sixty uses and as many looks, each a minute after the one before; the first of each is told apart."""
    with database.transaction() as db:
        first, about = now - timedelta(hours=1), {"subject": ("account", account.id)}
        record(db, Event.PASSWORD_CHANGED, Actor(account.id, "resident"), now=first, **about)
        record(db, Event.RIGHTS_VIEWED, Actor(None, "data_protection_officer"), now=first, **about)
        for minute in range(1, 60):
            at = first + timedelta(minutes=minute)
            record(db, Event.SIGNED_IN, Actor(account.id, "resident"), now=at, **about)
            record(db, Event.ACCOUNT_LOOKED_UP, Actor(None, "receiving_officer"), now=at, **about)


def test_the_oldest_entry_of_a_long_history_is_found_page_by_page(signed_in, long_history):
    first = signed_in.get("/account/history").text
    assert "Page 1 of 3" in first and "The password was changed" not in first
    assert "An officer opened your request" not in first
    last = signed_in.get("/account/history?uses=3").text
    assert "The password was changed" in last and "An officer opened your request" not in last
    assert "An officer opened your request" in signed_in.get("/account/history?looks=3&uses=3").text


def test_turning_one_list_of_the_history_leaves_the_other_where_it_is(signed_in, long_history):
    page = signed_in.get("/account/history?looks=2&uses=3").text
    assert "/account/history?looks=3&amp;uses=3#looks" in page
    assert "/account/history?looks=2&amp;uses=2#uses" in page


@pytest.mark.parametrize("asked", ["99", "0", "-1", "x", "9" * 30])
def test_a_page_of_the_history_that_there_is_not_shows_one_that_there_is(signed_in, long_history, asked):
    page = signed_in.get(f"/account/history?looks={asked}&uses={asked}").text
    assert "Nothing yet." not in page and "Nobody has opened your file yet." not in page


def test_a_page_of_the_inbox_that_there_is_not_shows_the_last_one(signed_in, database, account, now):
    with database.transaction() as db:
        inbox.put(db, account.id, "account-frozen", {}, now=now)
    assert "No messages yet." not in signed_in.get("/account/inbox?page=99").text


def test_a_sign_in_tells_how_and_in_which_browser_from_where(client, database, account, now):
    phone = {"user_agent": "Mozilla/5.0 (iPhone) Safari/605", "address": "203.0.113.9"}
    with database.transaction() as db:
        begin_session(db, db.merge(account), ("pwd", "sms", "mfa"), 2, Visit(**phone), now=now - timedelta(minutes=9))
        opened = begin_session(db, db.merge(account), ("pwd", "otp", "mfa"), 2, Visit("192.0.2.1"), now=now)
    client.set_cookie("eid_session", opened.token)
    client.set_cookie("language", "en")
    page = re.sub(r"\s+", " ", client.get("/account/history").text)
    assert "with the password and a code by SMS · Safari on iPhone · 203.0.113.9" in page
    assert "with the password and a code · Unknown browser · 192.0.2.1" in page


@pytest.mark.parametrize(
    ("event", "reason", "says"),
    [
        (Event.SIGN_IN_FAILED, "second-step-wrong", "the password was right, the code was not"),
        (Event.SIGN_IN_FAILED, "otp-wrong", "the password was right, the code was not"),
        (Event.SIGN_IN_FAILED, "account-paused", "the password or the device was right"),
        (Event.RECOVERY_FAILED, "account-paused", "the recovery code was right"),
        (Event.RECOVERY_FAILED, "otp-wrong", "the code sent to the phone was wrong"),
    ],
)
def test_an_attempt_that_got_past_the_first_proof_says_so(signed_in, database, account, now, event, reason, says):
    with database.transaction() as db:
        record(db, event, Actor(None, "visitor"), now=now, subject=("account", account.id), reason=reason)
    assert says in signed_in.get("/account/history").text


def test_a_strangers_browser_is_not_hidden_by_twenty_newer_ones(signed_in, database, account, elsewhere, now):
    with database.transaction() as db:
        for _number in range(25):
            open_session(db, db.merge(account), ("pwd", "otp", "mfa"), 2, now=now + timedelta(seconds=1))
    assert f"/account/sessions/{elsewhere.session_id}/end" in signed_in.get("/account/sessions").text


@pytest.mark.parametrize(
    "kind", ["account-frozen", "account-recovered", "export-ready", "rights-received", "new-browser"]
)
def test_every_message_offers_to_say_that_it_was_somebody_else(signed_in, database, account, now, kind):
    with database.transaction() as db:
        message = inbox.put(db, account.id, kind, {"due_on": "2026-12-01", "until_on": "2026-12-01"}, now=now)
    page = signed_in.get(f"/account/inbox/{message}").text
    assert "This was not me" in page and 'href="/account/not-mine"' in page


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Event.CONTACT_ENDED, "A person to trust was removed"),
        (Event.SMS_FACTOR_REMOVED, "Codes by SMS were switched off"),
        (Event.SESSION_ENDED, "A browser was signed out from afar"),
        (Event.CONSENT_WITHDRAWN, "Sharing data with an organisation was stopped"),
        (Event.PURPOSE_AGREED, "You agreed to a survey or to research"),
        (Event.PURPOSE_STOPPED, "The consent to a survey or to research ended"),
        (Event.HELP_AGREED, "You agreed to be helped by a digital technology team"),
        (Event.HELP_WITHDRAWN, "The consent to be helped ended"),
        (Event.HELP_CODE_MADE, "A help code for one day was made"),
        (Event.RIGHTS_TAKEN_BACK, "A request about your data was taken back"),
        (Event.RESTRICTION_LIFTED, "The restriction of use was lifted"),
        (Event.RECOVERY_ASKED, "Somebody asked to recover the account"),
        (Event.GUARDIAN_CONFIRMED, "A guardian confirmed what the account was used for"),
    ],
)
def test_whatever_a_thief_may_do_in_an_open_browser_stands_in_the_history_and_can_be_disowned(
    signed_in, database, account, now, event, said
):
    with database.transaction() as db:
        about = ("person", account.person_id) if event.value.startswith("help:") else ("account", account.id)
        record(db, event, Actor(account.id, "resident"), now=now, subject=about)
    line = re.search(rf"<li>(?:(?!</li>).)*{said}.*?</li>", signed_in.get("/account/history").text, re.S)
    assert line is not None and "This was not me" in line[0]


def test_attempts_to_recover_stand_in_the_history(signed_in, database, account, now):
    with database.transaction() as db:
        for event in (Event.RECOVERY_ASKED, Event.RECOVERY_FAILED):
            record(db, event, Actor(None, "visitor"), now=now, subject=("account", account.id))
    page = signed_in.get("/account/history").text
    assert "Somebody asked to recover the account" in page and "A step of recovering the account failed" in page


def test_what_was_shared_and_stopped_stands_in_the_history(signed_in, database, account, now):
    with database.transaction() as db:
        client, actor = new_id(), Actor(account.id, "resident")
        words = {item: {"label": item} for item in ("name", "phone_number", "address")}
        chosen = {"name": True, "phone_number": True, "address": False}
        answer_consent(db, account.id, client, chosen, words, actor=actor, now=now)
        withdraw(db, account.id, client, actor=actor, now=now)
    page = signed_in.get("/account/history").text
    told = page.partition("How my account was used")[2]
    assert "Sharing data with an organisation was stopped" in told and "You agreed to share data" in told
    assert told.count("Full name, Phone number") >= 2 and "Registered address" not in told


def test_a_lock_planned_for_the_last_day_of_a_document_worries_nobody(signed_in, database, account, clock, now):
    with database.transaction() as db:
        held = get_account(db, account.id)
        note_paper(db, held, "card", Ground.DOCUMENT_EXPIRED, (now + CARD_LASTS).date(), now=now)
    assert "lock" not in signed_in.get("/account/history").text.partition("How my account was used")[2]


def test_the_person_sees_that_the_account_was_locked(signed_in, database, account, now):
    with database.transaction() as db:
        lock(db, get_account(db, account.id), Ground.TERMS, "operator", SYSTEM, now=now)
        unlock(db, get_account(db, account.id), Ground.TERMS, "operator", SYSTEM, now=now)
        again = open_session(db, get_account(db, account.id), ("pwd",), 1, now=now)
    signed_in.set_cookie("eid_session", again.token)
    assert "The account was locked" in signed_in.get("/account/history").text


def agreed(database, person):
    with database.session(write=False) as db:
        return has_agreed(db, person.id)


def test_the_consent_to_be_helped_is_withdrawn_and_given_again(signed_in, database, person, now):
    with database.transaction() as db:
        agree_to_help(db, db.get_one(Person, person.id), now=now)
    assert "You agreed to be helped" in signed_in.get("/account").text
    assert signed_in.post("/account/help/stop").location == "/account/help"
    assert not agreed(database, person)
    assert "You have not agreed to be helped." in signed_in.get("/account/help").text
    assert signed_in.post("/account/help/code").status_code == 403
    signed_in.post("/account/help/agree")
    assert agreed(database, person)


def test_the_help_code_of_today_is_shown_once(signed_in, database, person, now):
    with database.transaction() as db:
        agree_to_help(db, db.get_one(Person, person.id), now=now)
    answer = signed_in.post("/account/help/code")
    code = re.compile(r">\d{4} \d{4}<")
    assert code.search(signed_in.get(answer.location).text)
    assert not code.search(signed_in.get(answer.location).text)


def test_the_account_leads_to_ones_applications_and_complaints(signed_in):
    page = signed_in.get("/account").text
    for path in ("/status/mine", "/complaints"):
        assert f'href="{path}"' in page
        assert signed_in.get(path).status_code == 200


def test_an_account_without_consents_says_so(signed_in):
    assert "You share nothing with any organisation now." in signed_in.get("/account/consents").text


def change(client, old=PASSWORD, new="một mật khẩu khác hẳn"):
    return client.post("/account/password", data={"password": old, "new_password": new})


def test_the_password_changes_and_other_browsers_are_signed_out(signed_in, database, elsewhere, now):
    answer = change(signed_in)
    assert answer.location == "/account?done=password"
    assert "The password is changed." in signed_in.get(answer.location).text
    assert not is_alive(database, elsewhere, now)
    assert change(signed_in).status_code == 200
    assert change(signed_in, old="một mật khẩu khác hẳn", new="thêm một câu dài nữa").status_code == 303


def test_a_wrong_or_weak_password_is_explained_at_its_field(signed_in):
    assert "This is not your current password." in change(signed_in, old="sai").text
    assert "Only 4 characters." in change(signed_in, new="ngắn").text
    assert "made of your name or number" in change(signed_in, new="NguyenThiHoa1").text


def test_somebody_who_guesses_at_the_old_password_leaves_a_trace(signed_in):
    change(signed_in, old="sai")
    assert "tried to change the password" in signed_in.get("/account/history").text


@pytest.mark.parametrize("path", ["", "/sessions", "/history", "/consents", "/password", "/help"])
def test_visitors_are_asked_to_sign_in_first(client, path):
    assert client.get(f"/account{path}").location == f"/sign-in?next=/account{path}"


def test_staff_see_their_own_browsers_and_no_card(client, database, now):
    with database.transaction() as db:
        officer = make_account(db, now, "canbo.lan", kind="staff")
        opened = open_session(db, officer, ("pwd", "otp", "mfa"), 2, now=now)
    client.set_cookie("eid_session", opened.token)
    client.set_cookie("language", "en")
    page = client.get("/account").text
    assert "1 browser is signed in" in page
    assert "What my level rests on" not in page
    assert "This is the account of your work" in page and "sign in with your own number" in page


def test_a_residents_account_is_nobodys_work(signed_in):
    assert "the account of your work" not in signed_in.get("/account").text


def test_who_has_just_activated_is_offered_the_lock_of_the_device_once_and_only_without_one(
    signed_in, database, account, now
):
    offer = "Next time without a password"
    page = signed_in.get("/account?done=activated").text
    assert offer in page and 'href="/account/sign-in-ways"' in page[page.index(offer) :]
    assert offer not in signed_in.get("/account").text
    with database.transaction() as db:
        add(db, a_passkey(account, now), name="Máy của tôi")
    assert offer not in signed_in.get("/account?done=activated").text


def test_reading_public_pages_is_use_of_the_session_too(signed_in, clock):
    for _ in range(8):
        clock.advance(minutes=10)
        assert "My account" in signed_in.get("/help").text
    assert signed_in.get("/account").status_code == 200
