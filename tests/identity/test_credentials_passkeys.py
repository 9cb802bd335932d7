"""Passkeys: who has the device gets in, nobody else, and each answer counts once."""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from identity.account import Ground
from identity.audit import SYSTEM, Event, events_about
from identity.base import Refused
from identity.credentials import challenge
from identity.credentials.passkeys import (
    Passkey,
    Site,
    add_passkey,
    options_to_add,
    options_to_sign_in,
    passkeys_of,
    remove,
    rename,
    sign_in,
)
from identity.credentials.sign_in import Visit
from identity.locks import lock
from identity.session import Opened, find_session, open_session
from identity.vault import Keys, Vault
from tests.fakes import A_MONDAY
from tests.identity.account_scene import make_account
from tests.passkey import PRESENT, Phone

SITE = Site("localhost", "http://localhost", "e-ID")
VISIT = Visit("203.0.113.7", "a browser")


@pytest.fixture
def account(db, now):
    return make_account(db, now)


def added(db, account, phone, now, name="Điện thoại"):
    return add_passkey(db, SITE, account, phone.make(options_to_add(db, SITE, account, now=now)), name, now=now)


def enter(db, phone, now, options=None):
    return sign_in(db, SITE, phone.sign(options or options_to_sign_in(db, SITE, now=now)), VISIT, now=now)


@pytest.fixture
def phone(db, account, now):
    device = Phone()
    added(db, account, device, now)
    db.flush()
    return device


def names(db, account):
    return [event.name for event in events_about(db, ("account", account.id))]


def test_the_holder_of_the_device_gets_a_session_of_two_factors(db, account, phone, now):
    opened = enter(db, phone, now)
    assert isinstance(opened, Opened)
    held = find_session(db, opened.token, now=now)
    assert (held.account_id, held.aal, held.amr) == (account.id, 2, ("hwk", "user", "mfa"))
    assert passkeys_of(db, account.id)[0].used_at == now
    assert {Event.PASSKEY_ADDED, Event.SIGNED_IN} <= set(names(db, account))


def test_a_passkey_that_travels_with_a_cloud_account_says_so(db, account, now):
    device = Phone(is_synced=True)
    assert added(db, account, device, now).is_synced
    db.flush()
    held = find_session(db, enter(db, device, now).token, now=now)
    assert held.amr == ("swk", "user", "mfa")


def test_an_answer_counts_once(db, phone, now):
    answer = phone.sign(options_to_sign_in(db, SITE, now=now))
    assert isinstance(sign_in(db, SITE, answer, VISIT, now=now), Opened)
    assert sign_in(db, SITE, answer, VISIT, now=now).code == "passkey-wrong"


def test_an_answer_to_an_old_question_is_late(db, phone, now):
    options = options_to_sign_in(db, SITE, now=now)
    assert enter(db, phone, now + timedelta(minutes=5), options).code == "passkey-wrong"


def test_an_answer_to_a_question_that_was_not_ours_opens_nothing(db, account, phone, now):
    assert enter(db, phone, now, '{"challenge": "AAAA"}').code == "passkey-wrong"
    assert enter(db, phone, now, options_to_add(db, SITE, account, now=now)).code == "passkey-wrong"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda phone: setattr(phone, "origin", "https://locaIhost.example"),
        lambda phone: setattr(phone, "host", "example.org"),
        lambda phone: setattr(phone, "flags", PRESENT),
        lambda phone: setattr(phone, "key", Phone().key),
        lambda phone: setattr(phone, "id", b"another"),
    ],
    ids=["false site", "other host", "screen lock not asked", "other key", "unknown device"],
)
def test_what_a_thief_would_change_opens_nothing(db, account, phone, now, spoil):
    spoil(phone)
    assert enter(db, phone, now).code == "passkey-wrong"


def test_a_copied_device_is_noticed_by_its_count(db, phone, now):
    phone.count = 7
    assert isinstance(enter(db, phone, now), Opened)
    phone.count = 3
    assert enter(db, phone, now).code == "passkey-wrong"


