"""A service that a session has met is told once when the session ends, whatever ends it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import outbox
from identity.account import Ground
from identity.audit import SYSTEM
from identity.locks import close, lock
from identity.oidc import grants
from identity.oidc.back_channel import EVENT, TOKEN_LIFE, logout_claims, tell
from identity.oidc.clients import RelyingParty
from identity.oidc.errors import ProtocolError
from identity.oidc.meetings import ClientSession, met_by
from identity.oidc.provider import Lifetimes
from identity.oidc.subjects import sid_for, subject_for
from identity.outbox import Lane, Leased, OutboxMessage
from identity.sealed import vault
from identity.session import SESSION_LOSSES, end_all_sessions, end_session
from tests.identity.oidc.making import CALLBACK, VERIFIER, a_resident, a_service, asking, signed_in, visitor_of

LISTENS = {"backchannel_logout_uri": "https://service.example/bye"}


def met(db: Session, account: Any, *clients: Any, now: datetime) -> Any:
    """A session that has been to these services."""
    opened = signed_in(db, account, now=now)
    for client in clients:
        visit(db, account, client, opened, now=now)
    return opened.session_id


def visit(db: Session, account: Any, client: Any, opened: Any, *, now: datetime, **asked: str) -> str:
    request = asking(client, client_id=client.client_id, **asked)
    return grants.give_code(
        db,
        request,
        visitor_of(account, opened, now=now),
        sub=subject_for(db, account.id, client),
        given=request.items,
        lifetimes=Lifetimes(),
        now=now,
    )


def told(db: Session, now: datetime) -> list[Leased]:
    return outbox.lease(db, Lane.LOGOUT, now=now)


def test_the_hook_stands() -> None:
    assert tell in SESSION_LOSSES


def test_a_service_is_told_who_left_and_which_session_in_its_own_words(db: Session, now: datetime) -> None:
    account, client = a_resident(db, now=now), a_service(db, now=now, **LISTENS)
    session = met(db, account, client, now=now)
    end_session(db, account.id, session, now=now)
    [message] = told(db, now)
    assert message.address == "https://service.example/bye"
    assert message.facts["aud"] == "a-service"
    assert message.facts["sub"] == subject_for(db, account.id, client) != str(account.id)
    assert message.facts["sid"] == sid_for(vault(db), session, client) != str(session)


def test_meeting_twice_is_one_meeting_and_one_message(db: Session, now: datetime) -> None:
    account, client = a_resident(db, now=now), a_service(db, now=now, **LISTENS)
    opened = signed_in(db, account, now=now)
    for minutes in (0, 5):
        visit(db, account, client, opened, now=now + timedelta(minutes=minutes))
    assert db.scalars(select(ClientSession.first_at)).all() == [now]
    end_all_sessions(db, account.id, now=now)
    assert len(told(db, now)) == 1


def test_one_message_for_each_session_and_service(db: Session, now: datetime) -> None:
    account = a_resident(db, now=now)
    one = a_service(db, now=now, **LISTENS)
    other = a_service(db, now=now, client_id="another", backchannel_logout_uri="https://other.example/bye")
    silent = a_service(db, now=now, client_id="silent")
    met(db, account, one, other, silent, now=now)
    met(db, account, one, now=now)
    end_all_sessions(db, account.id, now=now)
    messages = told(db, now)
    assert sorted(message.facts["aud"] for message in messages) == ["a-service", "a-service", "another"]
    assert len({message.facts["sid"] for message in messages}) == 3
    end_all_sessions(db, account.id, now=now)
    assert told(db, now) == []


def test_who_stays_signed_in_here_is_not_signed_out_there(db: Session, now: datetime) -> None:
    account, client = a_resident(db, now=now), a_service(db, now=now, **LISTENS)
    here, there = met(db, account, client, now=now), met(db, account, client, now=now)
    end_all_sessions(db, account.id, now=now, but=here)
    assert [message.facts["sid"] for message in told(db, now)] == [sid_for(vault(db), there, client)]


def test_another_persons_session_is_left_alone(db: Session, now: datetime) -> None:
    mine, other = a_resident(db, now=now), a_resident(db, now=now, login="001158012346")
    client = a_service(db, now=now, **LISTENS)
    met(db, other, client, now=now)
    end_all_sessions(db, mine.id, now=now)
    assert told(db, now) == []


@pytest.mark.parametrize("ground", list(Ground))
def test_a_lock_of_any_ground_tells_every_service(db: Session, now: datetime, ground: Ground) -> None:
    account, client = a_resident(db, now=now), a_service(db, now=now, **LISTENS)
    met(db, account, client, now=now)
    met(db, account, client, now=now)
    lock(db, account, ground, "a source", SYSTEM, now=now)
    assert len(told(db, now)) == 2


def test_death_tells_every_service(db: Session, now: datetime) -> None:
    account, client = a_resident(db, now=now), a_service(db, now=now, **LISTENS)
    met(db, account, client, now=now)
    close(db, account, SYSTEM, now=now)
    assert len(told(db, now)) == 1


def test_a_service_that_was_closed_meanwhile_is_not_called(db: Session, now: datetime) -> None:
    account, client = a_resident(db, now=now), a_service(db, now=now, **LISTENS)
    session = met(db, account, client, now=now)
    db.get_one(RelyingParty, client.id).closed_at = now
    db.flush()
    end_session(db, account.id, session, now=now)
    assert told(db, now) == []


def test_nothing_is_said_when_the_end_is_rolled_back(db: Session, now: datetime) -> None:
    account, client = a_resident(db, now=now), a_service(db, now=now, **LISTENS)
    session = met(db, account, client, now=now)
    db.commit()
    end_session(db, account.id, session, now=now)
    db.rollback()
    assert told(db, now) == []


def test_the_operator_sees_whom_a_message_is_for_without_opening_it(db: Session, now: datetime) -> None:
    account, client = a_resident(db, now=now), a_service(db, now=now, **LISTENS)
    end_session(db, account.id, met(db, account, client, now=now), now=now)
    row = db.scalars(select(OutboxMessage)).one()
    assert row.recipient_id == client.id
    assert subject_for(db, account.id, client).encode() not in (row.payload_sealed or b"")


def test_the_claims_are_those_of_a_logout_token_and_none_of_an_id_token(now: datetime) -> None:
    message, facts = uuid4(), {"aud": "a-service", "sub": "s", "sid": "n"}
    claims = logout_claims("https://issuer.example", message, 1, facts, now=now)
    assert claims["events"] == {EVENT: {}}
    assert (claims["iss"], claims["aud"], claims["sub"], claims["sid"]) == (
        "https://issuer.example",
        "a-service",
        "s",
        "n",
    )
    assert 0 < claims["exp"] - claims["iat"] <= TOKEN_LIFE.total_seconds() <= 120
    assert "nonce" not in claims
    again = logout_claims("https://issuer.example", message, 2, facts, now=now)
    assert again["jti"] != claims["jti"]


def test_a_person_sees_which_services_a_session_has_met(db: Session, now: datetime) -> None:
    account = a_resident(db, now=now)
    one, other = a_service(db, now=now), a_service(db, now=now, client_id="another", name={"vi": "Khác"})
    session = met(db, account, one, now=now)
    later = signed_in(db, account, now=now)
    visit(db, account, other, later, now=now + timedelta(hours=1))
    found = met_by(db, [session, later.session_id])
    assert [row.name["vi"] for row in found[later.session_id]] == ["Khác"]
    assert [row.id for row in found[session]] == [one.id]


@pytest.mark.parametrize("scope", ["openid", "openid offline_access"])
def test_a_code_that_comes_after_the_end_of_its_session_buys_nothing(db: Session, now: datetime, scope: str) -> None:
    account, client = a_resident(db, now=now), a_service(db, now=now, **LISTENS)
    opened = signed_in(db, account, now=now)
    end_session(db, account.id, opened.session_id, now=now)
    code = visit(db, account, client, opened, now=now, scope=scope)
    with pytest.raises(ProtocolError, match="invalid_grant"):
        grants.redeem_code(db, client, code, CALLBACK, VERIFIER, binding=None, now=now)
