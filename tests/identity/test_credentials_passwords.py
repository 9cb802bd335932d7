"""Passwords: verified in constant effort, and the rules for a new one."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.base import Refused
from identity.credentials.known_facts import known_facts
from identity.credentials.passwords import check_password_rules, hash_password, is_common, verify_password
from tests.identity.account_scene import LOGIN, PASSWORD, hashed, make_account, make_person

TODAY = date(2026, 11, 23)
ABOUT = (LOGIN, "Nguyễn Thị Hoa", "08031985", "1985", "912345678")


def refusal_of(plain, about=ABOUT):
    try:
        check_password_rules(plain, on=TODAY, about=about)
    except Refused as refusal:
        return refusal.code
    return None


def test_the_right_password_is_right_and_another_is_not():
    assert verify_password(hashed(PASSWORD), PASSWORD)
    assert not verify_password(hashed(PASSWORD), PASSWORD + " ")


def test_nobody_signs_in_to_an_account_without_a_password():
    assert not verify_password(None, PASSWORD)
    assert not verify_password(None, "")


def test_a_damaged_hash_is_a_wrong_password_and_no_error():
    assert not verify_password("$argon2id$broken", PASSWORD)


def test_vietnamese_letters_count_the_same_however_the_keyboard_sends_them():
    assert verify_password(hashed(PASSWORD), unicodedata.normalize("NFD", PASSWORD))


def test_the_hash_is_argon2id_at_the_setting_of_owasp():
    assert hash_password("một mật khẩu nào đó").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_hash_of_another_setting_is_verified_too():
    weaker = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    assert verify_password(weaker, PASSWORD)
    assert not verify_password(weaker, PASSWORD + " ")


@pytest.mark.parametrize(
    "plain",
    [
        "con voi bay qua nhà",
        "Kx9!fQ2z",
        "tàu điện số mười bảy",
        "correct horse battery",
        "con ran hổ mang 1985",
        "K?x9~;'|",
    ],
)
def test_good_passwords_pass(plain):
    assert refusal_of(plain) is None


@pytest.mark.parametrize(
    ("plain", "code"),
    [
        ("Kx9!fQ2", "password-too-short"),
        ("kx9!fq2zabc", "password-too-short"),
        ("", "password-too-short"),
        ("ă" * 257, "password-too-long"),
        ("Password@123", "password-common"),
        ("P@ssw0rd2026!", "password-common"),
        ("matkhau123456", "password-common"),
        ("123456789012", "password-common"),
        ("qwertyuiop123", "password-common"),
        ("aaaaaaaaaaaaaa", "password-common"),
        ("passwordpassword", "password-common"),
        ("001158012345Ab!", "password-about-you"),
        ("nguyenthihoa12", "password-about-you"),
        ("Nguyễn Thị Hoa", "password-about-you"),
        ("Abc@1234", "password-common"),
        ("Qwe123!@#", "password-common"),
        ("Zaq1@wsx", "password-common"),
        ("Aa123123@", "password-common"),
        ("Nam@12345", "password-common"),
        ("Viettel@123", "password-common"),
        ("Tuan@1964", "password-common"),
        ("08031985Aa!!", "password-about-you"),
        ("Xk!0912345678", "password-about-you"),
        ("Xk7!-1985", "password-about-you"),
        ("Nguyễn!x9Kq", "password-about-you"),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(plain, code):
    assert refusal_of(plain) == code


def test_what_others_know_is_number_name_birthday_and_phone(db, now):
    person = make_person(db, now, phone="+84912345678")
    account = make_account(db, now, person_id=person.id)
    born = person.birth_date
    known = known_facts(db, account)
    assert {account.login, account.display_name, f"{born:%d%m%Y}", f"{born:%y%m%d}", f"{born:%Y}", "912345678"} <= set(
        known
    )
    assert known_facts(db, make_account(db, now, "officer.one", kind="staff")) == ("officer.one", account.display_name)


@pytest.mark.parametrize(
    "plain", ["q1w2e3r4t5y6u7", "23176djivanfros", "1qazxsw23edcvfr4", "InGodWeTrust", "Peanutbutter!1"]
)
def test_a_password_that_leaked_is_refused(plain):
    assert refusal_of(plain) == "password-common"


def test_the_number_of_characters_is_told():
    with pytest.raises(Refused) as caught:
        check_password_rules("ngắn quá", on=TODAY)
    assert caught.value.facts == {"count": 8, "plain": 12, "four_classes": 8}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_judged_without_an_error(plain):
    refusal_of(plain)
    assert isinstance(is_common(plain), bool)
