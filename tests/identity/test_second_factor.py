"""An account whose second factor is the lock of a device: from the activation to recovery, and never without one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from identity.account import Account, Ground
from identity.activation import confirm_passkey, confirm_recovery, confirm_totp, methods_of, options_to_make, reissue
from identity.audit import SYSTEM, Event, events_about
from identity.base import Refused
from identity.credentials import new_passkey
from identity.credentials.passkey import Site, has_passkey, passkeys_of
from identity.credentials.passkeys import options_to_sign_in, remove, second_step
from identity.credentials.passkeys import sign_in as sign_in_with_passkey
from identity.credentials.recovery import Sheet, codes_left, make_codes
from identity.credentials.second_factor import remove_app
from identity.credentials.sign_in import SecondNeeded, Visit, first_step, look_up, raise_level
from identity.credentials.sign_in import second_step as second_step_with_code
from identity.locks import lock
from identity.recovery import (
    begin_with_code,
    begin_with_device,
    finish,
    keep_device,
    keys,
    next_step,
    prove_phone,
    set_password,
)
from identity.session import Opened, find_session, open_session
from tests.identity.account_scene import LOGIN, hashed, make_account, make_issued, sent_otp
from tests.identity.recovery_scene import NEW_PASSWORD, make_owner
from tests.identity.test_activation import ADDRESS, Step, app_code, failures, go_to
from tests.identity.test_credentials_passkeys import added
from tests.passkey import PRESENT, Phone

SITE = Site("localhost", "http://localhost", "e-ID")
VISIT = Visit("203.0.113.7", "a browser")


@pytest.fixture
def issued(db, now):
    account, code = make_issued(db, now)
    db.flush()
    return account, code


@pytest.fixture
def phone():
    return Phone()


@pytest.fixture
def owner(db, now, phone):
    """Somebody with a password and a phone's lock, and no app."""
    account = make_owner(db, now)
    added(db, account, phone, now)
    account.totp_secret = None
    db.flush()
    return account


def make(db, journey, phone, now, options=None):
    answer = phone.make(options or options_to_make(db, SITE, journey, now=now))
    return confirm_passkey(db, SITE, journey, answer, "Điện thoại", now=now)


def activate(db, issued, phone, now):
    journey = go_to(db, issued[1], now, Step.TOTP)
    assert make(db, journey, phone, now) is None
    account = confirm_recovery(db, journey, journey.activation.recovery["codes"][0], now=now)
    assert isinstance(account, Account)
    db.flush()
    return journey, account


def first(db, login, now, right=True):
    return first_step(db, look_up(db, login, VISIT, now=now), right, VISIT, now=now)


def enter(db, ticket, phone, now):
    return second_step(db, SITE, ticket, phone.sign(options_to_sign_in(db, SITE, now=now)), VISIT, now=now)


def names(db, account):
    return [event.name for event in events_about(db, ("account", account.id))]


# activation


def test_a_device_makes_the_account_active_without_an_app(db, issued, phone, now):
    journey, account = activate(db, issued, phone, now)
    assert account.totp_secret_sealed is None and account.totp_step is None
    [kept] = passkeys_of(db, account.id)
    assert (kept.name, kept.credential_id) == ("Điện thoại", phone.id)
    assert codes_left(db, account.id) == 10
    assert methods_of(db, account) == ("pwd", "hwk", "user", "mfa")
    assert journey.activation.passkey_sealed is None, "nothing of it stays behind"
    assert {Event.PASSKEY_ADDED, Event.ACCOUNT_ACTIVATED} <= set(names(db, account))


def test_what_a_device_made_opens_nothing_before_the_end(db, issued, phone, now):
    journey = go_to(db, issued[1], now, Step.TOTP)
    make(db, journey, phone, now)
    assert not has_passkey(db, issued[0].id)
    answer = phone.sign(options_to_sign_in(db, SITE, now=now))
    assert sign_in_with_passkey(db, SITE, answer, VISIT, now=now).code == "passkey-wrong"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda phone: setattr(phone, "origin", "https://locaIhost.example"),
        lambda phone: setattr(phone, "host", "example.org"),
        lambda phone: setattr(phone, "flags", PRESENT),
    ],
    ids=["false site", "other host", "screen lock not asked"],
)
def test_what_a_thief_would_change_makes_none_and_is_on_record(db, issued, phone, now, spoil):
    journey = go_to(db, issued[1], now, Step.TOTP)
    spoil(phone)
    assert make(db, journey, phone, now).code == "passkey-not-made"
    assert journey.next_step is Step.TOTP
    assert failures(db, issued[0]) == [("totp", "passkey-not-made")]


