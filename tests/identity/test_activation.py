"""Activation step by step, left and taken up again on another device; every failure on record."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from identity.account import AccountState, Act, Ground, check_may
from identity.activation import (
    ActivationVisit,
    Journey,
    Step,
    begin,
    confirm_recovery,
    confirm_totp,
    find_journey,
    make_activation_code,
    proofs_for,
    prove_identity,
    prove_phone,
    reissue,
    send_code,
    set_password,
)
from identity.activation.journey import sweep
from identity.audit import SYSTEM, AuditEvent, Event
from identity.base import Refused, new_id
from identity.counter_secret import bind_counter_secret, keep_counter_secret, new_counter_secret
from identity.credentials.passwords import verify_password
from identity.credentials.recovery import codes_left, use_code
from identity.credentials.totp import check_totp
from identity.deadlines import rule
from identity.inbox import messages
from identity.levels import level_of
from identity.locks import lock
from identity.outbox import OutboxMessage
from identity.person import Kind
from tests.identity import applicants
from tests.identity.account_scene import PASSPORT, PASSWORD, hashed, make_issued, sent_otp

ADDRESS = "203.0.113.5"


@pytest.fixture
def issued(db, now):
    account, code = make_issued(db, now)
    db.flush()
    return account, code


def sit_down(db, code, now, address=ADDRESS) -> Journey:
    begun = begin(db, code, address=address, now=now)
    assert not isinstance(begun, Refused), begun
    return begun.journey


def app_code(journey, now):
    return pyotp.TOTP(journey.activation.totp_secret).at(int(now.timestamp()))


def go_to(db, code, now, step, address=ADDRESS) -> Journey:
    """A journey that stands at `step`."""
    journey = sit_down(db, code, now, address)
    acts = {
        Step.PHONE: lambda: prove_phone(db, journey, sent_otp(db), now=now),
        Step.PROOF: lambda: prove_identity(db, journey, "passport", PASSPORT, now=now),
        Step.PASSWORD: lambda: set_password(db, journey, hashed(PASSWORD), now=now),
        Step.TOTP: lambda: confirm_totp(db, journey, app_code(journey, now), now=now),
    }
    while journey.next_step is not step:
        assert acts[journey.next_step]() is None
    db.flush()
    return journey


def failures(db, account):
    query = select(AuditEvent).where(
        AuditEvent.name == Event.ACTIVATION_STEP_FAILED, AuditEvent.subject_id == account.id
    )
    return [(row.facts["step"], row.facts["reason"]) for row in db.scalars(query.order_by(AuditEvent.id))]


def test_the_whole_way_makes_the_account_active(db, issued, now):
    account, code = issued
    journey = go_to(db, code, now, Step.RECOVERY)
    secret, codes = journey.activation.totp_secret, journey.activation.recovery["codes"]
    with pytest.raises(Refused, match="account-not-active"):
        check_may(db, account.id, Act.SIGN_IN, now=now)
    assert confirm_recovery(db, journey, codes[3].lower(), now=now) is account
    db.flush()
    assert check_may(db, account.id, Act.SIGN_IN, now=now)
    assert verify_password(account.password_hash, PASSWORD)
    assert account.totp_secret == secret
    assert account.activated_at == now
    assert codes_left(db, account.id) == 10
    assert use_code(db, account.id, codes[3], now=now)


def test_a_person_whom_the_office_approved_activates_with_the_slip_and_is_at_level_2(db, now):
    application, made = applicants.issued(db, applicants.FOREIGNER, now=now)
    db.flush()
    journey = sit_down(db, made.activation_code, now)
    prove_phone(db, journey, sent_otp(db), now=now)
    assert [kind.value for kind in proofs_for(db, journey)] == ["counter_secret", "passport", "residence_card"]
    assert prove_identity(db, journey, "counter_secret", "abcde fghjk", now=now) is None
    set_password(db, journey, hashed(PASSWORD), now=now)
    confirm_totp(db, journey, app_code(journey, now), now=now)
    account = confirm_recovery(db, journey, journey.activation.recovery["codes"][0], now=now)
    db.flush()
    assert check_may(db, account.id, Act.SIGN_IN, now=now).person_id == application.person_id
    assert level_of(db, account.person_id, now=now) == 2


def test_nothing_secret_stays_behind_in_the_activation(db, issued, now):
    journey = go_to(db, issued[1], now, Step.RECOVERY)
    confirm_recovery(db, journey, journey.activation.recovery["codes"][0], now=now)
    row = journey.activation
    assert (row.password_hash, row.totp_secret_sealed, row.recovery_sealed) == (None, None, None)


def test_the_code_of_the_app_that_was_confirmed_is_used_up_for_signing_in(db, issued, now):
    journey = go_to(db, issued[1], now, Step.RECOVERY)
    typed = app_code(journey, now)
    confirm_recovery(db, journey, journey.activation.recovery["codes"][0], now=now)
    db.flush()
    assert not check_totp(db, issued[0].id, typed, now=now)


def test_the_person_is_told_that_the_account_is_active_and_finds_both_notices_in_the_inbox(db, issued, now):
    journey = go_to(db, issued[1], now, Step.RECOVERY)
    confirm_recovery(db, journey, journey.activation.recovery["codes"][0], now=now)
    assert "account-activated" in db.scalars(select(OutboxMessage.kind)).all()
    kept = messages(db, issued[0].id)[0]
    assert [row.kind for row in kept] == ["account-activated", "account-issued"]
    assert kept[1].posted_at == issued[0].issued_at


@pytest.mark.parametrize("shape", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code} "])
def test_the_code_may_be_typed_as_people_type(db, issued, now, shape):
    assert sit_down(db, shape(issued[1]), now)


def test_a_wrong_code_opens_nothing(db, issued, now):
    assert begin(db, "AAAA-BBBB-CCCC", address=ADDRESS, now=now).code == "activation-code-unknown"


def test_after_ten_wrong_codes_the_address_waits_and_others_do_not(db, issued, now):
    for number in range(10):
        assert begin(db, f"AAAA-BBBB-{number:04}", address=ADDRESS, now=now).code == "activation-code-unknown"
    assert begin(db, issued[1], address=ADDRESS, now=now).code == "too-many-codes"
    assert not isinstance(begin(db, issued[1], address="198.51.100.7", now=now), Refused)
    assert not isinstance(begin(db, issued[1], address=ADDRESS, now=now + timedelta(seconds=31)), Refused)


def test_past_the_window_the_code_says_so_and_is_on_record(db, issued, now):
    account, code = issued
    late = account.activate_by
    assert begin(db, code, address=ADDRESS, now=late).code == "activation-window-over"
    assert failures(db, account) == [("code", "activation-window-over")]


def test_the_desk_reissues_and_the_old_code_is_worthless(db, issued, now):
    account, old = issued
    late = account.activate_by + timedelta(days=30)
    new = reissue(db, account, SYSTEM, now=late)
    db.flush()
    assert begin(db, old, address=ADDRESS, now=late).code == "activation-code-unknown"
    assert sit_down(db, new, late)
    assert account.activate_by > late
    assert "activation-code" in db.scalars(select(OutboxMessage.kind)).all()


def test_an_active_account_gets_no_new_code(db, issued, now):
    issued[0].state = AccountState.ACTIVE.value
    with pytest.raises(Refused, match="account-already-active"):
        reissue(db, issued[0], SYSTEM, now=now)


def test_a_locked_account_is_refused_at_the_start_and_in_the_middle(db, issued, now):
    account, code = issued
    journey = go_to(db, code, now, Step.PASSWORD)
    lock(db, account, Ground.AUTHORITY, "police", SYSTEM, now=now)
    db.flush()
    with pytest.raises(Refused, match="account-locked"):
        set_password(db, journey, hashed(PASSWORD), now=now)
    assert begin(db, code, address=ADDRESS, now=now).code == "account-locked"


def test_the_start_sends_a_code_to_the_phone_on_file(db, issued, now):
    journey = sit_down(db, issued[1], now)
    assert journey.visit.challenge_id is not None
    assert prove_phone(db, journey, sent_otp(db), now=now) is None


def test_a_page_opened_twice_keeps_the_code_that_was_sent(db, issued, now):
    first = sit_down(db, issued[1], now)
    second = sit_down(db, issued[1], now)
    assert second.visit.challenge_id == first.visit.challenge_id
    assert prove_phone(db, second, sent_otp(db), now=now) is None


def test_a_wrong_confirmation_code_is_on_record_with_its_reason(db, issued, now):
    journey = sit_down(db, issued[1], now)
    assert prove_phone(db, journey, "abc", now=now).code == "otp-wrong"
    assert failures(db, issued[0]) == [("phone", "otp-wrong")]


def test_asking_for_a_code_too_soon_is_told_and_the_first_stays_good(db, issued, now):
    journey = sit_down(db, issued[1], now)
    assert send_code(db, journey, now=now).code == "otp-wait"
    assert prove_phone(db, journey, sent_otp(db), now=now) is None


def test_whoever_has_asked_for_as_many_codes_as_one_may_is_on_record(db, issued, now):
    journey, most = sit_down(db, issued[1], now), rule("otp_messages_per_hour", now.date())
    asked = [send_code(db, journey, now=now + timedelta(minutes=2 * turn)) for turn in range(1, most + 1)]
    assert [refusal.code for refusal in asked if refusal] == ["otp-too-many"]
    assert failures(db, issued[0]) == [("phone", "otp-too-many")]


def test_without_a_phone_on_file_the_office_has_to_help(db, now):
    account, code = make_issued(db, now)
    from identity.person import Person

    db.get_one(Person, account.person_id).phone = None
    db.flush()
    journey = sit_down(db, code, now)
    assert prove_phone(db, journey, "123456", now=now).code == "otp-not-sent"
    assert failures(db, account) == [("phone", "activation-no-phone"), ("phone", "otp-not-sent")]


@pytest.mark.parametrize("typed", [PASSPORT, PASSPORT[-6:], PASSPORT[-6:].lower()])
def test_the_end_of_the_passport_number_proves(db, issued, now, typed):
    journey = go_to(db, issued[1], now, Step.PROOF)
    assert prove_identity(db, journey, "passport", typed, now=now) is None


@pytest.mark.parametrize("typed", ["31/12/2030", "31 12 2030", "31122030", "31-12-2030"])
def test_a_citizen_proves_with_the_last_day_of_the_card(db, now, typed):
    _account, code = make_issued(db, now, kind=Kind.CITIZEN)
    journey = sit_down(db, code, now)
    prove_phone(db, journey, sent_otp(db), now=now)
    assert prove_identity(db, journey, "citizen_card", typed, now=now) is None


@pytest.mark.parametrize("typed", ["001158012345", "31/12/2031", "99/99/9999", "", "hôm nay"])
def test_the_personal_number_proves_nothing(db, now, typed):
    _account, code = make_issued(db, now, kind=Kind.CITIZEN)
    journey = sit_down(db, code, now)
    prove_phone(db, journey, sent_otp(db), now=now)
    assert prove_identity(db, journey, "citizen_card", typed, now=now).code == "activation-proof-wrong"


def test_the_secret_of_the_counter_proves(db, issued, now):
    secret, application = new_counter_secret(), new_id()
    keep_counter_secret(db, application, secret, now=now)
    db.flush()
    bind_counter_secret(db, application, issued[0].id)
    journey = go_to(db, issued[1], now, Step.PROOF)
    assert [kind.value for kind in proofs_for(db, journey)] == ["counter_secret", "passport"]
    assert prove_identity(db, journey, "counter_secret", "WRONG-GUESS", now=now).code == "activation-proof-wrong"
    assert prove_identity(db, journey, "counter_secret", secret.lower(), now=now) is None


@pytest.mark.parametrize("kind", ["residence_card", "citizen_card", "made-up", ""])
def test_a_document_that_the_person_does_not_have_proves_nothing(db, issued, now, kind):
    journey = go_to(db, issued[1], now, Step.PROOF)
    assert prove_identity(db, journey, kind, "", now=now).code == "activation-proof-wrong"


def test_five_wrong_proofs_lead_to_the_desk(db, issued, now):
    account, code = issued
    journey = go_to(db, code, now, Step.PROOF)
    answers = [prove_identity(db, journey, "passport", "nothing", now=now) for _ in range(5)]
    assert [answer.facts.get("left") for answer in answers] == [4, 3, 2, 1, None]
    assert prove_identity(db, journey, "passport", PASSPORT, now=now).code == "activation-proof-ended"
    again = go_to(
        db, reissue(db, account, SYSTEM, now=now + timedelta(minutes=2)), now + timedelta(minutes=2), Step.PROOF
    )
    assert prove_identity(db, again, "passport", PASSPORT, now=now + timedelta(minutes=2)) is None


def test_new_sittings_do_not_give_new_tries(db, issued, now):
    journey = go_to(db, issued[1], now, Step.PROOF)
    for _ in range(5):
        prove_identity(db, journey, "passport", "nothing", now=now)
    again = go_to(db, issued[1], now + timedelta(minutes=2), Step.PROOF)
    refusal = prove_identity(db, again, "passport", PASSPORT, now=now + timedelta(minutes=2))
    assert refusal.code == "activation-proof-ended"


def test_a_wrong_code_of_the_app_is_on_record(db, issued, now):
    journey = go_to(db, issued[1], now, Step.TOTP)
    assert confirm_totp(db, journey, "abc", now=now).code == "totp-wrong"
    assert failures(db, issued[0]) == [("totp", "totp-wrong")]


def test_recovery_codes_must_be_confirmed(db, issued, now):
    journey = go_to(db, issued[1], now, Step.RECOVERY)
    assert confirm_recovery(db, journey, "AAAA-BBBB-CCCC", now=now).code == "recovery-code-wrong"
    assert issued[0].state == AccountState.ISSUED


@pytest.mark.parametrize("step", [Step.PROOF, Step.PASSWORD, Step.TOTP, Step.RECOVERY])
def test_no_step_can_be_jumped(db, issued, now, step):
    journey = sit_down(db, issued[1], now)
    acts = {
        Step.PROOF: lambda: prove_identity(db, journey, "passport", PASSPORT, now=now),
        Step.PASSWORD: lambda: set_password(db, journey, hashed(PASSWORD), now=now),
        Step.TOTP: lambda: confirm_totp(db, journey, "123456", now=now),
        Step.RECOVERY: lambda: confirm_recovery(db, journey, "123456", now=now),
    }
    with pytest.raises(Refused, match="activation-other-step"):
        acts[step]()


def test_an_activation_goes_on_where_it_was_left_on_another_device(db, issued, now):
    go_to(db, issued[1], now, Step.TOTP)
    later = now + timedelta(days=1)
    journey = sit_down(db, issued[1], later, "198.51.100.7")
    assert journey.next_step is Step.PHONE
    prove_phone(db, journey, sent_otp(db), now=later)
    prove_identity(db, journey, "passport", PASSPORT, now=later)
    assert journey.next_step is Step.TOTP


@pytest.mark.parametrize("reached", [Step.PASSWORD, Step.TOTP, Step.RECOVERY])
def test_whoever_has_the_phone_alone_goes_on_with_nothing_that_was_begun(db, issued, now, reached):
    go_to(db, issued[1], now, reached)
    later = now + timedelta(days=1)
    journey = sit_down(db, issued[1], later)
    prove_phone(db, journey, sent_otp(db), now=later)
    assert journey.next_step is Step.PROOF
    with pytest.raises(Refused, match="activation-other-step"):
        confirm_totp(db, journey, "123456", now=later)
    with pytest.raises(Refused, match="activation-other-step"):
        confirm_recovery(db, journey, "123456", now=later)


def test_what_somebody_chose_with_the_code_before_is_gone_after_a_new_one(db, issued, now):
    go_to(db, issued[1], now, Step.RECOVERY)
    later = now + timedelta(minutes=2)
    journey = go_to(db, reissue(db, issued[0], SYSTEM, now=later), later, Step.PASSWORD)
    assert (journey.activation.password_hash, journey.activation.totp_step, journey.activation.recovery) == (None,) * 3


def test_what_another_screen_has_shown_is_drawn_afresh(db, issued, now):
    shown = go_to(db, issued[1], now, Step.TOTP).activation.totp_secret
    later = now + timedelta(minutes=2)
    journey = go_to(db, issued[1], later, Step.TOTP)
    assert journey.activation.totp_secret != shown
    codes = go_to(db, issued[1], later + timedelta(minutes=2), Step.RECOVERY).activation.recovery["codes"]
    last = go_to(db, issued[1], later + timedelta(minutes=4), Step.RECOVERY)
    assert not set(codes) & set(last.activation.recovery["codes"])


def test_a_helpers_browser_loses_the_journey_when_the_person_goes_on_elsewhere(db, issued, now):
    first = begin(db, issued[1], address=ADDRESS, now=now)
    prove_phone(db, first.journey, sent_otp(db), now=now)
    db.flush()
    later = now + timedelta(minutes=2)
    second = begin(db, issued[1], address="198.51.100.7", now=later)
    assert find_journey(db, first.token, now=later)
    prove_phone(db, second.journey, sent_otp(db), now=later)
    db.flush()
    assert find_journey(db, first.token, now=later) is None
    assert find_journey(db, second.token, now=later)


def test_a_sitting_lasts_an_hour(db, issued, now):
    begun = begin(db, issued[1], address=ADDRESS, now=now)
    assert find_journey(db, begun.token, now=now + timedelta(minutes=59))
    assert find_journey(db, begun.token, now=now + timedelta(minutes=60)) is None
    assert find_journey(db, "", now=now) is None


def test_sittings_that_are_over_are_swept_away(db, issued, now):
    begun = begin(db, issued[1], address=ADDRESS, now=now)
    sweep(db, now=now)
    assert find_journey(db, begun.token, now=now)
    sweep(db, now=now + timedelta(hours=2))
    assert db.scalars(select(ActivationVisit)).all() == []


def test_the_code_is_kept_as_a_digest(db, now):
    account, code = make_issued(db, now)
    db.flush()
    from identity.activation import Activation

    row = db.scalars(select(Activation).where(Activation.account_id == account.id)).one()
    assert code.replace("-", "").encode() not in row.code_digest


def test_the_window_is_seven_calendar_days_in_vietnam(db, now):
    account, _code = make_issued(db, now)
    assert (account.activate_by - now).days == 7


def test_codes_differ(db, now):
    codes = {make_activation_code(db, make_issued_again(db, now, number), now=now) for number in range(5)}
    assert len(codes) == 5


def make_issued_again(db, now, number):
    from identity.account import create_account

    return create_account(db, "resident", f"90000000000{number}", display_name="Ai đó", now=now)
