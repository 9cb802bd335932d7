"""Revocation (RFC 7009) and introspection (RFC 7662, RFC 9701). A client ends its own tokens only.

It sees those and the ones that are meant for it: a resource server is a client under its own address (RFC 8707).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from identity.account import Act
from identity.audit import SYSTEM, Event, record
from identity.oidc import grants, refresh, tokens
from identity.oidc.clients import Client
from identity.oidc.keys import USUAL, KeyRing
from identity.oidc.provider import Provider
from identity.oidc.subjects import subject_for

Description = dict[str, Any]
INACTIVE: Description = {"active": False}


def revoke(db: Session, client: Client, token: str, *, now: datetime) -> None:
    """End the token; a refresh token ends its whole family. An unknown token is as good as revoked.

    So is a token of another client: the answer tells nothing about it, and it goes on (RFC 7009 section 2.1).
    """
    done = tokens.revoke(db, client.id, token, now=now)
    if not done:
        held = refresh.find(db, client, token, now=now)
        done = held is not None and grants.revoke_grant(db, held.bought.id, now=now)
    if done:
        record(db, Event.TOKEN_REVOKED, SYSTEM, now=now, subject=("client", client.id), client=str(client.id))


def describe(
    db: Session, provider: Provider, keys: KeyRing, client: Client, token: str, *, hint: str = "", now: datetime
) -> Description:
    """What a token stands for, if it is this client's own or meant for it, or that it stands for nothing.

    Other tokens are as unknown as none (RFC 7662 section 4): nobody can go fishing here. A signed one stands for
    nothing once its key is withdrawn: nobody who checks signatures takes it either.
    """
    ways = (_describe_access, _describe_refresh)
    if token.count(".") == 2 and not keys.knows(token):
        return INACTIVE
    for way in reversed(ways) if hint == "refresh_token" else ways:
        found = way(db, provider, client, token, now=now)
        if found is not None:
            return found
    return INACTIVE


def signed(provider: Provider, keys: KeyRing, client: Client, description: Description, *, now: datetime) -> str:
    """The answer as a JWT that stands for itself later on (RFC 9701 section 5)."""
    claims = {
        "iss": provider.issuer,
        "aud": client.client_id,
        "iat": int(now.timestamp()),
        "token_introspection": description,
    }
    return keys.sign(claims, alg=client.introspection_signed_response_alg or USUAL, typ="token-introspection+jwt")


def _describe_access(
    db: Session, provider: Provider, client: Client, token: str, *, now: datetime
) -> Description | None:
    live = tokens.find_live(db, token, Act.USERINFO, now=now)
    if live is None:
        return None
    terms, is_own = live.terms, live.client_id == client.id
    if not is_own and terms.audience != client.client_id:
        return INACTIVE
    sub = live.sub if is_own or live.account_id is None else subject_for(db, live.account_id, client)
    return {
        "active": True,
        "iss": provider.issuer,
        "client_id": live.client,
        "aud": terms.audience or provider.issuer,
        "token_type": terms.kind,
        "scope": terms.scope,
        "iat": int(live.issued_at.timestamp()),
        "exp": int(live.expires_at.timestamp()),
        "sub": sub or live.client,
        **({} if terms.binding is None else {"cnf": terms.binding.cnf}),
    }


def _describe_refresh(
    db: Session, provider: Provider, client: Client, token: str, *, now: datetime
) -> Description | None:
    held = refresh.find(db, client, token, now=now)
    if held is None or held.used_at is not None or not (held.bought.is_offline or held.is_signed_in):
        return None
    return {
        "active": True,
        "iss": provider.issuer,
        "client_id": client.client_id,
        "aud": provider.issuer,
        "token_type": "refresh_token",
        "scope": held.bought.scope,
        "iat": int(held.issued_at.timestamp()),
        "exp": int(held.expires_at.timestamp()),
        "sub": held.bought.sub,
        **({} if held.binding is None else {"cnf": held.binding.cnf}),
    }
