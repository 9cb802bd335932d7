"""The breach register: its clock, who must be told, telling each once, closing, and what is forgotten when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select

from identity.account import AccountState, Ground, find_account
from identity.application import decide, withdraw
from identity.audit import SYSTEM, Actor, AuditEvent, Event
from identity.base import Refused
from identity.breaches import telling
from identity.breaches.model import Breach, BreachApplicant, BreachPerson
from identity.breaches.record import (
    Finding,
    breaches,
    change_breach,
    close_breach,
    record_breach,
    tell_authority,
    warn_of_clocks,
)
from identity.inbox import InboxMessage
from identity.jobs import Job
from identity.locks import close, lock
from identity.outbox import COLUMN, OutboxMessage
from identity.retention.emptying import empty
from identity.retention.run import purge_some
from identity.rights.collect import everything_about, everything_in
from identity.sealed import add, vault
from identity.staff import give_role, hire
from identity.staff.record import StaffRecord
from tests.identity.account_scene import LOGIN, make_account, make_person
from tests.identity.applicants import CITIZEN, FOREIGNER, an_officer, issued, matched, submitted
from tests.identity.test_office_work import citizen as another
from tests.stored import stored


@pytest.fixture
def keeper(db, now):
    account = hire(db, "baove", "Cao Văn Hộ", now=now)
    db.flush()
    give_role(db, account.id, "data_protection_officer", None, SYSTEM, now=now)
    add(db, StaffRecord(account_id=account.id, invited_at=now), email="baove@example.vn")
    return Actor(account.id, "data_protection_officer")


@pytest.fixture
def finding(now):
    return Finding(
        cause="mistake",
        categories=["name", "contact"],
        people=12,
        found_at=now - timedelta(hours=2),
        happened_at=now - timedelta(days=1),
        what="Gửi nhầm danh sách",
        measures="Đã thu hồi",
        advice={"vi": "Cảnh giác với cuộc gọi lạ.", "en": "Beware of strange calls."},
    )


def recorded(db, finding, keeper, now) -> Breach:
    row = record_breach(db, finding, keeper, now=now)
    db.flush()
    return row


def residents(db, now, count):
    logins = [f"0011580{number:05}" for number in range(count)]
    for number, login in enumerate(logins):
        person = make_person(db, now, phone=f"+8491200{number:04}")
        make_account(db, now, login=login, totp=False, person_id=person.id)
    return logins


def work(db, now):
    """What the worker does until nothing is left."""
    cursor, steps = None, 0
    while (cursor := telling.tell_some(db, cursor, now=now)) is not None:
        steps += 1
        assert steps < 50
    return steps


def test_the_clock_runs_72_hours_from_the_finding(db, now, keeper, finding):
    row = recorded(db, finding, keeper, now)
    assert row.notice_by == finding.found_at + timedelta(hours=72)
    assert not row.is_late(row.notice_by) and row.is_late(row.notice_by + timedelta(seconds=1))
    tell_authority(db, row, "A05-991", keeper, now=now)
    assert not row.is_late(row.notice_by + timedelta(days=9))


@pytest.mark.parametrize("kind", ["biometric", "location"])
def test_with_biometric_data_or_locations_the_people_are_told_in_time_too(db, now, keeper, finding, kind):
    row = recorded(db, replace(finding, categories=["name", kind]), keeper, now)
    tell_authority(db, row, "A05-991", keeper, now=now)
    assert row.is_late(row.notice_by + timedelta(seconds=1))
    with pytest.raises(Refused, match="breach-people-wait"):
        close_breach(db, row, "Xong", keeper, now=now)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cause": "magic"}, "breach-kind"),
        ({"categories": []}, "breach-kind"),
        ({"categories": ["name", "shoes"]}, "breach-kind"),
    ],
)
def test_only_known_kinds_are_written_down(db, now, keeper, finding, change, code):
    with pytest.raises(Refused, match=code):
        record_breach(db, replace(finding, **change), keeper, now=now)


def test_it_was_found_before_now_and_happened_before_that(db, now, keeper, finding):
    with pytest.raises(Refused, match="breach-days"):
        record_breach(db, replace(finding, found_at=now + timedelta(minutes=1)), keeper, now=now)
    with pytest.raises(Refused, match="breach-order"):
        record_breach(db, replace(finding, happened_at=now), keeper, now=now)


def test_a_file_is_put_right_until_it_is_closed_and_by_one_at_a_time(db, now, keeper, finding):
    row = recorded(db, finding, keeper, now)
    seen = row.version
    change_breach(db, row, replace(finding, people=40, found_at=now - timedelta(hours=9)), seen, keeper, now=now)
    assert (row.people, row.notice_by) == (40, now + timedelta(hours=63))
    with pytest.raises(Refused, match="breach-changed"):
        change_breach(db, row, finding, seen, keeper, now=now)
    tell_authority(db, row, "A05-991", keeper, now=now)
    close_breach(db, row, "Đã rút kinh nghiệm", keeper, now=now)
    for act in (
        lambda: change_breach(db, row, finding, row.version, keeper, now=now),
        lambda: tell_authority(db, row, "x", keeper, now=now),
        lambda: telling.name_people(db, row, [], keeper, now=now),
        lambda: close_breach(db, row, "x", keeper, now=now),
    ):
        with pytest.raises(Refused, match="breach-closed"):
            act()


def test_a_file_closes_only_after_the_authority_was_told_once(db, now, keeper, finding):
    row = recorded(db, finding, keeper, now)
    with pytest.raises(Refused, match="breach-authority-waits"):
        close_breach(db, row, "Xong", keeper, now=now)
    tell_authority(db, row, "A05-991", keeper, now=now)
    told = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.BREACH_AUTHORITY_TOLD)).one()
    assert told.facts["late"] is False
    with pytest.raises(Refused, match="breach-told-already"):
        tell_authority(db, row, "A05-992", keeper, now=now)
    close_breach(db, row, "Xong", keeper, now=now)
    assert breaches(db) == ([], 1)
    assert breaches(db, closed=True) == ([row], 1)


def test_a_late_notice_says_why_and_counts_from_when_it_left(db, now, keeper, finding):
    row = recorded(db, finding, keeper, now)
    late = row.notice_by + timedelta(hours=1)
    for wrong in (finding.found_at - timedelta(minutes=1), late + timedelta(minutes=1)):
        with pytest.raises(Refused, match="breach-told-when"):
            tell_authority(db, row, "A05-991", keeper, now=late, told_at=wrong)
    with pytest.raises(Refused, match="breach-why-late"):
        tell_authority(db, row, "A05-991", keeper, now=late)
    in_time = recorded(db, finding, keeper, now)
    tell_authority(db, in_time, "A05-992", keeper, now=late, told_at=row.notice_by)
    change_breach(db, row, replace(finding, why_late="Mất điện hai ngày"), row.version, keeper, now=late)
    tell_authority(db, row, "A05-991", keeper, now=late)
    told = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.BREACH_AUTHORITY_TOLD)).all()
    assert {one.subject_id: one.facts["late"] for one in told} == {row.id: True, in_time.id: False}
    assert row.was_late and not in_time.was_late
    change_breach(db, row, finding, row.version, keeper, now=late)
    with pytest.raises(Refused, match="breach-why-late"):
        close_breach(db, row, "Xong", keeper, now=late)


def test_a_file_whose_people_were_told_late_closes_with_the_reason_only(db, now, keeper, finding):
    (login,) = residents(db, now, 1)
    finding = replace(finding, categories=["location"])
    row = recorded(db, finding, keeper, now)
    tell_authority(db, row, "A05-991", keeper, now=now)
    telling.name_people(db, row, [login], keeper, now=now)
    telling.start_telling(db, row, keeper, now=now)
    late = row.notice_by + timedelta(hours=1)
    work(db, late)
    with pytest.raises(Refused, match="breach-why-late"):
        close_breach(db, row, "Xong", keeper, now=late)
    change_breach(db, row, replace(finding, why_late="Mất điện"), row.version, keeper, now=late)
    close_breach(db, row, "Xong", keeper, now=late)


def test_the_end_of_the_clock_is_warned_of_too(db, now, keeper, finding):
    row = recorded(db, finding, keeper, now)
    warned = [row.notice_by + timedelta(hours=hours) for hours in (-1, 0, 1, 2)]
    assert [warn_of_clocks(db, now=at) for at in warned] == [1, 0, 1, 0]
    found_late = recorded(db, replace(finding, found_at=now - timedelta(hours=80), happened_at=None), keeper, now)
    assert warn_of_clocks(db, now=now) == 1 and found_late.is_late(now)
    sent = db.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)).all()
    assert sent == ["breach-running-out", "breach-over", "breach-over"]


def test_a_clock_that_becomes_the_peoples_is_warned_of_anew(db, now, keeper, finding):
    row = recorded(db, finding, keeper, now)
    soon = row.notice_by - timedelta(hours=2)
    assert warn_of_clocks(db, now=soon) == 1
    tell_authority(db, row, "A05-991", keeper, now=soon)
    assert warn_of_clocks(db, now=soon) == 0
    change_breach(db, row, replace(finding, categories=["biometric"]), row.version, keeper, now=soon)
    assert warn_of_clocks(db, now=soon) == 1
    other = recorded(db, replace(finding, categories=["location"]), keeper, now)
    assert warn_of_clocks(db, now=soon) == 1
    tell_authority(db, other, "A05-992", keeper, now=soon)
    assert warn_of_clocks(db, now=soon) == 1
    sent = db.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)).all()
    assert sent == ["breach-running-out", "breach-people-wait", "breach-running-out", "breach-people-wait"]


def test_whoever_keeps_the_register_is_warned_once_before_the_end(db, now, keeper, finding):
    row = recorded(db, finding, keeper, now)
    assert warn_of_clocks(db, now=row.notice_by - timedelta(hours=25)) == 0
    assert warn_of_clocks(db, now=row.notice_by - timedelta(hours=23)) == 1
    assert warn_of_clocks(db, now=row.notice_by) == 0
    sent = db.scalars(select(OutboxMessage.kind)).all()
    assert sent == ["breach-running-out"]


def test_they_are_warned_too_when_only_the_people_wait(db, now, keeper, finding):
    """Biometric data: the authority knows, the people do not, and their clock is the same."""
    row = recorded(db, replace(finding, categories=["biometric"]), keeper, now)
    tell_authority(db, row, "A05-991", keeper, now=now)
    assert warn_of_clocks(db, now=row.notice_by - timedelta(hours=23)) == 1
    assert db.scalars(select(OutboxMessage.kind)).all() == ["breach-people-wait"]
    other = recorded(db, finding, keeper, now)
    tell_authority(db, other, "A05-992", keeper, now=now)
    assert warn_of_clocks(db, now=other.notice_by) == 0


def test_without_a_data_protection_officer_operators_are_warned(db, now, finding):
    operator = hire(db, "vanhanh", "Đỗ Vận Hành", now=now)
    db.flush()
    give_role(db, operator.id, "operator", None, SYSTEM, now=now)
    add(db, StaffRecord(account_id=operator.id, invited_at=now), email="vanhanh@example.vn")
    row = recorded(db, finding, Actor(operator.id, "operator"), now)
    assert warn_of_clocks(db, now=row.notice_by) == 1
    assert db.scalars(select(OutboxMessage.kind)).all() == ["breach-running-out"]


def test_a_clock_that_moves_is_on_record_and_warned_of_anew(db, now, keeper, finding):
    row = recorded(db, finding, keeper, now)
    first = row.notice_by
    assert warn_of_clocks(db, now=first - timedelta(hours=1)) == 1
    later = replace(finding, found_at=finding.found_at + timedelta(hours=1))
    change_breach(db, row, later, row.version, keeper, now=first - timedelta(hours=1))
    assert warn_of_clocks(db, now=first) == 1
    events = select(AuditEvent.facts).where(AuditEvent.subject_id == row.id).order_by(AuditEvent.at)
    clocks = [facts["notice_by"] for facts in db.scalars(events) if "notice_by" in facts]
    assert clocks == [first.isoformat(), (first + timedelta(hours=1)).isoformat()]


def test_people_are_named_once_and_unknown_numbers_come_back(db, now, keeper, finding):
    first, second = residents(db, now, 2)
    row = recorded(db, finding, keeper, now)
    assert telling.name_people(db, row, [first, first, "baove", "000"], keeper, now=now) == ["baove", "000"]
    assert telling.name_people(db, row, [first, second], keeper, now=now) == []
    assert telling.people_of(db, row) == (2, 0)


def test_each_is_told_once_in_batches_that_go_on_where_they_stood(db, now, keeper, finding, monkeypatch):
    monkeypatch.setattr(telling, "BATCH", 2)
    logins = residents(db, now, 5)
    row = recorded(db, finding, keeper, now)
    with pytest.raises(Refused, match="breach-nobody"):
        telling.start_telling(db, row, keeper, now=now)
    telling.name_people(db, row, logins, keeper, now=now)
    telling.start_telling(db, row, keeper, now=now)
    telling.tell_some(db, None, now=now)
    assert telling.people_of(db, row) == (5, 2)
    assert row.told_all_at is None
    work(db, now)
    work(db, now)
    kept = db.scalars(select(InboxMessage).where(InboxMessage.kind == "breach-notice")).all()
    assert len(kept) == len({message.account_id for message in kept}) == 5
    assert kept[0].values["advice"] == "Cảnh giác với cuộc gọi lạ."
    assert (row.told_all_at, db.scalars(select(Job.kind)).one()) == (now, telling.JOB)
    with pytest.raises(Refused, match="breach-telling-already"):
        telling.name_people(db, row, logins, keeper, now=now)


def test_whoever_cannot_sign_in_reads_in_the_sms_what_to_do(db, now, keeper, finding):
    """Not activated, frozen, paused: the inbox stays shut to them, and an address for mail nobody has to give."""
    opens, waits, frozen, paused = residents(db, now, 4)
    find_account(db, opens).locale, find_account(db, waits).locale = "en", "ko"
    find_account(db, waits).state = AccountState.ISSUED
    lock(db, find_account(db, frozen), Ground.OWN_REQUEST, "own", SYSTEM, now=now)
    lock(db, find_account(db, paused), Ground.PAUSE, "own", SYSTEM, now=now)
    row = recorded(db, finding, keeper, now)
    assert telling.name_people(db, row, [opens, waits, frozen, paused], keeper, now=now) == []
    assert tell_all(db, row, keeper, now) == (4, 4)
    short = [address for kind, address in told_of_incidents(db) if kind == "breach-notice"]
    assert short == ["+84912000000"]
    full = [address for kind, address in told_of_incidents(db) if kind == "breach-notice-in-full"]
    assert full == ["+84912000001", "+84912000002", "+84912000003"]
    read = {one.account_id: one.values["advice"] for one in db.scalars(select(InboxMessage))}
    by_language = [read[find_account(db, login).id] for login in (opens, waits, frozen)]
    assert by_language == ["Beware of strange calls.", "Beware of strange calls.", "Cảnh giác với cuộc gọi lạ."]


def test_nobody_is_told_without_words_in_both_languages(db, now, keeper, finding):
    row = recorded(db, replace(finding, advice={"vi": "Cẩn thận", "en": ""}), keeper, now)
    telling.name_people(db, row, residents(db, now, 1), keeper, now=now)
    with pytest.raises(Refused, match="breach-no-advice"):
        telling.start_telling(db, row, keeper, now=now)


def test_everybody_is_every_open_account_of_a_resident(db, now, keeper, finding, monkeypatch):
    monkeypatch.setattr(telling, "NAMING", 2)
    residents(db, now, 5)
    dead = make_account(db, now, login=LOGIN, totp=False, person_id=make_person(db, now).id)
    close(db, dead, SYSTEM, now=now)
    row = recorded(db, finding, keeper, now)
    telling.name_everybody(db, row, keeper, now=now)
    telling.name_everybody(db, row, keeper, now=now)
    work(db, now)
    assert (telling.people_of(db, row), row.named_all_at) == ((5, 0), now)
    assert db.scalars(select(Job.kind)).all() == [telling.JOB]
    telling.start_telling(db, row, keeper, now=now)
    work(db, now)
    assert telling.people_of(db, row) == (5, 5)


def told_of_incidents(db):
    """Kind, address and number of the file of each message that left."""
    found = db.scalars(select(OutboxMessage).where(OutboxMessage.kind.contains("breach-notice")))
    opened = [(one.kind, orjson.loads(vault(db).open(COLUMN, one.id, one.payload_sealed))) for one in found]
    return sorted((kind, kept["address"]) for kind, kept in opened)


def tell_all(db, row, keeper, now):
    telling.start_telling(db, row, keeper, now=now)
    work(db, now)
    return telling.people_of(db, row)


def test_who_applied_and_has_no_account_is_told_where_the_file_says(db, now, keeper, finding):
    """By the person's number, by that of a passport as it is printed, and by the number of the file."""
    citizen, _code = submitted(db, now=now)
    foreigner, _code = submitted(db, FOREIGNER, now=now, phone="+84912000007")
    other, _code = submitted(db, another(8), now=now, phone="+84912000008")
    row = recorded(db, finding, keeper, now)
    named = [CITIZEN.personal_number, FOREIGNER.passport_number, other.dossier_number, "001099999999"]
    assert telling.name_people(db, row, named, keeper, now=now) == ["001099999999"]
    assert telling.name_people(db, row, [citizen.dossier_number, "KORM12345678"], keeper, now=now) == []
    assert telling.people_of(db, row) == (3, 0)
    assert tell_all(db, row, keeper, now) == (3, 3) and row.told_all_at == now
    assert told_of_incidents(db) == sorted(
        ("applicant-breach-notice", one.phone) for one in (citizen, foreigner, other)
    )
    held = everything_in(db, citizen)
    assert held["breach_applicant"][0]["breach_id"] == str(row.id)


