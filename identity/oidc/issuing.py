"""What the token endpoint hands out, grant by grant: gate, tokens, ID token, audit, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Act, Standing, check_may
from identity.audit import SYSTEM, Actor, Event, event_row, record
from identity.base import Refused
from identity.oidc import grants, refresh, tokens
from identity.oidc.claims import values_of
from identity.oidc.clients import Client
from identity.oidc.errors import ProtocolError
from identity.oidc.grants import RESIDENT, Bought
from identity.oidc.id_token import id_token
from identity.oidc.keys import KeyRing
from identity.oidc.provider import Provider
from identity.sealed import vault
from identity.session import SignInSession
from identity.writing import Row, write_together

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counter:
    """Where tokens are handed out: this provider, with the keys of this moment."""

    provider: Provider
    keys: KeyRing


def for_code(
    db: Session, counter: Counter, client: Client, *, code: str, redirect_uri: str, verifier: str, now: datetime
) -> Answer:
    """Tokens for a code."""
    bought, standing = grants.redeem_code(db, client, code, redirect_uri, verifier, now=now)
    answer, rows = _access(db, counter, client, bought, bought.scope, now=now)
    if "refresh_token" in client.grant_types:
        answer["refresh_token"], row = refresh.make_first(db, client, bought, now=now)
        rows.append(row)
    write_together(db, *rows)
    answer["id_token"] = _id_token(db, counter, client, bought, standing, answer["access_token"], now=now)
    return answer


def for_refresh(db: Session, counter: Counter, client: Client, *, token: str, scope: str, now: datetime) -> Answer:
    """Tokens for a refresh token; a narrower scope counts for the access token only (RFC 6749 section 6)."""
    bought, successor = refresh.rotate(db, client, token, grace=counter.provider.lifetimes.grace, now=now)
    standing = _pass(db, bought, now=now)
    if not bought.is_offline and not _is_signed_in(db, bought.session_id, now=now):
        raise ProtocolError("invalid_grant", "The person has signed out")
    narrowed = scope.split() or bought.scopes
    if not set(narrowed) <= set(bought.scopes):
        raise ProtocolError("invalid_scope", "The scope goes beyond what was granted")
    answer, rows = _access(db, counter, client, bought, " ".join(narrowed), now=now)
    write_together(db, *rows)
    answer["refresh_token"] = successor
    if "openid" in narrowed:
        answer["id_token"] = _id_token(db, counter, client, bought, standing, answer["access_token"], now=now)
    return answer


def for_machine(db: Session, counter: Counter, client: Client, *, scope: str, now: datetime) -> Answer:
    """An access token for the client itself; without a scope it gets all that it is registered for."""
    wanted = tuple(dict.fromkeys(scope.split())) or client.scopes
    if not set(wanted) <= set(client.scopes):
        raise ProtocolError("invalid_scope", "The client is not registered for one of the scopes")
    life = counter.provider.lifetimes.access_token
    token = tokens.issue(db, client.id, " ".join(wanted), grant_id=None, life=life, now=now)
    record(db, Event.TOKENS_ISSUED, SYSTEM, now=now, subject=("client", client.id), client=str(client.id))
    return _bearer(token, life, " ".join(wanted))


def _pass(db: Session, bought: Bought, *, now: datetime) -> Standing:
    try:
        return check_may(db, bought.account_id, Act.REFRESH, now=now)
    except Refused:
        raise ProtocolError("invalid_grant", "The account may not be used now") from None


def _is_signed_in(db: Session, session_id: UUID, *, now: datetime) -> bool:
    row = db.execute(
        select(SignInSession.id).where(
            SignInSession.id == session_id, SignInSession.ended_at.is_(None), SignInSession.expires_at > now
        )
    ).one_or_none()
    return row is not None


def _access(
    db: Session, counter: Counter, client: Client, bought: Bought, scope: str, *, now: datetime
) -> tuple[Answer, list[Row]]:
    """An access token within the grant's life, and what is to be written with it.

    The audit event stands for what userinfo releases while the token lives.
    """
    life = min(counter.provider.lifetimes.access_token, bought.ends_at - now)
    token, row = tokens.make(db, client.id, scope, grant_id=bought.id, life=life, now=now)
    actor, subject = Actor(bought.account_id, RESIDENT), ("account", bought.account_id)
    event = event_row(Event.TOKENS_ISSUED, actor, now=now, subject=subject, client=str(client.id), scope=scope)
    return _bearer(token, life, scope), [row, event]


def _bearer(token: str, life: timedelta, scope: str) -> Answer:
    return {
        "access_token": token,
        "token_type": tokens.BEARER,
        "expires_in": int(life.total_seconds()),
        "scope": scope,
    }


def _id_token(
    db: Session,
    counter: Counter,
    client: Client,
    bought: Bought,
    standing: Standing,
    access_token: str,
    *,
    now: datetime,
) -> str:
    extra: dict[str, Any] = {}
    if bought.id_token_items and standing.person_id is not None:
        extra = values_of(db, vault(db), standing.person_id, bought.id_token_items, now=now)
    return id_token(counter.provider, counter.keys, vault(db), client, bought, access_token, extra=extra, now=now)