@pytest.mark.parametrize("answer", ["", "{", "{}", "[]", "null", '{"response": {}}', "\x00"])
def test_a_dialog_that_was_closed_is_on_record_and_the_app_still_works(db, issued, now, answer):
    journey = go_to(db, issued[1], now, Step.TOTP)
    assert confirm_passkey(db, SITE, journey, answer, "x", now=now).code == "passkey-not-made"
    assert failures(db, issued[0]) == [("totp", "passkey-not-made")]
    assert confirm_totp(db, journey, app_code(journey, now), now=now) is None


def test_an_answer_counts_in_its_own_sitting_only(db, issued, phone, now):
    early = go_to(db, issued[1], now, Step.TOTP)
    options, later = options_to_make(db, SITE, early, now=now), now + timedelta(minutes=2)
    late = go_to(db, issued[1], later, Step.TOTP)
    assert late.visit.id != early.visit.id
    assert make(db, late, phone, later, options).code == "passkey-not-made"
    assert make(db, late, phone, later) is None


def test_an_answer_to_an_old_question_makes_none(db, issued, phone, now):
    journey = go_to(db, issued[1], now, Step.TOTP)
    options = options_to_make(db, SITE, journey, now=now)
    assert make(db, journey, phone, now + timedelta(minutes=5), options).code == "passkey-not-made"


def test_an_answer_to_a_question_of_another_page_makes_none(db, issued, phone, now):
    journey = go_to(db, issued[1], now, Step.TOTP)
    assert make(db, journey, phone, now, options_to_sign_in(db, SITE, now=now)).code == "passkey-not-made"
    account = journey.account
    other = new_passkey.options(db, SITE, account, "passkey-add", account.id, (), now=now)
    assert make(db, journey, phone, now, other).code == "passkey-not-made"


def test_no_step_is_jumped_and_none_is_done_twice(db, issued, phone, now):
    journey = go_to(db, issued[1], now, Step.PASSWORD)
    with pytest.raises(Refused, match="activation-other-step"):
        options_to_make(db, SITE, journey, now=now)
    journey = go_to(db, issued[1], now + timedelta(minutes=2), Step.TOTP)
    later = now + timedelta(minutes=2)
    make(db, journey, phone, later)
    with pytest.raises(Refused, match="activation-other-step"):
        make(db, journey, Phone(), later, '{"challenge": "AAAA"}')
    with pytest.raises(Refused, match="activation-other-step"):
        confirm_totp(db, journey, "123456", now=later)


def test_a_device_stays_when_the_activation_goes_on_elsewhere(db, issued, phone, now):
    make(db, go_to(db, issued[1], now, Step.TOTP), phone, now)
    later = now + timedelta(days=1)
    journey = go_to(db, issued[1], later, Step.RECOVERY)
    account = confirm_recovery(db, journey, journey.activation.recovery["codes"][0], now=later)
    db.flush()
    assert passkeys_of(db, account.id)[0].credential_id == phone.id
    assert account.totp_secret_sealed is None, "the app's key was shown, and no app has confirmed it"


def test_a_new_code_wipes_the_device_of_whoever_had_the_old_one(db, issued, phone, now):
    make(db, go_to(db, issued[1], now, Step.TOTP), phone, now)
    later = now + timedelta(minutes=2)
    journey = go_to(db, reissue(db, issued[0], SYSTEM, now=later), later, Step.TOTP)
    assert journey.activation.passkey is None


def test_a_device_that_opens_another_account_meanwhile_is_refused(db, issued, phone, now):
    journey = go_to(db, issued[1], now, Step.TOTP)
    make(db, journey, phone, now)
    added(db, make_account(db, now, "001090000222"), phone, now)
    db.flush()
    with pytest.raises(Refused, match="passkey-not-made"):
        confirm_recovery(db, journey, journey.activation.recovery["codes"][0], now=now)


# signing in