def test_whoever_has_an_account_and_a_file_is_told_once_as_the_holder(db, now, keeper, finding):
    """Named by both numbers; and one who got the account after being named by the file."""
    application, _made = issued(db, now=now)
    waits, receiver = matched(db, another(8), now=now, phone="+84912000008")
    row = recorded(db, finding, keeper, now)
    for number in (CITIZEN.personal_number, application.dossier_number, waits.dossier_number):
        assert telling.name_people(db, row, [number], keeper, now=now) == []
    assert telling.people_of(db, row) == (2, 0)
    decide(db, waits, an_officer(db, "approving_officer", now=now), "approved", now=now)
    db.flush()
    assert tell_all(db, row, keeper, now) == (2, 2)
    kinds = [kind for kind, _address in told_of_incidents(db)]
    assert kinds == ["breach-notice-in-full", "breach-notice-in-full"] and receiver


def test_somebody_with_two_files_is_told_once_as_the_newest_says(db, now, keeper, finding):
    first, _code = submitted(db, now=now)
    withdraw(db, first, now=now)
    row = recorded(db, finding, keeper, now)
    telling.name_people(db, row, [first.dossier_number], keeper, now=now)
    later = now + timedelta(hours=1)
    second, _code = submitted(db, now=later, phone="+84912000009")
    telling.name_people(db, row, [CITIZEN.personal_number], keeper, now=later)
    assert telling.people_of(db, row) == (2, 0), "named before and after the newer one"
    assert tell_all(db, row, keeper, later) == (1, 1)
    assert told_of_incidents(db) == [("applicant-breach-notice", second.phone)]