def test_a_failure_is_on_record_with_the_account_it_was_about(db, account, phone, now):
    phone.origin = "https://example.org"
    enter(db, phone, now)
    assert Event.SIGN_IN_FAILED in names(db, account)


def test_the_gate_is_asked(db, account, phone, now):
    lock(db, account, Ground.TERMS, "operator", SYSTEM, now=now)
    assert enter(db, phone, now).code == "account-locked"


def test_a_removed_device_opens_nothing_and_can_be_added_again(db, account, phone, now):
    [kept] = passkeys_of(db, account.id)
    here, lost = (open_session(db, account, ("hwk",), 2, now=now) for _ in range(2))
    remove(db, account, kept.id, here.session_id, now=now)
    assert find_session(db, here.token, now=now) and not find_session(db, lost.token, now=now)
    assert enter(db, phone, now).code == "passkey-wrong"
    added(db, account, phone, now)
    db.flush()
    phone.count = 9
    assert isinstance(enter(db, phone, now), Opened)


def test_a_device_is_added_once_even_to_two_accounts(db, account, phone, now):
    other = make_account(db, now, "001090000222")
    for holder in (account, other):
        with pytest.raises(Refused, match="passkey-not-made"):
            added(db, holder, phone, now)


def test_an_answer_made_for_one_account_adds_nothing_to_another(db, account, now):
    other = make_account(db, now, "001090000222")
    answer = Phone().make(options_to_add(db, SITE, account, now=now))
    with pytest.raises(Refused, match="passkey-not-made"):
        add_passkey(db, SITE, other, answer, "x", now=now)


def test_one_account_has_ten_devices_at_most(db, account, now):
    for _ in range(10):
        added(db, account, Phone(), now)
        db.flush()
    with pytest.raises(Refused, match="passkeys-enough"):
        added(db, account, Phone(), now)


def test_nobody_changes_the_devices_of_another(db, account, phone, now):
    other = make_account(db, now, "001090000222")
    [kept] = passkeys_of(db, account.id)
    for change in (lambda: rename(db, other.id, kept.id, "x"), lambda: remove(db, other, kept.id, other.id, now=now)):
        with pytest.raises(Refused, match="passkey-unknown"):
            change()
    assert passkeys_of(db, account.id)[0].name == "Điện thoại"


def test_the_name_of_a_device_is_sealed(db, account, phone):
    row = db.execute(select(Passkey.__table__)).one()
    assert "Điện thoại".encode() not in bytes(row.name_sealed)


def spoiled(answer):
    """The answer with each of its parts missing, empty, of another type, or cut."""
    whole = json.loads(answer)
    for part in (whole, whole["response"]):
        for name, value in list(part.items()):
            for wrong in (None, "", 1, [], {}, "AAAA", str(value)[:-3]):
                part[name] = wrong
                yield json.dumps(whole)
            del part[name]
            yield json.dumps(whole)
            part[name] = value


JUNK = ["", "{", "{}", "[]", "null", "1", '"x"', '{"id": 1}', '{"response": {}}', "\x00", "é" * 1000]


def test_any_answer_is_refused_without_an_error(db, account, phone, now):
    for answer in [*JUNK, *spoiled(phone.sign(options_to_sign_in(db, SITE, now=now)))]:
        outcome = sign_in(db, SITE, answer, VISIT, now=now)
        assert isinstance(outcome, Opened) or outcome.code == "passkey-wrong"
    for answer in [*JUNK, *spoiled(Phone().make(options_to_add(db, SITE, account, now=now)))]:
        with contextlib.suppress(Refused):
            add_passkey(db, SITE, account, answer, "x", now=now)
    assert len(passkeys_of(db, account.id)) <= 2, "what is spoiled without harm counts once"


@given(st.binary(max_size=80))
def test_a_challenge_that_we_did_not_make_is_not_ours(anything):
    assert not challenge.is_ours(Vault(Keys.generate()), "sign-in", None, anything, now=A_MONDAY)
