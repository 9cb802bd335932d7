"""The ladder of recovery: two proofs on each rung, a wait where people vouch, an end to everything that was open."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from identity.account import Account, Act, Ground, check_may
from identity.application.conflicts import declare_person
from identity.audit import SYSTEM, VISITOR, Actor, Event, events_about
from identity.base import Refused
from identity.contact import Kind as ContactKind
from identity.contact import begin as begin_contact_change
from identity.credentials.passkeys import Passkey
from identity.credentials.passwords import verify_password
from identity.credentials.recovery import Sheet, codes_left, keep_sheet
from identity.freeze import ANYBODY, freeze, pause_once, paused_until
from identity.guardians.model import Guardianship
from identity.inbox import messages as inbox
from identity.locks import lock, unlock
from identity.names import short_name
from identity.recovery import (
    Begun,
    Recovery,
    Step,
    ask_people,
    begin_with_code,
    begin_with_device,
    choose,
    co_sign,
    come_back,
    confirm,
    contacts_of,
    end,
    find_to_stop,
    is_closed,
    look_up_at_counter,
    moving,
    next_step,
    prove_phone,
    recover_at_counter,
    send_code,
    send_what_is_due,
    set_password,
    stop,
    stop_own,
    sweep,
)
from identity.recovery import trusted as trusted_module
from identity.sealed import add
from identity.session import find_session, open_session
from tests.identity.account_scene import LOGIN, hashed, make_account, sent_otp
from tests.identity.recovery_scene import (
    ADDRESS,
    NEW_PASSWORD,
    asked,
    make_contact,
    make_owner,
    messages,
    opened,
    set_keys,
    trusted_since,
)
from tests.races.at_once import at_once

TWO = ("pwd", "otp", "mfa")
UNKNOWN = "999999999999"
OFFICER_NUMBER = "officer.one"


@pytest.fixture
def owner(db, now):
    return make_owner(db, now - timedelta(days=60))


@pytest.fixture
def sheet(db, owner, now):
    drawn = Sheet.draw(now)
    keep_sheet(db, owner.id, drawn, now=now)
    return drawn


def by_code(db, sheet, now, **values):
    return begin_with_code(db, LOGIN, sheet.codes[0], ADDRESS, now=now, **values)


# the recovery code


def test_a_recovery_code_and_the_phone_on_file_lead_to_new_keys(db, owner, sheet, now):
    session = open_session(db, owner, TWO, 2, now=now)
    begun = by_code(db, sheet, now)
    assert next_step(begun.recovery, now=now) is Step.PHONE
    assert prove_phone(db, begun.recovery, sent_otp(db), now=now) is None
    assert set_keys(db, begun.recovery, now) is owner
    assert verify_password(owner.password_hash, NEW_PASSWORD)
    assert find_session(db, session.token, now=now) is None
    assert codes_left(db, owner.id) == 10


def test_the_code_alone_opens_nothing(db, owner, sheet, now):
    begun = by_code(db, sheet, now)
    with pytest.raises(Refused, match="recover-other-step"):
        set_password(db, begun.recovery, hashed(NEW_PASSWORD), now=now)
    assert prove_phone(db, begun.recovery, "000000", now=now).code == "otp-wrong"


def test_each_sitting_of_a_recovery_asks_for_the_phone_again(db, owner, sheet, now):
    recovery, tomorrow = by_code(db, sheet, now).recovery, now + timedelta(days=1)
    prove_phone(db, recovery, sent_otp(db), now=now)
    set_password(db, recovery, hashed(NEW_PASSWORD), now=now)
    assert next_step(recovery, now=tomorrow) is Step.PHONE
    assert prove_phone(db, recovery, "135790", now=tomorrow).code == "otp-not-sent"
    send_code(db, recovery, now=tomorrow)
    assert prove_phone(db, recovery, sent_otp(db), now=tomorrow) is None
    assert next_step(recovery, now=tomorrow) is Step.APP, "what was done stays done"


def test_a_recovery_with_a_device_is_over_with_its_sitting(db, owner, now):
    recovery = begin_with_device(db, owner, now=now).recovery
    with pytest.raises(Refused, match="recover-over"):
        set_password(db, recovery, hashed(NEW_PASSWORD), now=now + timedelta(minutes=61))


@pytest.mark.parametrize("rung", ["device", "code", "contact"])
def test_a_freeze_ends_every_recovery_also_for_the_day_the_account_opens_again(db, owner, sheet, now, rung):
    if rung == "contact":
        recovery = opened(db, owner, now)
    else:
        recovery = (by_code(db, sheet, now) if rung == "code" else begin_with_device(db, owner, now=now)).recovery
    freeze(db, owner, Actor(owner.id, owner.kind), now=now)
    unlock(db, owner, Ground.OWN_REQUEST, "owner", SYSTEM, now=now)
    db.flush()
    db.refresh(recovery)
    assert not recovery.is_alive(now)


def test_the_owner_sees_and_stops_a_recovery_with_the_stolen_sheet(db, owner, sheet, now):
    recovery = by_code(db, sheet, now).recovery
    assert moving(db, owner.id, now=now) == [recovery]
    stop_own(db, owner, now=now)
    db.refresh(recovery)
    assert recovery.cancelled_at == now and paused_until(db, owner.id, now=now)
    assert not is_closed(db, owner.id, now=now), "the people whom the owner trusts have done nothing wrong"


def test_a_wrong_code_and_an_unknown_number_are_one_answer(db, owner, sheet, now):
    tries = ((LOGIN, "AAAA-BBBB-CCCC"), (UNKNOWN, sheet.codes[0]), (LOGIN, sheet.freeze))
    answers = {begin_with_code(db, login, code, ADDRESS, now=now).code for login, code in tries}
    assert answers == {"recover-wrong"}


def test_a_code_buys_one_recovery_and_only_when_the_phone_was_right(db, owner, sheet, now):
    first = by_code(db, sheet, now)
    later = now + timedelta(minutes=2)
    second = by_code(db, sheet, later)
    assert prove_phone(db, second.recovery, sent_otp(db), now=later) is None
    send_code(db, first.recovery, now=later + timedelta(minutes=2))
    assert prove_phone(db, first.recovery, sent_otp(db), now=later + timedelta(minutes=2)).code == "recover-over"


def test_strangers_guesses_do_not_hold_up_the_sheet(db, owner, sheet, now):
    guesses = [begin_with_code(db, LOGIN, "AAAA-BBBB-CCCC", "198.51.100.1", now=now).code for _ in range(6)]
    assert guesses[-1] == "sign-in-wait"
    for number in range(30):
        begin_with_code(db, LOGIN, "AAAA-BBBB-CCCC", f"198.51.100.{number}", now=now)
    assert isinstance(by_code(db, sheet, now), Begun)


def test_messages_to_the_phone_have_an_end_however_often_somebody_begins(db, owner, sheet, now):
    answers = [by_code(db, sheet, now + timedelta(seconds=61 * n)).problem for n in range(7)]
    assert [one.code for one in answers if one] == ["otp-too-many"] * 2


# another device


def test_a_device_of_ones_own_sets_new_keys_at_once_and_stays(db, owner, now):
    db.add(Passkey(account_id=owner.id, credential_id=b"1", public_key=b"1", sign_count=0, transports=[],
                   is_synced=False, name_sealed=b"x", added_at=now))  # fmt: skip
    set_keys(db, begin_with_device(db, owner, now=now).recovery, now)
    assert db.scalar(select(Passkey.credential_id)) == b"1"


def test_every_other_rung_ends_the_lost_devices(db, owner, sheet, now):
    db.add(Passkey(account_id=owner.id, credential_id=b"1", public_key=b"1", sign_count=0, transports=[],
                   is_synced=False, name_sealed=b"x", added_at=now))  # fmt: skip
    begun = by_code(db, sheet, now)
    prove_phone(db, begun.recovery, sent_otp(db), now=now)
    set_keys(db, begun.recovery, now)
    assert db.scalar(select(Passkey.credential_id)) is None


# trusted contacts


def test_two_people_agree_and_three_days_pass(db, owner, now):
    recovery = opened(db, owner, now)
    assert recovery.opens_at == now + timedelta(hours=72)
    just_before, then = recovery.opens_at - timedelta(seconds=1), recovery.opens_at
    assert next_step(recovery, now=just_before) is Step.WAIT
    with pytest.raises(Refused, match="recover-other-step"):
        set_password(db, recovery, hashed(NEW_PASSWORD), now=just_before)
    assert set_keys(db, recovery, then) is owner


def test_the_database_itself_refuses_an_end_before_its_wait(db, owner, now):
    recovery = opened(db, owner, now)
    db.flush()
    with pytest.raises(IntegrityError):
        db.execute(update(Recovery).where(Recovery.id == recovery.id).values(finished_at=now + timedelta(hours=71)))


def test_one_person_is_enough_with_the_phone_on_file(db, owner, now):
    contact = trusted_since(db, owner, "001174000001", now)
    begun = asked(db, now)
    assert co_sign(db, contact, begun.word, now=now) is None
    assert begun.recovery.opens_at is None
    later = now + timedelta(minutes=1)
    assert prove_phone(db, begun.recovery, sent_otp(db), now=later) is None
    assert begun.recovery.opens_at == later + timedelta(hours=72)


def test_who_was_talked_into_a_yes_takes_it_back(db, owner, now):
    recovery = opened(db, owner, now)
    row = contacts_of(db, owner.id)[0]
    end(db, db.get(Account, row.contact_account_id), row.id, now=now + timedelta(hours=71))
    db.refresh(recovery)
    assert not recovery.is_alive(now + timedelta(hours=72)) and not is_closed(db, owner.id, now=now)


def test_the_same_person_twice_is_one(db, owner, now):
    contact = trusted_since(db, owner, "001174000001", now)
    begun = asked(db, now)
    for _ in range(3):
        assert co_sign(db, contact, begun.word, now=now) is None
    assert begun.recovery.opens_at is None


@pytest.mark.parametrize(("days", "counts"), [(29, False), (30, True)])
def test_a_contact_counts_after_thirty_days(db, owner, now, days, counts):
    contact = trusted_since(db, owner, "001174000001", now, days=days)
    begun = asked(db, now)
    answer = co_sign(db, contact, begun.word, now=now)
    assert (answer is None) is counts, answer
    assert bool(messages(db, "recovery-help-asked")) is counts


def test_a_contact_who_lost_level_2_or_the_account_vouches_for_nobody(db, owner, now):
    contact = trusted_since(db, owner, "001174000001", now)
    begun = asked(db, now)
    lock(db, contact, Ground.TERMS, "operator", SYSTEM, now=now)
    db.flush()
    with pytest.raises(Refused, match="account-locked"):
        co_sign(db, contact, begun.word, now=now)


def test_whoever_has_level_1_only_cannot_be_a_contact(db, owner, now):
    with pytest.raises(Refused, match="trusted-level"):
        trusted_since(db, owner, "001174000001", now, level=1)


def test_a_helper_cannot_be_a_contact(db, owner, now, monkeypatch):
    monkeypatch.setattr(trusted_module, "HELPED", [lambda _db, _helper, _helped: True])
    with pytest.raises(Refused, match="trusted-helper"):
        trusted_since(db, owner, "001174000001", now)


def test_a_stranger_and_a_wrong_word_get_one_answer(db, owner, now):
    contact, stranger = trusted_since(db, owner, "001174000001", now), make_contact(db, now, "001174000009")
    begun = asked(db, now)
    assert co_sign(db, stranger, begun.word, now=now).code == "co-sign-wrong"
    assert co_sign(db, contact, "AAAA-BBBB", now=now).code == "co-sign-wrong"


def test_guessing_words_has_an_end(db, owner, now):
    contact = trusted_since(db, owner, "001174000001", now)
    assert [co_sign(db, contact, "AAAA-BBBB", now=now).code for _ in range(11)][-1] == "sign-in-wait"


def test_a_guardian_vouches_without_having_been_named(db, owner, now):
    guardian = make_contact(db, now, "001174000005")
    row = Guardianship(
        ward_id=owner.person_id, guardian_id=guardian.person_id, basis="register", began_at=now - timedelta(days=1)
    )
    add(db, row, ends_on=now.date() + timedelta(days=365))
    db.flush()
    begun = asked(db, now)
    assert prove_phone(db, begun.recovery, sent_otp(db), now=now) is None
    assert co_sign(db, guardian, begun.word, now=now) is None
    assert begun.recovery.opens_at == now + timedelta(hours=72)


def test_everybody_hears_of_a_request_and_of_its_opening(db, owner, now):
    opened(db, owner, now)
    assert len(messages(db, "recovery-asked")) == 1 and len(messages(db, "recovery-agreed")) == 1
    assert len(messages(db, "recovery-help-asked")) == 2
    assert {"recovery-asked", "recovery-agreed"} <= {row.kind for row in inbox(db, owner.id)[0]}


def test_a_stranger_who_asks_again_and_again_buries_nobody_and_holds_up_nobody(db, owner, now):
    contacts = [trusted_since(db, owner, f"00117400000{n}", now) for n in (1, 2)]
    for number in range(12):
        asked(db, now, address=f"198.51.100.{number}")
    assert len(messages(db, "recovery-asked")) == 3
    assert len(messages(db, "otp")) == 1
    mine = asked(db, now)
    assert [co_sign(db, contact, mine.word, now=now) for contact in contacts] == [None, None]
    assert mine.recovery.opens_at is not None


def test_one_address_asks_five_times(db, owner, now):
    answers = [ask_people(db, f"99999999{n:04}", ADDRESS, now=now) for n in range(6)]
    assert isinstance(answers[4], Begun) and answers[5].code == "sign-in-wait"


def test_what_a_stranger_asks_for_uses_up_none_of_the_owners_own_codes(db, owner, sheet, now):
    trusted_since(db, owner, "001174000001", now)
    for n in range(3):
        asked(db, now, address=f"198.51.100.{n}")
    assert len(messages(db, "otp")) == 1, "one message a minute to one phone"
    assert by_code(db, sheet, now).problem is None


def test_whoever_stopped_sign_ins_first_asks_people_the_same_day(db, owner, now):
    contact = trusted_since(db, owner, "001174000001", now)
    assert pause_once(db, owner, ANYBODY, VISITOR, now=now)
    begun = asked(db, now)
    assert prove_phone(db, begun.recovery, sent_otp(db), now=now) is None
    assert messages(db, "recovery-help-asked") and co_sign(db, contact, begun.word, now=now) is None
    assert begun.recovery.opens_at == now + timedelta(hours=72), "no new keys while the pause lasts"


def test_without_contacts_nobody_is_told_and_nothing_opens(db, owner, now):
    begun = asked(db, now)
    assert messages(db, "recovery-asked") == [] and messages(db, "otp") == []
    assert prove_phone(db, begun.recovery, "123456", now=now).code == "otp-wrong-plain"


def test_a_request_for_a_number_that_is_nobodys_looks_the_same_and_is_swept(db, owner, now):
    begun = asked(db, now, login=UNKNOWN)
    assert next_step(begun.recovery, now=now) is Step.WAIT
    assert prove_phone(db, begun.recovery, "123456", now=now).code == "otp-wrong-plain"
    sweep(db, now=now + timedelta(days=15))
    assert db.scalar(select(Recovery.id)) is None


# stopping


def stop_code_of(db):
    return messages(db, "recovery-agreed")[-1]["facts"]["code"]


def test_a_notice_stops_it_pauses_the_account_and_leads_to_the_counter(db, owner, now):
    recovery = opened(db, owner, now)
    code = stop_code_of(db)
    assert find_to_stop(db, code, now=now) is recovery
    stop(db, code, now=now)
    db.flush()
    db.refresh(recovery)
    assert recovery.cancelled_at == now
    with pytest.raises(Refused, match="account-paused"):
        check_may(db, owner.id, Act.SIGN_IN, now=now)
    again = asked(db, now + timedelta(days=2), address="198.51.100.9")
    assert len(messages(db, "recovery-asked")) == 1
    contact = db.scalars(select(Account).where(Account.login_index != owner.login_index)).first()
    assert co_sign(db, contact, again.word, now=now + timedelta(days=2)).code == "co-sign-wrong"
    late = now + timedelta(days=31)
    assert co_sign(db, contact, asked(db, late, address="198.51.100.8").word, now=late) is None


def test_a_stopped_recovery_sets_no_keys(db, owner, now):
    recovery = opened(db, owner, now)
    stop_own(db, owner, now=now)
    db.flush()
    db.refresh(recovery)
    with pytest.raises(Refused, match="recover-over"):
        set_password(db, recovery, hashed(NEW_PASSWORD), now=recovery.opens_at)


def test_a_stop_code_stops_once_and_nothing_else_does(db, owner, now):
    opened(db, owner, now)
    code = stop_code_of(db)
    stop(db, code.lower().replace("-", " "), now=now)
    for wrong in (code, "", "AAAA-BBBB-CCCC"):
        with pytest.raises(Refused, match="stop-over"):
            stop(db, wrong, now=now)


def test_the_owner_sees_what_is_moving(db, owner, now):
    asked(db, now, address="198.51.100.3")
    assert moving(db, owner.id, now=now) == [], "a stranger's request that nobody could agree to is no news"
    recovery = opened(db, owner, now)
    assert moving(db, owner.id, now=now)[0] is recovery, "what is nearest to new keys stands before an older request"


# the counter


@pytest.fixture
def officer(db, now):
    return Actor(make_account(db, now, OFFICER_NUMBER, kind="staff").id, "receiving_officer")


def at_counter(db, officer, owner, now, phone=None):
    look_up_at_counter(db, officer, LOGIN, now=now)
    code = recover_at_counter(db, officer, owner.id, new_phone=phone, now=now)
    db.flush()
    return come_back(db, code, ADDRESS, now=now)


def test_the_counters_slip_and_the_phone_lead_to_new_keys(db, owner, officer, sheet, now):
    session = open_session(db, owner, TWO, 2, now=now)
    recovery = at_counter(db, officer, owner, now)
    assert owner.password_hash is None and find_session(db, session.token, now=now) is None
    assert begin_with_code(db, LOGIN, sheet.codes[0], ADDRESS, now=now).code == "recover-wrong"
    assert next_step(recovery, now=now) is Step.PHONE
    send_code(db, recovery, now=now)
    assert prove_phone(db, recovery, sent_otp(db), now=now) is None
    assert set_keys(db, recovery, now) is owner


def test_a_changed_phone_is_changed_at_the_counter_and_both_are_told(db, owner, officer, now):
    recovery = at_counter(db, officer, owner, now, phone="+84987654321")
    assert {one["address"] for one in messages(db, "recovery-at-counter")} == {"+84912345678", "+84987654321"}
    send_code(db, recovery, now=now)
    assert messages(db, "otp")[-1]["address"] == "+84987654321"


def test_another_persons_phone_is_refused_at_the_counter(db, owner, officer, now):
    make_contact(db, now, "001174000001")
    with pytest.raises(Refused, match="phone-used"):
        at_counter(db, officer, owner, now, phone="+84984000001")


def test_the_counter_opens_what_the_owner_shut_and_nothing_else(db, owner, officer, now):
    freeze(db, owner, Actor(owner.id, "resident"), now=now)
    pause_once(db, owner, ANYBODY, VISITOR, now=now)
    db.flush()
    recovery = at_counter(db, officer, owner, now)
    check_may(db, owner.id, Act.CHANGE, now=now)
    lock(db, owner, Ground.AUTHORITY, "TK03", SYSTEM, now=now)
    db.flush()
    send_code(db, recovery, now=now)
    prove_phone(db, recovery, sent_otp(db), now=now)
    with pytest.raises(Refused, match="account-locked"):
        set_password(db, recovery, hashed(NEW_PASSWORD), now=now)
    with pytest.raises(Refused, match="recover-locked"):
        recover_at_counter(db, officer, owner.id, new_phone=None, now=now)


def test_an_officer_recovers_nobody_who_is_themselves(db, owner, officer, now):
    db.get(Account, officer.account_id).person_id = owner.person_id
    db.flush()
    with pytest.raises(Refused, match="own-file"):
        look_up_at_counter(db, officer, LOGIN, now=now)


def test_an_officer_recovers_nobody_they_are_tied_to(db, owner, officer, now):
    declare_person(db, officer, LOGIN, "relative", "Em trai", now=now)
    for act in (
        lambda: look_up_at_counter(db, officer, LOGIN, now=now),
        lambda: recover_at_counter(db, officer, owner.id, new_phone=None, now=now),
    ):
        with pytest.raises(Refused, match=r"^conflict-declared$"):
            act()


def test_each_look_at_the_counter_is_on_record(db, owner, officer, now):
    at_counter(db, officer, owner, now)
    db.flush()
    names = [event.name for event in events_about(db, ("account", owner.id))]
    assert {Event.ACCOUNT_LOOKED_UP, Event.RECOVERY_AT_COUNTER} <= set(names)


def test_guessing_the_way_back_has_an_end(db, now):
    answers = [come_back(db, "AAAA-BBBB-CCCC", ADDRESS, now=now).code for _ in range(11)]
    assert answers == ["recover-code-unknown"] * 10 + ["too-many-codes"]


# afterwards


def test_for_seven_days_nothing_that_reaches_the_owner_changes(db, owner, now):
    set_keys(db, begin_with_device(db, owner, now=now).recovery, now)
    db.flush()
    for day, refused in ((6.99, True), (7, False)):
        then = now + timedelta(days=day)
        for change in (
            lambda: begin_contact_change(db, owner, ContactKind.EMAIL, "a@example.org", now=then),  # noqa: B023
            lambda: choose(db, owner, "001174000009", now=then),  # noqa: B023
        ):
            if refused:
                with pytest.raises(Refused, match="recovered-lately"):
                    change()
            else:
                change()


def test_for_seven_days_nobody_takes_out_whom_the_owner_trusts(db, owner, now):
    contact = trusted_since(db, owner, "001174000001", now)
    set_keys(db, begin_with_device(db, owner, now=now).recovery, now)
    db.flush()
    row = contacts_of(db, owner.id)[0]
    with pytest.raises(Refused, match="recovered-lately"):
        end(db, owner, row.id, now=now + timedelta(days=6.99))
    end(db, contact, row.id, now=now)
    assert row.ended_at == now, "who is trusted may always leave"


def test_a_recovery_ends_every_other_that_is_under_way(db, owner, sheet, now):
    waiting = opened(db, owner, now)
    set_keys(db, begin_with_device(db, owner, now=now).recovery, now)
    db.flush()
    db.refresh(waiting)
    assert not waiting.is_alive(now)


def test_the_owner_is_told_that_it_happened(db, owner, now):
    set_keys(db, begin_with_device(db, owner, now=now).recovery, now)
    assert len(messages(db, "account-recovered")) == 1


# choosing


def test_a_number_that_is_nobodys_is_kept_alike_and_asked_by_nobody(db, owner, now):
    rows = [choose(db, owner, number, now=now) for number in (UNKNOWN, make_contact(db, now, "001174000001").login)]
    db.flush()
    send_what_is_due(db, None, now=now)
    assert [bool(row.told_at) for row in rows] == [True, True]
    assert len(messages(db, "trusted-contact-asked")) == 1
    assert [row.number for row in contacts_of(db, owner.id)] == [UNKNOWN, "001174000001"]


def test_one_names_three_people_none_twice_and_not_oneself(db, owner, now):
    for code, number in (("", "001174000001"), ("trusted-twice", " 001174000001"), ("trusted-self", LOGIN),
                         ("", "001174000002"), ("", "001174000003"), ("trusted-enough", "001174000004")):  # fmt: skip
        try:
            choose(db, owner, number, now=now)
            answer = ""
        except Refused as refused:
            answer = refused.code
        assert answer == code
        db.flush()


def test_either_side_ends_it_and_nobody_else(db, owner, now):
    contact = trusted_since(db, owner, "001174000001", now)
    [row] = contacts_of(db, owner.id)
    with pytest.raises(Refused, match="trusted-unknown"):
        end(db, make_contact(db, now, "001174000007"), row.id, now=now)
    end(db, contact, row.id, now=now)
    db.flush()
    assert contacts_of(db, owner.id) == [] and len(messages(db, "trusted-contact-ended")) == 1
    assert co_sign(db, contact, asked(db, now).word, now=now).code == "co-sign-wrong"
    with pytest.raises(Refused, match="trusted-unknown"):
        confirm(db, contact, row.id, now=now)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Nguyễn Thị Hoa", "N. T. Hoa"), ("Marie Durand", "M. Durand"), ("Sukarno", "Sukarno"), ("", "")],
)
def test_an_acquaintance_needs_little_of_a_name(name, shown):
    assert short_name(name) == shown


# races


def test_sixteen_ends_at_once_have_one_winner(database, now):
    with database.transaction() as db:
        recovery = begin_with_device(db, make_owner(db, now), now=now).recovery
        set_password(db, recovery, hashed(NEW_PASSWORD), now=now)
        recovery.totp_step, recovery.sheet = 1, Sheet.draw(now).as_json()
        code, recovery_id = recovery.sheet["codes"][0], recovery.id

    def go():
        from identity.recovery import finish

        with database.transaction() as db:
            try:
                return isinstance(finish(db, db.get(Recovery, recovery_id), code, now=now), Account)
            except Refused:
                return False

    assert sum(at_once(go)) == 1


def test_two_people_at_once_open_it_once(database, now):
    with database.transaction() as db:
        owner = make_owner(db, now - timedelta(days=60))
        ids = [trusted_since(db, owner, f"00117400000{n}", now).id for n in (1, 2)]
        word = asked(db, now).word

    turns = iter(ids * 8)

    def go():
        with database.transaction() as db:
            return co_sign(db, db.get(Account, next(turns)), word, now=now)

    answers = at_once(go)
    assert {one.code if one else None for one in answers} <= {None, "sign-in-wait"}
    with database.session(write=False) as db:
        assert len(messages(db, "recovery-agreed")) == 1