def test_a_foreign_resident_with_a_new_passport_is_told_once_as_the_newest_says(db, now, keeper, finding):
    """Another number of the same person; whoever shares name and birth date and has a phone of their own is another."""
    old, _code = submitted(db, FOREIGNER, now=now)
    withdraw(db, old, now=now)
    later = now + timedelta(hours=1)
    renewed = replace(FOREIGNER, passport_number="M87654321", residence_card="TRC-100201")
    new, _code = submitted(db, renewed, now=later)
    namesake = replace(FOREIGNER, passport_number="M55555555", residence_card="TRC-100202")
    another_one, _code = submitted(db, namesake, now=later, phone="+84912000009")
    row = recorded(db, finding, keeper, later)
    assert telling.name_people(db, row, ["KORM12345678"], keeper, now=later) == []
    assert telling.people_of(db, row) == (1, 0)
    assert telling.name_people(db, row, ["KORM87654321"], keeper, now=later) == []
    assert telling.people_of(db, row) == (1, 0), "the same person by either passport"
    assert telling.name_people(db, row, ["KORM55555555"], keeper, now=later) == []
    held = db.scalars(select(BreachApplicant.application_id)).all()
    assert sorted(held) == sorted([new.id, another_one.id])
    assert tell_all(db, row, keeper, later) == (2, 2)


