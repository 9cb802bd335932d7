"""A lock of any ground takes sessions, codes and tokens at once, tells the services, and gives nothing back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from sqlalchemy.orm import Session

from identity.account import Account, Act, Ground, get_account
from identity.audit import SYSTEM, Actor
from identity.freeze import freeze, pause_now
from identity.locks import close, lock, note_paper, take_away, unlock
from identity.oidc import grants, refresh, tokens
from identity.oidc.clients import Client
from identity.oidc.errors import ProtocolError
from identity.outbox import Lane, lease
from identity.session import find_session
from tests.identity.oidc.making import (
    CALLBACK,
    VERIFIER,
    a_code,
    a_refresh_token,
    a_resident,
    a_service,
    an_access_token,
    signed_in,
)

SHUT = [ground for ground in Ground if ground is not Ground.PAUSE]


class Held(NamedTuple):
    account: Account
    client: Client
    cookie: str
    code: str
    refresh: str
    access: str


@pytest.fixture
def held(db: Session, now: datetime) -> Held:
    """All that a person and a service can hold, also what is for offline use."""
    account = a_resident(db, now=now)
    client = a_service(db, now=now, backchannel_logout_uri="https://service.example/bye")
    used, _session = a_code(db, account, client, now=now, scope="openid offline_access")
    bought, _standing = grants.redeem_code(db, client, used, CALLBACK, VERIFIER, now=now)
    waiting, _session = a_code(db, account, client, now=now, scope="openid offline_access")
    return Held(
        account,
        client,
        signed_in(db, account, now=now).token,
        waiting,
        a_refresh_token(db, client, bought, now=now),
        an_access_token(db, client, bought, now=now, life=timedelta(minutes=5)),
    )


def left(db: Session, held: Held, now: datetime) -> set[str]:
    """What can still be used."""
    found = {
        "session": find_session(db, held.cookie, now=now) is not None,
        "access": tokens.find_live(db, held.access, Act.USERINFO, now=now) is not None,
        "refresh": refresh.find(db, held.client, held.refresh, now=now) is not None,
        "code": is_redeemed(db, held, now),
    }
    return {name for name, is_there in found.items() if is_there}


def is_redeemed(db: Session, held: Held, now: datetime) -> bool:
    try:
        grants.redeem_code(db, held.client, held.code, CALLBACK, VERIFIER, now=now)
    except ProtocolError:
        return False
    return True


def told(db: Session, now: datetime) -> list[Any]:
    return [message.facts["aud"] for message in lease(db, Lane.LOGOUT, now=now)]


@pytest.mark.any_engine
@pytest.mark.parametrize("ground", SHUT)
def test_nothing_is_left_and_nothing_comes_back(db: Session, now: datetime, held: Held, ground: Ground) -> None:
    account = get_account(db, held.account.id)
    lock(db, account, ground, "test", SYSTEM, now=now)
    db.flush()
    assert left(db, held, now) == set()
    assert told(db, now) == ["a-service"] * 2, "one for each session that has met it"
    unlock(db, account, ground, "test", SYSTEM, now=now)
    db.flush()
    assert left(db, held, now) == set()


def by_owner(db: Session, account: Account, now: datetime) -> None:
    freeze(db, account, Actor(account.id, "resident"), now=now)


def by_death(db: Session, account: Account, now: datetime) -> None:
    close(db, account, SYSTEM, now=now)


def by_recovery_or_handing_over(db: Session, account: Account, now: datetime) -> None:
    take_away(db, account.id, now=now)


@pytest.mark.parametrize("shut", [by_owner, by_death, by_recovery_or_handing_over])
def test_every_way_to_shut_an_account_takes_the_same(db: Session, now: datetime, held: Held, shut: Any) -> None:
    shut(db, get_account(db, held.account.id), now)
    db.flush()
    assert left(db, held, now) == set()
    assert told(db, now) == ["a-service"] * 2


@pytest.mark.parametrize("ground", [Ground.DOCUMENT_EXPIRED, Ground.RESIDENCE_EXPIRED, Ground.HAND_OVER])
def test_a_day_that_passed_shuts_at_the_gate_before_any_job_has_run(
    db: Session, now: datetime, held: Held, ground: Ground
) -> None:
    account = get_account(db, held.account.id)
    note_paper(db, account, "paper", ground, (now - timedelta(days=1)).date(), now=now)
    db.flush()
    assert left(db, held, now) == set()
    note_paper(db, account, "paper", ground, (now + timedelta(days=9)).date(), now=now)
    db.flush()
    assert left(db, held, now) == set(), "a new paper gives nothing back"
    assert told(db, now) == ["a-service"] * 2


def test_a_pause_takes_nothing(db: Session, now: datetime, held: Held) -> None:
    pause_now(db, get_account(db, held.account.id), "anybody", SYSTEM, now=now)
    db.flush()
    assert left(db, held, now) == {"session", "access", "refresh", "code"}
    assert told(db, now) == []
