"""A code buys once, for whom it was meant; used again it takes back what it bought."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Act, Ground, get_account
from identity.audit import SYSTEM, Event, events_about
from identity.deadlines import end_of_day, today_in_vietnam
from identity.locks import lock, note_paper, unlock
from identity.oidc import grants, tokens
from identity.oidc.errors import ProtocolError
from identity.oidc.grants import Grant
from identity.oidc.provider import Lifetimes
from tests.identity.oidc.making import CALLBACK, VERIFIER, a_code, a_resident, a_service, an_access_token


@pytest.fixture
def world(db: Session, now: datetime) -> Any:
    account, client = a_resident(db, now=now), a_service(db, now=now)
    code, _session = a_code(db, account, client, now=now)
    return account, client, code


def test_a_code_buys_the_grant_once(db: Session, now: datetime, world: Any) -> None:
    account, client, code = world
    bought, _standing = grants.redeem_code(db, client, code, CALLBACK, VERIFIER, now=now)
    assert bought.account_id == account.id
    assert bought.scopes == ("openid", "profile")
    with pytest.raises(ProtocolError, match="invalid_grant"):
        grants.redeem_code(db, client, code, CALLBACK, VERIFIER, now=now)


def test_only_a_digest_of_the_code_is_kept(db: Session, world: Any) -> None:
    stored = db.execute(select(Grant.__table__)).one()
    assert world[2] not in str(stored)


def test_a_replay_takes_the_tokens_that_the_code_bought(db: Session, now: datetime, world: Any) -> None:
    account, client, code = world
    bought, _standing = grants.redeem_code(db, client, code, CALLBACK, VERIFIER, now=now)
    token = an_access_token(db, client, bought, life=timedelta(minutes=5), now=now)
    assert tokens.find_live(db, token, Act.USERINFO, now=now)
    with pytest.raises(ProtocolError):
        grants.redeem_code(db, client, code, CALLBACK, VERIFIER, now=now)
    assert tokens.find_live(db, token, Act.USERINFO, now=now) is None
    assert Event.CODE_REPLAYED in [event.name for event in events_about(db, ("account", account.id))]


def test_another_client_can_neither_use_nor_harm_a_code(db: Session, now: datetime, world: Any) -> None:
    other = a_service(db, now=now, client_id="another")
    with pytest.raises(ProtocolError):
        grants.redeem_code(db, other, world[2], CALLBACK, VERIFIER, now=now)
    assert grants.redeem_code(db, world[1], world[2], CALLBACK, VERIFIER, now=now)
    with pytest.raises(ProtocolError):
        grants.redeem_code(db, other, world[2], CALLBACK, VERIFIER, now=now)
    assert db.scalar(select(Grant.revoked_at)) is None


@pytest.mark.parametrize(
    ("address", "verifier"),
    [(CALLBACK + "2", VERIFIER), (CALLBACK, "wrong"), (CALLBACK, ""), (CALLBACK, VERIFIER.encode().hex())],
)
def test_a_wrong_address_or_verifier_burns_the_code(
    db: Session, now: datetime, world: Any, address: str, verifier: str
) -> None:
    with pytest.raises(ProtocolError, match="invalid_grant"):
        grants.redeem_code(db, world[1], world[2], address, verifier, now=now)
    with pytest.raises(ProtocolError, match="invalid_grant"):
        grants.redeem_code(db, world[1], world[2], CALLBACK, VERIFIER, now=now)


def test_a_verifier_that_nobody_announced_is_refused(db: Session, now: datetime) -> None:
    account, client = a_resident(db, now=now), a_service(db, now=now, pkce_required=False)
    code, _session = a_code(db, account, client, now=now, code_challenge="", code_challenge_method="")
    with pytest.raises(ProtocolError, match="code_verifier"):
        grants.redeem_code(db, client, code, CALLBACK, VERIFIER, now=now)


def test_a_code_ends_after_a_minute(db: Session, now: datetime, world: Any) -> None:
    with pytest.raises(ProtocolError):
        grants.redeem_code(db, world[1], world[2], CALLBACK, VERIFIER, now=now + timedelta(seconds=60))
    with pytest.raises(ValueError, match="60 seconds"):
        Lifetimes(code=timedelta(seconds=61))


def test_a_lock_takes_the_tokens_and_its_end_does_not_give_them_back(db: Session, now: datetime, world: Any) -> None:
    account, client, code = world
    bought, _standing = grants.redeem_code(db, client, code, CALLBACK, VERIFIER, now=now)
    token = an_access_token(db, client, bought, life=timedelta(minutes=5), now=now)
    lock(db, get_account(db, account.id), Ground.HOLD, "test", SYSTEM, now=now)
    assert tokens.find_live(db, token, Act.USERINFO, now=now) is None
    unlock(db, get_account(db, account.id), Ground.HOLD, "test", SYSTEM, now=now)
    assert tokens.find_live(db, token, Act.USERINFO, now=now) is None


def test_the_lock_of_another_account_stops_nobody(db: Session, now: datetime, world: Any) -> None:
    _account, client, code = world
    other = a_resident(db, now=now, login="001158012399")
    lock(db, get_account(db, other.id), Ground.TERMS, "test", SYSTEM, now=now)
    assert grants.redeem_code(db, client, code, CALLBACK, VERIFIER, now=now)


def test_a_lock_that_begins_by_itself_stops_the_token_at_the_gate(db: Session, now: datetime, world: Any) -> None:
    account, client, code = world
    bought, _standing = grants.redeem_code(db, client, code, CALLBACK, VERIFIER, now=now)
    note_paper(db, get_account(db, account.id), "card", Ground.RESIDENCE_EXPIRED, today_in_vietnam(now), now=now)
    end = end_of_day(today_in_vietnam(now))
    token = an_access_token(db, client, bought, life=timedelta(days=2), now=now)
    assert tokens.find_live(db, token, Act.USERINFO, now=end - timedelta(seconds=1))
    assert tokens.find_live(db, token, Act.USERINFO, now=end) is None


def test_signing_out_ends_what_was_not_granted_for_offline_use(db: Session, now: datetime) -> None:
    account, client = a_resident(db, now=now), a_service(db, now=now)
    bought = {}
    for scope in ("openid", "openid offline_access"):
        code, session_id = a_code(db, account, client, now=now, scope=scope)
        bought[scope], _standing = grants.redeem_code(db, client, code, CALLBACK, VERIFIER, now=now)
        grants.revoke_for_session(db, session_id, now=now)
    ended = set(db.scalars(select(Grant.id).where(Grant.revoked_at.is_not(None))))
    assert ended == {bought["openid"].id}
