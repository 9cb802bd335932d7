"""My data: the copy, the requests, consent by purpose, papers, inbox and preferences, as the person sees them."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import LargeBinary, select

import onboarding.rights  # noqa: F401 - as the worker does
from identity import consent, inbox
from identity.account import get_account
from identity.application.apply import DECLARED
from identity.audit import Actor, AuditEvent, Event
from identity.evidence import EvidenceKind, add_evidence
from identity.gateways import CitizenRecord, ForeignerRecord
from identity.inbox import InboxMessage
from identity.rights.collect import walked
from identity.rights.export import copy_some
from identity.rights.left_out import NOT_ABOUT_RESIDENTS, SECRET
from identity.rights.model import RequestState, RightKind, RightsRequest
from identity.rights.requests import answer
from identity.rights.restriction import restrict
from identity.sealed import Sealed
from identity.session import open_session
from identity.staff import hire
from portal.account import data
from portal.words.copy_details import FILE_ONLY, IN_A_DETAIL, is_pointer
from portal.words.copy_names import COLUMNS, TABLES
from portal.words.copy_words import sections
from tests.identity.account_scene import PASSPORT, make_account, make_person
from tests.identity.oidc.making import a_service


@pytest.fixture
def account(database, now):
    with database.transaction() as db:
        person = make_person(db, now)
        add_evidence(db, person.id, EvidenceKind.PASSPORT, now=now, ends_on=None)
        return make_account(db, now, person_id=person.id)


@pytest.fixture
def neighbour(database, now):
    with database.transaction() as db:
        person = make_person(db, now, phone="+84900000002")
        return make_account(db, now, "901000000002", person_id=person.id)


@pytest.fixture
def signed_in(client, database, account, now):
    with database.transaction() as db:
        opened = open_session(db, db.merge(account), ("pwd", "otp", "mfa"), 2, now=now)
    client.set_cookie("eid_session", opened.token)
    client.set_cookie("language", "en")
    return client


def asked(client, kind, **fields):
    return client.post(f"/account/data/requests/new/{kind}", data=fields)


def only_request(database):
    with database.session(write=False) as db:
        return db.scalars(select(RightsRequest)).one()


def answered(database, now, outcome, reason, words=""):
    with database.transaction() as db:
        officer = Actor(hire(db, "officer-z", "Cán bộ Thử", now=now).id, "receiving_officer")
        answer(db, db.scalars(select(RightsRequest)).one(), officer, RequestState(outcome), reason, words, now=now)


def copied(database, now):
    with database.transaction() as db:
        while copy_some(db, None, now=now):
            pass


def test_an_empty_page_says_so(signed_in):
    page = signed_in.get("/account/data").text
    assert "You have not asked for anything yet." in page
    assert page.count('href="/account/data/requests/new/') == len(RightKind)


def test_a_copy_is_asked_for_read_and_downloaded(signed_in, database, clock):
    answer = signed_in.post("/account/data/copies")
    assert answer.location == "/account/data?done=copy"
    assert "Being made" in signed_in.get("/account/data").text
    copied(database, clock())
    page = signed_in.get("/account/data").text
    address = re.search(r'href="(/account/data/copies/[0-9a-f-]+)"', page)[1]
    text = signed_in.get(address).text
    assert "Marie Durand" in text
    assert PASSPORT in text
    assert "Who you are" in text
    download = signed_in.get(f"{address}/data.json")
    assert download.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert download.headers["Cache-Control"] == "no-store"
    assert orjson.loads(download.data)["held"]["person"][0]["full_name"] == "Marie Durand"
    assert "The copy of your data was opened" in signed_in.get("/account/history").text


def test_the_copy_names_the_services_that_it_speaks_of(signed_in, database, account, clock, now):
    with database.transaction() as db:
        service, _other = a_service(db, now=now), a_service(db, now=now, client_id="never-met")
        consent.answer(db, account.id, service.id, {"name": True}, {}, actor=Actor(account.id, "resident"), now=now)
    signed_in.post("/account/data/copies")
    copied(database, clock())
    address = re.search(r'href="(/account/data/copies/[0-9a-f-]+)"', signed_in.get("/account/data").text)[1]
    assert "<dt>Service</dt><dd>A test service</dd>" in signed_in.get(address).text
    assert [*orjson.loads(signed_in.get(f"{address}/data.json").data)["services"]] == [str(service.id)]


def test_every_table_of_a_copy_has_a_name_and_something_to_read():
    about_residents = [table for table in tables_walked() if table.name not in NOT_ABOUT_RESIDENTS | {"staff_record"}]
    shown = {table.name: {column.name.removesuffix("_sealed") for column in table.columns} for table in about_residents}
    assert [name for name, columns in shown.items() if name not in TABLES or not columns & COLUMNS.keys()] == []


@pytest.mark.any_engine
def test_every_detail_of_a_copy_has_a_word_or_is_for_the_file_alone():
    unnamed = {
        f"{mapper.local_table.name}.{name}"
        for mapper in walked()
        if mapper.local_table.name not in NOT_ABOUT_RESIDENTS | {"staff_record"}
        for name in columns_of(mapper)
        if name not in COLUMNS.keys() | FILE_ONLY and not is_pointer(name)
    }
    assert unnamed == set()
    parts = {field.name for kind in (CitizenRecord, ForeignerRecord) for field in fields(kind)} | set(DECLARED)
    assert parts - IN_A_DETAIL.keys() - FILE_ONLY == set()


def columns_of(mapper):
    """What a copy holds of a row of this table."""
    for column in mapper.local_table.columns:
        opened = column.name.removesuffix("_sealed")
        is_secret = column.name in SECRET or f"{mapper.local_table.name}.{column.name}" in SECRET
        is_sealed = opened != column.name and isinstance(getattr(mapper.class_, opened, None), Sealed)
        if not is_secret and (is_sealed or not isinstance(column.type, LargeBinary)):
            yield opened


@pytest.mark.any_engine
def test_the_parts_of_a_detail_are_in_words_too(app):
    held = {
        "application": [
            {
                "declared": {"full_name": "Marie Durand", "birth_date": "1988-03-15", "new": "x"},
                "record": {"residence_expires_on": "2028-06-30", "photo": "/9j/4AAQ", "is_dead": False},
            }
        ]
    }
    with app.test_request_context():
        [section] = sections(held, {}, {})
    assert section.rows == [
        [
            ("Điều đã khai", "Họ và tên: Marie Durand · Ngày sinh: 15/03/1988"),
            ("Sổ gốc trả lời", "Thẻ cư trú có giá trị đến: 30/06/2028 · Được ghi nhận đã mất: Không"),
        ]
    ]


def tables_walked():
    return [mapper.local_table for mapper in walked()]


@pytest.mark.any_engine
def test_what_one_column_means_in_one_table_is_called_so_and_codes_are_words(app):
    held = {
        "document": [{"number": "C1234567"}],
        "account": [{"kind": "resident", "locale": "vi"}],
        "decision_paper": [{"outcome": "approved"}],
        "sign_in_session": [{"amr": "pwd otp", "address": "203.0.113.7"}],
        "outbox_message": [{"channel": "email", "kind": "export-ready", "due_at": "2026-11-23T03:00:00+00:00"}],
        "learner": [{"age_band": "60-and-over"}],
        "audit_event": [{"name": Event.SIGNED_IN, "actor_role": "resident", "subject_kind": "account"}],
    }
    with app.test_request_context():
        said = [pair for section in sections(held, data.KNOWN, {}) for row in section.rows for pair in row]
    assert said == [
        ("Số giấy tờ", "C1234567"),
        ("Ngôn ngữ", "Tiếng Việt"),
        ("Kết quả", "Đã duyệt"),
        ("Địa chỉ mạng", "203.0.113.7"),
        ("Kênh", "Thư điện tử"),
        ("Loại", "Bản sao dữ liệu đã sẵn sàng"),
        ("Nhóm tuổi", "từ 60 tuổi"),
        ("Việc", "Đăng nhập"),
        ("Người thực hiện", "chính chủ"),
    ]


def test_a_copy_of_another_is_not_found(signed_in, database, neighbour, clock):
    from identity.rights.export import ask_for_copy

    with database.transaction() as db:
        copy_id = ask_for_copy(db, neighbour.id, Actor(neighbour.id, "resident"), now=clock()).id
    copied(database, clock())
    assert signed_in.get(f"/account/data/copies/{copy_id}").status_code == 404
    assert signed_in.get(f"/account/data/copies/{copy_id}/data.json").status_code == 404


def test_an_open_browser_alone_gets_no_copy(signed_in, database, account, clock):
    later = clock.advance(minutes=20)
    assert "/sign-in" in signed_in.post("/account/data/copies").location
    with database.transaction() as db:
        opened = open_session(db, get_account(db, account.id), ("pwd",), 1, now=later)
    signed_in.set_cookie("eid_session", opened.token)
    assert "/sign-in" in signed_in.post("/account/data/copies").location


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("access", {"words": "Ai đã xem?"}),
        ("rectify", {"about": "name", "words": "Thiếu chữ Thị"}),
        ("restrict", {}),
        ("object", {"about": "helping"}),
        ("withdraw", {}),
        ("erase", {"sure": "1"}),
    ],
)
def test_each_kind_is_sent_and_followed(signed_in, database, kind, fields):
    assert signed_in.get(f"/account/data/requests/new/{kind}").status_code == 200
    assert asked(signed_in, kind, **fields).location == "/account/data?done=asked"
    row = only_request(database)
    page = signed_in.get(f"/account/data/requests/{row.id}").text
    assert fields.get("words", "Received") in page
    assert "We have your request about your data" in signed_in.get("/account/inbox").text
    assert str(row.id) in signed_in.get("/account").text


@pytest.mark.parametrize(
    ("kind", "fields", "sentence"),
    [
        ("access", {}, "Write what it is about"),
        ("rectify", {"words": "Thiếu chữ Thị"}, "Choose what is wrong"),
        ("rectify", {"about": "level", "words": "x"}, "Choose one of the answers shown."),
        ("object", {}, "Choose a use"),
        ("erase", {}, "Tick the box once you have read it"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(signed_in, kind, fields, sentence):
    page = asked(signed_in, kind, **fields).text
    assert sentence in page
    assert fields.get("words", "") in page


def test_a_second_one_of_a_kind_is_refused_in_words(signed_in):
    asked(signed_in, "restrict")
    answer = asked(signed_in, "restrict")
    assert answer.status_code == 409
    assert "You have already asked for this" in answer.text


def test_a_request_of_another_is_not_found(signed_in, database, neighbour, now):
    from identity.rights.requests import ask

    with database.transaction() as db:
        row = ask(db, get_account(db, neighbour.id), RightKind.ERASE, Actor(neighbour.id, "resident"), now=now)
    assert signed_in.get(f"/account/data/requests/{row.id}").status_code == 404
    assert signed_in.post(f"/account/data/requests/{row.id}/take-back").status_code == 409


def test_an_answer_is_read_with_its_reason_and_words(signed_in, database, now):
    asked(signed_in, "rectify", about="name", words="Thiếu chữ Thị")
    answered(database, now, "partly", "sent-to-register", "Mời đến công an phường.")
    page = signed_in.get(f"/account/data/requests/{only_request(database).id}").text
    assert "Passed on to the register" in page
    assert "Mời đến công an phường." in page
    assert "Take the request back" not in page


def test_a_late_answer_is_owned_up_to(signed_in, database, clock, now):
    asked(signed_in, "restrict")
    clock.advance(days=4)
    with database.transaction() as db:
        account = db.scalars(select(RightsRequest)).one().account_id
        opened = open_session(db, get_account(db, account), ("pwd", "otp"), 2, now=clock())
    signed_in.set_cookie("eid_session", opened.token)
    assert "We are late, and sorry" in signed_in.get("/account/data").text


def test_a_restriction_is_shown_and_lifted(signed_in, database, account, now):
    with database.transaction() as db:
        restrict(db, account.id, Actor(account.id, "resident"), now=now)
    assert "The use of your data is restricted since" in signed_in.get("/account/data").text
    assert "Yes, I agree" not in signed_in.get("/account/purposes").text
    signed_in.post("/account/data/restriction/end")
    assert "The use of your data is restricted since" not in signed_in.get("/account/data").text
    assert "Yes, I agree" in signed_in.get("/account/purposes").text


def test_a_purpose_is_agreed_to_and_stopped_and_never_ticked_beforehand(signed_in):
    page = signed_in.get("/account/purposes").text
    assert "checked" not in page
    assert page.count("Yes, I agree") == 2
    signed_in.post("/account/purposes/survey/agree", data={"version": "1", "language": "en"})
    page = signed_in.get("/account/purposes").text
    assert page.count("Yes, I agree") == 1
    signed_in.post("/account/purposes/survey/stop")
    assert "Earlier" in signed_in.get("/account/purposes").text


@pytest.mark.parametrize("version", ["2", "", "x", "9" * 50])
def test_a_yes_to_other_words_is_not_taken(signed_in, version):
    answer = signed_in.post("/account/purposes/survey/agree", data={"version": version, "language": "en"})
    assert answer.status_code == 409
    assert "The text has changed in the meantime" in answer.text


def test_the_inbox_is_empty_at_first_then_counts_and_opens(signed_in, database, account, now):
    assert "No messages yet." in signed_in.get("/account/inbox").text
    with database.transaction() as db:
        first = inbox.put(db, account.id, "account-frozen", {}, now=now)
        inbox.put(db, account.id, "new-browser", {"at": now}, now=now)
    assert "2 new" in signed_in.get("/account").text
    page = signed_in.get(f"/account/inbox/{first}").text
    assert "Your e-ID account is frozen" in page
    assert "1 new" in signed_in.get("/account").text
    signed_in.post("/account/inbox/read")
    assert ">Unread<" not in signed_in.get("/account/inbox").text


def test_the_inbox_is_paged_and_a_page_too_far_is_the_last(signed_in, database, account, now):
    with database.transaction() as db:
        for minute in range(25):
            inbox.put(db, account.id, "account-activated", {}, now=now + timedelta(minutes=minute))
    first, second = (signed_in.get(f"/account/inbox?page={number}").text for number in (1, 2))
    assert (first.count('href="/account/inbox/'), second.count('href="/account/inbox/')) == (20, 5)
    assert signed_in.get("/account/inbox?page=999999").status_code == 200


def test_a_message_of_another_is_not_found(signed_in, database, neighbour, now):
    with database.transaction() as db:
        theirs = inbox.put(db, neighbour.id, "account-activated", {}, now=now)
    assert signed_in.get(f"/account/inbox/{theirs}").status_code == 404
    with database.session(write=False) as db:
        assert db.get_one(InboxMessage, theirs).read_at is None


def test_an_inbox_never_holds_a_code(db, account, now):
    with pytest.raises(ValueError, match="secret"):
        inbox.put(db, account.id, "otp", {"code": "123456"}, now=now)


def test_a_message_whose_words_are_gone_says_so(signed_in, database, account, now):
    with database.transaction() as db:
        row_id = inbox.put(db, account.id, "account-activated", {}, now=now)
        db.get_one(InboxMessage, row_id).values = None
    assert "kept for a year and are gone now" in signed_in.get(f"/account/inbox/{row_id}").text


def test_papers_show_what_was_checked_with_the_number_masked(signed_in):
    page = signed_in.get("/account/papers").text
    assert "Passport" in page
    assert "31 December 2030" in page
    assert PASSPORT not in page


def test_preferences_are_kept_for_pages_and_messages(signed_in, database, account):
    answer = signed_in.post("/account/preferences", data={"language": "vi", "size": "big"})
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(cookie.startswith("language=vi") for cookie in cookies)
    assert any(cookie.startswith("text_size=big") for cookie in cookies)
    with database.session(write=False) as db:
        assert get_account(db, account.id).locale == "vi"
    assert 'data-text-size="big"' in signed_in.get("/account").text


@pytest.mark.parametrize("fields", [{"language": "xx", "size": "big"}, {"language": "en", "size": "huge"}])
def test_a_preference_that_is_not_offered_is_not_taken(signed_in, fields):
    assert signed_in.post("/account/preferences", data=fields).status_code == 200


def test_history_rows_offer_this_was_not_me_which_leads_to_the_freeze(signed_in, database, account, now):
    from identity.audit import record

    with database.transaction() as db:
        record(db, Event.SIGNED_IN, Actor(account.id, "resident"), now=now, subject=("account", account.id))
    assert "This was not me" in signed_in.get("/account/history").text
    page = signed_in.get("/account/not-mine").text
    assert 'href="/account/freeze"' in page
    assert "Sign out all others" in page


def test_every_change_of_a_right_is_in_the_trail(signed_in, database):
    asked(signed_in, "erase", sure="1")
    with database.session(write=False) as db:
        event = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.RIGHTS_REQUESTED)).one()
    assert event.facts == {"kind": "erase"}


def test_a_recovery_that_runs_is_seen_at_once_and_stopped(signed_in, database, account, now):
    from identity.recovery.model import Recovery, Rung

    with database.transaction() as db:
        db.add(
            Recovery(
                rung=Rung.CONTACT.value,
                account_id=account.id,
                return_digest=b"d" * 32,
                begun_at=now,
                opens_at=now + timedelta(hours=72),
                expires_at=now + timedelta(days=10),
                locale="vi",
            )
        )
    assert "Somebody is getting back into this account" in signed_in.get("/account").text
    signed_in.post("/account/recovery/stop")
    assert "Somebody is getting back into this account" not in signed_in.get("/account").text


@pytest.mark.parametrize("kind", ["recovery-asked", "recovery-agreed"])
def test_the_message_about_a_recovery_leads_to_where_it_is_stopped_at_once(
    signed_in, database, account, clock, now, kind
):
    with database.transaction() as db:
        message = inbox.put(db, account.id, kind, {"opens_at": now.isoformat()}, now=now)
    clock.advance(minutes=30)
    where = re.search(r'href="([^"]+)">See it, and stop it', signed_in.get(f"/account/inbox/{message}").text)[1]
    assert signed_in.get(where).status_code == 200, "no code is asked for first"
