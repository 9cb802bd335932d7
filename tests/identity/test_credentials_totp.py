"""Codes of an authenticator app, accepted once; recovery codes, good once each."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from identity.credentials.recovery import RecoveryCode, codes_left, make_codes, use_code
from identity.credentials.totp import check_totp, matching_step, new_secret, provisioning_uri
from tests.identity.account_scene import code_of, make_account


@pytest.fixture
def account(db, now):
    return make_account(db, now)


def test_the_code_of_this_moment_is_right_once(db, account, now):
    assert check_totp(db, account.id, code_of(account, now), now=now)
    assert not check_totp(db, account.id, code_of(account, now), now=now)


@pytest.mark.parametrize("drift", [-30, 30])
def test_a_clock_may_be_half_a_minute_off(db, account, now, drift):
    assert check_totp(db, account.id, code_of(account, now + timedelta(seconds=drift)), now=now)


@pytest.mark.parametrize("drift", [-60, 60])
def test_a_clock_may_not_be_a_minute_off(db, account, now, drift):
    assert not check_totp(db, account.id, code_of(account, now + timedelta(seconds=drift)), now=now)


def test_an_older_step_is_not_accepted_after_a_newer_one(db, account, now):
    assert check_totp(db, account.id, code_of(account, now), now=now)
    assert not check_totp(db, account.id, code_of(account, now - timedelta(seconds=30)), now=now)
    assert check_totp(db, account.id, code_of(account, now + timedelta(seconds=30)), now=now + timedelta(seconds=30))


def test_the_fixed_code_of_a_demonstration_repeats_for_residents(db, account, now):
    assert check_totp(db, account.id, "123456", now=now, test_otp="123456")
    assert check_totp(db, account.id, "123 456", now=now, test_otp="123456")


def test_the_fixed_code_is_nothing_for_staff(db, now):
    officer = make_account(db, now, "canbo.lan", kind="staff")
    assert not check_totp(db, officer.id, "123456", now=now, test_otp="123456")


def test_without_a_fixed_code_nothing_typed_counts_as_one(db, account, now):
    assert not check_totp(db, account.id, "", now=now, test_otp="")


def test_an_account_without_an_app_has_no_right_code(db, now):
    bare = make_account(db, now, "001158000001", totp=False)
    assert not check_totp(db, bare.id, "123456", now=now)
    assert not check_totp(db, bare.id, "123456", now=now, test_otp="123456")


def test_the_secret_has_160_bits_and_is_sealed_in_the_database(account):
    assert len(new_secret()) == 32
    assert account.totp_secret.encode() not in account.totp_secret_sealed


def test_the_apps_address_leads_to_the_same_codes(now):
    secret = new_secret()
    app = pyotp.parse_uri(provisioning_uri(secret, "•••345"))
    assert matching_step(secret, app.at(now), now=now) == int(now.timestamp()) // 30


def test_each_recovery_code_is_good_once(db, account, now):
    codes = make_codes(db, account.id, now=now)
    assert len(set(codes)) == 10
    assert use_code(db, account.id, codes[0].lower().replace("-", " "), now=now)
    assert not use_code(db, account.id, codes[0], now=now)
    assert codes_left(db, account.id) == 9


def test_a_recovery_code_is_nothing_on_another_account(db, account, now):
    other = make_account(db, now, "001158000001")
    codes = make_codes(db, account.id, now=now)
    assert not use_code(db, other.id, codes[0], now=now)


def test_a_new_set_makes_the_old_one_worthless(db, account, now):
    old = make_codes(db, account.id, now=now)
    make_codes(db, account.id, now=now)
    assert not use_code(db, account.id, old[0], now=now)
    assert codes_left(db, account.id) == 10


def test_recovery_codes_are_kept_as_digests(db, account, now):
    codes = make_codes(db, account.id, now=now)
    rows = db.scalars(select(RecoveryCode.digest)).all()
    assert all(code.replace("-", "").encode() not in row for code in codes for row in rows)
