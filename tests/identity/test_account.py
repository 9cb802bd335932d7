"""The gate: what an account may do now, on every path, and what a lock takes away."""

from __future__ import annotations

import json
from datetime import date, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.account import AccountState, Act, Ground, check_may, create_account, find_account, judge
from identity.audit import SYSTEM
from identity.base import Refused
from identity.deadlines import end_of_day, today_in_vietnam
from identity.locks import lock, note_paper, unlock
from identity.vault import Keys, Vault
from tests.fakes import A_MONDAY
from tests.identity.account_scene import LOGIN, make_account

EVERY_PATH = sorted(Act)


def refusal_of(db, account, act, now):
    with pytest.raises(Refused) as caught:
        check_may(db, account.id, act, now=now)
    return caught.value.code


@pytest.mark.parametrize("act", [act for act in EVERY_PATH if act is not Act.ACTIVATE])
def test_an_active_account_passes_on_every_path(db, now, act):
    account = make_account(db, now)
    assert check_may(db, account.id, act, now=now).account_id == account.id


@pytest.mark.parametrize("act", EVERY_PATH)
def test_a_locked_account_gets_nothing_on_any_path(db, now, act):
    account = make_account(db, now)
    lock(db, account, Ground.AUTHORITY, "test", SYSTEM, now=now)
    assert refusal_of(db, account, act, now) == "account-locked"


@pytest.mark.parametrize("act", EVERY_PATH)
def test_a_closed_account_gets_nothing_on_any_path(db, now, act):
    account = make_account(db, now)
    account.state = AccountState.CLOSED.value
    db.flush()
    assert refusal_of(db, account, act, now) == "account-closed"


@pytest.mark.parametrize("act", [act for act in EVERY_PATH if act is not Act.ACTIVATE])
def test_an_account_that_was_only_issued_can_do_nothing_but_activate(db, now, act):
    account = create_account(db, "resident", LOGIN, display_name="Hoa", now=now)
    db.flush()
    assert refusal_of(db, account, act, now) == "account-not-active"
    assert check_may(db, account.id, Act.ACTIVATE, now=now)


def test_an_account_that_does_not_exist_gets_nothing(db, now):
    with pytest.raises(Refused, match="account-unknown"):
        check_may(db, uuid4(), Act.TOKEN, now=now)


def test_the_end_of_a_paper_bites_by_itself_on_its_day(db, now):
    account = make_account(db, now)
    expiry = end_of_day(date(2026, 12, 24))
    note_paper(db, account, "card", Ground.DOCUMENT_EXPIRED, date(2026, 12, 24), now=now)
    assert check_may(db, account.id, Act.TOKEN, now=expiry - timedelta(seconds=1))
    assert refusal_of(db, account, Act.TOKEN, expiry) == "account-locked"


def test_the_account_opens_when_the_last_ground_has_gone(db, now):
    account = make_account(db, now)
    lock(db, account, Ground.TERMS, "operator", SYSTEM, now=now)
    lock(db, account, Ground.AUTHORITY, "police", SYSTEM, now=now)
    unlock(db, account, Ground.TERMS, "operator", SYSTEM, now=now)
    assert refusal_of(db, account, Act.SIGN_IN, now) == "account-locked"
    unlock(db, account, Ground.AUTHORITY, "police", SYSTEM, now=now)
    assert check_may(db, account.id, Act.SIGN_IN, now=now)


def test_the_window_to_activate_ends_but_the_account_is_not_void(db, now):
    account = create_account(db, "resident", LOGIN, display_name="Hoa", now=now)
    account.activate_by = now + timedelta(days=7)
    db.flush()
    assert refusal_of(db, account, Act.ACTIVATE, now + timedelta(days=7)) == "activation-window-over"
    account.activate_by = now + timedelta(days=14)
    db.flush()
    assert check_may(db, account.id, Act.ACTIVATE, now=now + timedelta(days=7))


def test_the_gate_sees_what_this_very_transaction_changed(db, now):
    account = make_account(db, now)
    account.state = AccountState.CLOSED
    assert refusal_of(db, account, Act.TOKEN, now) == "account-closed"


def test_the_gate_costs_one_statement(db, now, monkeypatch):
    account = make_account(db, now)
    seen = []
    monkeypatch.setattr("identity.statements.LISTENERS", [seen.append])
    check_may(db, account.id, Act.TOKEN, now=now)
    assert len(seen) == 1


@pytest.mark.parametrize("typed", ["001 158 012 345", " 001158012345 ", "００１１５８０１２３４５"])
def test_a_login_is_found_however_it_is_typed(db, now, typed):
    account = make_account(db, now)
    assert find_account(db, typed).id == account.id


def test_the_login_is_not_readable_in_the_database(db, now):
    account = make_account(db, now)
    assert LOGIN.encode() not in account.login_sealed
    assert LOGIN.encode() not in account.login_index


VAULT = Vault(Keys.generate())


def noted(account_id, days):
    """A card whose last day is so many days away, as the account keeps it."""
    day = today_in_vietnam(A_MONDAY) + timedelta(days=days)
    plain = json.dumps({"card": ["document-expired", day.isoformat()]}).encode()
    return VAULT.seal("account.papers_end_sealed", account_id, plain)


@given(
    act=st.sampled_from(EVERY_PATH),
    state=st.sampled_from(sorted(AccountState)),
    ground=st.one_of(st.none(), st.sampled_from(sorted(Ground))),
    window=st.one_of(st.none(), st.integers(-10, 10)),
    paper=st.one_of(st.none(), st.integers(-10, 10)),
)
def test_nothing_passes_the_gate_unless_open_and_in_the_right_state(act, state, ground, window, paper):
    account_id = uuid4()
    row = SimpleNamespace(
        account_id=account_id,
        account_papers_end_sealed=None if paper is None else noted(account_id, paper),
        account_kind="resident",
        account_person_id=None,
        account_state=state,
        account_ground=ground,
        account_activate_by=None if window is None else A_MONDAY + timedelta(days=window),
        account_locale="vi",
    )
    in_window = window is None or window > 0
    if act is Act.ACTIVATE:
        passes = state is AccountState.ISSUED and in_window
    else:
        passes = state is AccountState.ACTIVE
    if passes and ground is None and (paper is None or paper >= 0):
        assert judge(VAULT, row, act, now=A_MONDAY)
    else:
        with pytest.raises(Refused):
            judge(VAULT, row, act, now=A_MONDAY)