def test_who_was_erased_meanwhile_is_nobody_to_be_told(db, now, keeper, finding):
    first, _code = submitted(db, now=now)
    row = recorded(db, finding, keeper, now)
    telling.name_people(db, row, [first.dossier_number], keeper, now=now)
    withdraw(db, first, now=now)
    empty(first)
    db.flush()
    assert tell_all(db, row, keeper, now) == (0, 0) and row.told_all_at == now
    again = recorded(db, finding, keeper, now)
    assert telling.name_people(db, again, [first.dossier_number], keeper, now=now) == [first.dossier_number]


def test_everybody_is_also_who_applied_and_has_no_account(db, now, keeper, finding, monkeypatch):
    monkeypatch.setattr(telling, "BATCH", 1)
    issued(db, now=now)
    for number in (7, 8):
        submitted(db, another(number), now=now, phone=f"+8491200000{number}")
    row = recorded(db, finding, keeper, now)
    telling.name_everybody(db, row, keeper, now=now)
    work(db, now)
    assert (telling.people_of(db, row), row.named_all_at) == ((3, 0), now)
    assert tell_all(db, row, keeper, now) == (3, 3)


def test_a_step_with_nothing_to_do_ends_the_job(db, now):
    assert telling.tell_some(db, None, now=now) is None