def test_the_password_alone_opens_no_session(db, owner, now):
    assert isinstance(first(db, LOGIN, now), SecondNeeded)


def test_password_and_device_make_a_session_that_says_both(db, owner, phone, now):
    ticket = first(db, LOGIN, now).ticket
    opened = enter(db, ticket, phone, now)
    held = find_session(db, opened.token, now=now)
    assert (held.aal, held.amr) == (2, ("pwd", "hwk", "user", "mfa"))
    assert enter(db, ticket, phone, now).code == "second-step-over", "a ticket counts once"


def test_a_synced_device_says_so(db, now):
    account, device = make_owner(db, now), Phone(is_synced=True)
    added(db, account, device, now)
    db.flush()
    held = find_session(db, enter(db, first(db, LOGIN, now).ticket, device, now).token, now=now)
    assert held.amr == ("pwd", "swk", "user", "mfa")


def test_somebody_elses_device_is_no_second_step(db, owner, now):
    other, theirs = make_account(db, now, "001090000222"), Phone()
    added(db, other, theirs, now)
    db.flush()
    ticket = first(db, LOGIN, now).ticket
    assert enter(db, ticket, theirs, now).code == "passkey-wrong"
    assert Event.SIGN_IN_FAILED in names(db, owner) and Event.SIGN_IN_FAILED not in names(db, other)


def test_an_answer_that_was_used_is_no_second_step(db, owner, phone, now):
    answer = phone.sign(options_to_sign_in(db, SITE, now=now))
    assert isinstance(sign_in_with_passkey(db, SITE, answer, VISIT, now=now), Opened)
    ticket = first(db, LOGIN, now).ticket
    assert second_step(db, SITE, ticket, answer, VISIT, now=now).code == "passkey-wrong"


def test_a_recovery_code_takes_the_devices_place_once(db, owner, now):
    code = make_codes(db, owner.id, now=now)[0]
    db.flush()
    ticket = first(db, LOGIN, now).ticket
    assert isinstance(second_step_with_code(db, ticket, code, VISIT, now=now), Opened)
    ticket = first(db, LOGIN, now).ticket
    assert second_step_with_code(db, ticket, code, VISIT, now=now).code == "second-step-wrong"


def test_no_code_of_an_app_opens_an_account_without_one(db, owner, now):
    ticket = first(db, LOGIN, now).ticket
    for typed in ("", "000000", "123456"):
        refusal = second_step_with_code(db, ticket, typed, VISIT, now=now, test_otp="123456")
        assert refusal.code == "second-step-wrong"


def test_the_answer_to_a_code_is_the_same_for_device_and_app(db, owner, now):
    with_app = make_account(db, now, "001090000222")
    answers = {
        second_step_with_code(db, first(db, login, now).ticket, "AAAA-BBBB-CCCC", VISIT, now=now).code
        for login in (LOGIN, with_app.login)
    }
    assert answers == {"second-step-wrong"}


def test_the_gate_is_asked_at_the_second_step(db, owner, phone, now):
    ticket = first(db, LOGIN, now).ticket
    db.flush()
    lock(db, owner, Ground.TERMS, "operator", SYSTEM, now=now)
    assert enter(db, ticket, phone, now).code in {"account-locked", "second-step-over"}


def test_a_session_of_the_password_rises_with_a_recovery_code(db, owner, now):
    code = make_codes(db, owner.id, now=now)[0]
    opened = open_session(db, owner, ("pwd",), 1, now=now)
    visit = Visit("203.0.113.7", session_id=opened.session_id, account_id=owner.id)
    assert isinstance(raise_level(db, owner.id, code, visit, now=now), Opened)


def test_staff_with_a_device_get_in_and_with_nothing_do_not(db, now, phone):
    officer = make_account(db, now, "canbo.lan", kind="staff", totp=False)
    assert first(db, "canbo.lan", now).code == "second-factor-missing"
    added(db, officer, phone, now)
    db.flush()
    assert isinstance(enter(db, first(db, "canbo.lan", now).ticket, phone, now), Opened)


# the last one stays


