"""What the token endpoint hands out, grant by grant: gate, tokens, ID token, audit, in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc.jwk import KeySet
from sqlalchemy.orm import Session

from identity.account import Standing
from identity.audit import SYSTEM, Actor, Event, event_row
from identity.oidc import grants, refresh, tokens
from identity.oidc.binding import Binding
from identity.oidc.claims import values_of
from identity.oidc.clients import Client
from identity.oidc.encryption import encrypt_for
from identity.oidc.errors import ProtocolError
from identity.oidc.grants import RESIDENT, Bought
from identity.oidc.id_token import id_token
from identity.oidc.keys import KeyRing
from identity.oidc.provider import Provider
from identity.oidc.resources import check_resource
from identity.oidc.subjects import subject_for
from identity.oidc.tokens import Terms
from identity.sealed import vault
from identity.writing import Row, write_together

SIGNED_LIFE = timedelta(minutes=5)
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counter:
    """Where tokens are handed out: this provider, with the keys of this moment."""

    provider: Provider
    keys: KeyRing


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for tokens: a client that proved itself, what its tokens are bound to, which resource they are for."""

    client: Client
    binding: Binding | None = None
    resources: tuple[str, ...] = ()
    recipient: KeySet | None = None
    """Its keys for encryption, where its ID tokens are encrypted."""


def for_code(
    db: Session, counter: Counter, caller: Caller, *, code: str, redirect_uri: str, verifier: str, now: datetime
) -> Answer:
    """Tokens for a code."""
    client, binding = caller.client, caller.binding
    bought, standing = grants.redeem_code(db, client, code, redirect_uri, verifier, binding=binding, now=now)
    answer, rows = _access(db, counter, caller, bought, bought.scope, now=now)
    if "refresh_token" in client.grant_types:
        answer["refresh_token"], row = refresh.make_first(db, client, bought, binding=binding, now=now)
        rows.append(row)
    write_together(db, *rows)
    answer["id_token"] = _id_token(db, counter, caller, bought, standing, answer["access_token"], now=now)
    return answer


def for_refresh(db: Session, counter: Counter, caller: Caller, *, token: str, scope: str, now: datetime) -> Answer:
    """Tokens for a refresh token; a narrower scope counts for the access token only (RFC 6749 section 6)."""
    client, grace = caller.client, counter.provider.lifetimes.grace
    held = refresh.get(db, client, token, binding=caller.binding, grace=grace, now=now)
    bought = held.bought
    narrowed = scope.split() or bought.scopes
    if not set(narrowed) <= set(bought.scopes):
        raise ProtocolError("invalid_scope", "The scope goes beyond what was granted", rule="RFC 6749 section 6")
    answer, rows = _access(db, counter, caller, bought, " ".join(narrowed), now=now)
    answer["refresh_token"], successor = refresh.turn(db, client, held, grace=grace, now=now)
    write_together(db, *rows, *successor)
    if "openid" in narrowed:
        answer["id_token"] = _id_token(db, counter, caller, bought, held.standing, answer["access_token"], now=now)
    return answer


def for_machine(db: Session, counter: Counter, caller: Caller, *, scope: str, now: datetime) -> Answer:
    """An access token for the client itself; without a scope it gets all that it is registered for."""
    client = caller.client
    wanted = tuple(dict.fromkeys(scope.split())) or client.scopes
    if not set(wanted) <= set(client.scopes):
        raise ProtocolError("invalid_scope", "The client is not registered for one of the scopes")
    if len(" ".join(wanted)) > tokens.LONGEST_SCOPE:  # registered before there was a limit
        words = f"A token names at most {tokens.LONGEST_SCOPE} characters of scopes: ask for some of them"
        raise ProtocolError("invalid_scope", words, rule="RFC 6749 section 3.3")
    resource = check_resource(caller.resources, client.resources)
    terms = _terms(counter, caller, " ".join(wanted), resource)
    signed = None if resource is None else _signed(counter, caller, terms, client.client_id, {}, now=now)
    token, row = tokens.make(db, client.id, terms, now=now, signed=signed)
    event = event_row(Event.TOKENS_ISSUED, SYSTEM, now=now, subject=("client", client.id), client=str(client.id))
    write_together(db, row, event)
    return _answer(token, terms)


