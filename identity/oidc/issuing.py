"""What the token endpoint hands out, grant by grant: gate, tokens, ID token, audit, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Act, Standing, check_may
from identity.audit import SYSTEM, Actor, Event, record
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
    bought = grants.redeem_code(db, client, code, redirect_uri, verifier, now=now)
    standing = _pass(db, bought, Act.TOKEN, now=now)
    answer = _access(db, counter, client, bought, bought.scope, now=now)
    if "refresh_token" in client.grant_types:
        answer["refresh_token"] = refresh.first(db, client, bought, now=now)
    answer["id_token"] = _id_token(db, counter, client, bought, standing, answer["access_token"], now=now)
    return answer


def for_refresh(db: Session, counter: Counter, client: Client, *, token: str, scope: str, now: datetime) -> Answer:
    """Tokens for a refresh token; a narrower scope counts for the access token only (RFC 6749 section 6)."""
    bought, successor = refresh.rotate(db, client, token, grace=counter.provider.lifetimes.grace, now=now)
    standing = _pass(db, bought, Act.REFRESH, now=now)
    if not bought.is_offline and not _is_signed_in(db, bought.session_id, now=now):
        raise ProtocolError("invalid_grant", "The person has signed out")
    narrowed = scope.split() or bought.scopes
    if not set(narrowed) <= set(bought.scopes):
        raise ProtocolError("invalid_scope", "The scope goes beyond what was granted")
    answer = _access(db, counter, client, bought, " ".join(narrowed), now=now)
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


def _pass(db: Session, bought: Bought, act: Act, *, now: datetime) -> Standing:
    try:
        return check_may(db, bought.account_id, act, now=now)
    except Refused:
        raise ProtocolError("invalid_grant", "The account may not be used now") from None


def _is_signed_in(db: Session, session_id: UUID, *, now: datetime) -> bool:
    row = db.execute(
        select(SignInSession.id).where(
            SignInSession.id == session_id, SignInSession.ended_at.is_(None), SignInSession.expires_at > now
        )
    ).one_or_none()
    return row is not None


def _access(db: Session, counter: Counter, client: Client, bought: Bought, scope: str, *, now: datetime) -> Answer:
    """An access token within the grant's life. The audit event stands for what userinfo releases while it lives."""
    life = min(counter.provider.lifetimes.access_token, bought.ends_at - now)
    token = tokens.issue(db, client.id, scope, grant_id=bought.id, life=life, now=now)
    record(
        db,
        Event.TOKENS_ISSUED,
        Actor(bought.account_id, RESIDENT),
        now=now,
        subject=("account", bought.account_id),
        client=str(client.id),
        scope=scope,
    )
    return _bearer(token, life, scope)


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