def test_the_last_device_of_an_account_without_an_app_stays(db, owner, now):
    [kept] = passkeys_of(db, owner.id)
    with pytest.raises(Refused, match="last-second-factor"):
        remove(db, owner, kept.id, owner.id, now=now)
    added(db, owner, Phone(), now)
    db.flush()
    remove(db, owner, kept.id, owner.id, now=now)
    [left] = passkeys_of(db, owner.id)
    with pytest.raises(Refused, match="last-second-factor"):
        remove(db, owner, left.id, owner.id, now=now)


def test_the_app_of_an_account_without_a_device_stays(db, now, phone):
    account = make_account(db, now)
    here, there = (open_session(db, account, ("pwd", "otp", "mfa"), 2, now=now) for _ in range(2))
    with pytest.raises(Refused, match="last-second-factor"):
        remove_app(db, account, here.session_id, now=now)
    added(db, account, phone, now)
    db.flush()
    remove_app(db, account, here.session_id, now=now)
    db.flush()
    assert account.totp_secret_sealed is None
    assert find_session(db, here.token, now=now) and not find_session(db, there.token, now=now)
    assert Event.TOTP_REMOVED in names(db, account)
    before = names(db, account)
    remove_app(db, account, here.session_id, now=now)
    assert names(db, account) == before, "twice is once"


# recovery


def climb(db, owner, now):
    """A lost phone: a code of the sheet, and the phone number on another one."""
    code = make_codes(db, owner.id, now=now)[0]
    begun = begin_with_code(db, LOGIN, code, ADDRESS, now=now)
    db.flush()
    assert prove_phone(db, begun.recovery, sent_otp(db), now=now) is None
    set_password(db, begun.recovery, hashed(NEW_PASSWORD), now=now)
    return begun.recovery


def end(db, recovery, now):
    outcome = finish(db, recovery, Sheet.read(recovery.sheet).codes[0], now=now)
    db.flush()
    return outcome


def test_a_lost_device_is_replaced_by_another_without_an_app(db, owner, phone, now):
    recovery, another = climb(db, owner, now), Phone()
    options = keys.options_to_make(db, SITE, recovery, now=now)
    assert '"excludeCredentials": []' in options, "the same phone may make a new key"
    keys.confirm_passkey(db, SITE, recovery, another.make(options), "Máy mới", now=now)
    assert next_step(recovery, now=now) is keys.Step.SHEET
    assert end(db, recovery, now) is owner
    assert [one.credential_id for one in passkeys_of(db, owner.id)] == [another.id]
    assert owner.totp_secret_sealed is None and recovery.passkey_sealed is None
    assert isinstance(enter(db, first(db, LOGIN, now).ticket, another, now), Opened)
    assert enter(db, first(db, LOGIN, now).ticket, phone, now).code == "passkey-wrong"


def test_an_answer_for_one_recovery_counts_in_no_other(db, owner, now):
    early, late = climb(db, owner, now), climb(db, owner, now + timedelta(minutes=2))
    options = keys.options_to_make(db, SITE, early, now=now)
    with pytest.raises(Refused, match="passkey-not-made"):
        keys.confirm_passkey(db, SITE, late, Phone().make(options), "x", now=now + timedelta(minutes=2))


def test_whoever_opens_a_device_and_forgot_the_password_needs_no_app(db, owner, phone, now):
    recovery = begin_with_device(db, owner, now=now).recovery
    set_password(db, recovery, hashed(NEW_PASSWORD), now=now)
    keep_device(db, recovery, now=now)
    assert end(db, recovery, now) is owner
    assert owner.totp_secret_sealed is None
    assert isinstance(enter(db, first(db, LOGIN, now).ticket, phone, now), Opened)


def test_a_device_is_kept_only_by_whoever_has_opened_it(db, owner, now):
    with pytest.raises(Refused, match="last-second-factor"):
        keep_device(db, climb(db, owner, now), now=now)


def test_no_recovery_ends_without_a_second_factor(db, now, phone):
    account = make_owner(db, now)
    added(db, account, phone, now)
    db.flush()
    recovery = begin_with_device(db, account, now=now).recovery
    set_password(db, recovery, hashed(NEW_PASSWORD), now=now)
    keep_device(db, recovery, now=now)
    remove(db, account, passkeys_of(db, account.id)[0].id, account.id, now=now)  # the app is still there
    with pytest.raises(Refused, match="last-second-factor"):
        end(db, recovery, now)