def _access(
    db: Session, counter: Counter, caller: Caller, bought: Bought, scope: str, *, now: datetime
) -> tuple[Answer, list[Row]]:
    """An access token within the grant's life, and what is to be written with it.

    The audit event stands for what userinfo releases while the token lives, and for what the ID token says.
    """
    client, resource = caller.client, check_resource(caller.resources, bought.resources)
    terms = _terms(counter, caller, scope, resource, grant_id=bought.id, ends_in=bought.ends_at - now)
    signed = None
    if resource is not None:
        said = {"acr": bought.acr, "auth_time": int(bought.auth_time.timestamp())}
        signed = _signed(counter, caller, terms, _subject_at(db, counter, resource, bought), said, now=now)
    token, row = tokens.make(db, client.id, terms, now=now, signed=signed)
    actor, subject = Actor(bought.account_id, RESIDENT), ("account", bought.account_id)
    facts = {"client": str(client.id), "scope": scope, "items": _told(bought, scope.split())}
    event = event_row(Event.TOKENS_ISSUED, actor, now=now, subject=subject, **facts)
    return _answer(token, terms), [row, event]


def _told(bought: Bought, scopes: Sequence[str]) -> list[str]:
    """What the person agreed to of what these tokens tell; a scope may hold more than that, and single claims less."""
    in_id_token = bought.id_token_items if "openid" in scopes else ()
    return sorted({*tokens.released(bought.userinfo_items, scopes, bought.scopes), *in_id_token})


def _terms(
    counter: Counter,
    caller: Caller,
    scope: str,
    resource: str | None,
    *,
    grant_id: UUID | None = None,
    ends_in: timedelta = timedelta.max,
) -> Terms:
    lifetimes = counter.provider.lifetimes
    life = min(lifetimes.access_token, ends_in) if resource is None else min(SIGNED_LIFE, ends_in)
    return Terms(scope, life, grant_id, caller.binding, resource)


def _answer(token: str, terms: Terms) -> Answer:
    return {
        "access_token": token,
        "token_type": terms.kind,
        "expires_in": int(terms.life.total_seconds()),
        "scope": terms.scope,
    }


def _signed(counter: Counter, caller: Caller, terms: Terms, sub: str, said: Answer, *, now: datetime) -> str:
    """A JWT for a resource server (RFC 9068 section 2.2); its signature is checked there, so it lives for minutes."""
    issued = int(now.timestamp())
    claims = {
        "iss": counter.provider.issuer,
        "aud": terms.audience,
        "sub": sub,
        "client_id": caller.client.client_id,
        "iat": issued,
        "exp": issued + int(terms.life.total_seconds()),
        "jti": secrets.token_urlsafe(16),
        "scope": terms.scope,
        **said,
        **({} if terms.binding is None else {"cnf": terms.binding.cnf}),
    }
    return counter.keys.sign(claims, typ="at+jwt")


def _subject_at(db: Session, counter: Counter, resource: str, bought: Bought) -> str:
    """How the resource server knows the person: by its own name for them, where it is a client of ours."""
    server = counter.provider.clients.find(db, resource)
    return bought.sub if server is None else subject_for(db, bought.account_id, server)


def _id_token(
    db: Session,
    counter: Counter,
    caller: Caller,
    bought: Bought,
    standing: Standing,
    access_token: str,
    *,
    now: datetime,
) -> str:
    extra: dict[str, Any] = {}
    if bought.id_token_items and standing.person_id is not None:
        extra = values_of(db, vault(db), standing.person_id, bought.id_token_items, now=now)
    client = caller.client
    signed = id_token(counter.provider, counter.keys, vault(db), client, bought, access_token, extra=extra, now=now)
    return encrypt_for(client, signed, kind="id_token", keys=caller.recipient)