def test_that_somebody_was_concerned_is_in_the_copy_of_their_data(db, now, keeper, finding):
    login = residents(db, now, 1)[0]
    row = recorded(db, finding, keeper, now)
    telling.name_people(db, row, [login], keeper, now=now)
    person = db.scalars(select(BreachPerson)).one()
    from identity.account import get_account

    held = everything_about(db, get_account(db, person.account_id))
    assert held["breach_person"][0]["breach_id"] == str(row.id)


def test_words_and_people_go_five_years_after_the_file_was_closed(db, now, keeper, finding):
    row = recorded(db, finding, keeper, now)
    applicant, _code = submitted(db, now=now)
    named = [*residents(db, now, 1), applicant.dossier_number]
    assert telling.name_people(db, row, named, keeper, now=now) == []
    tell_authority(db, row, "A05-991", keeper, now=now)
    close_breach(db, row, "Xong", keeper, now=now)
    for years, left in ((4, "Gửi nhầm danh sách"), (6, None)):
        cursor = None
        while (cursor := purge_some(db, cursor, now=now + timedelta(days=365 * years))) is not None:
            pass
        db.expire_all()
        assert row.what == left
    assert telling.people_of(db, row) == (0, 0)
    assert row.authority_reference == "A05-991"


def test_words_are_sealed(db, now, keeper, finding):
    recorded(db, finding, keeper, now)
    kept = stored(db.execute(select(Breach.__table__)).one())
    assert not any(word.encode() in kept for word in ("Gửi nhầm", "thu hồi", "Cảnh giác"))
