"""Revocation (RFC 7009) and introspection (RFC 7662). A client sees and ends its own tokens only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from identity.account import Act, check_may
from identity.audit import SYSTEM, Event, record
from identity.base import Refused
from identity.oidc import grants, refresh, tokens
from identity.oidc.clients import Client
from identity.oidc.provider import Provider

Description = dict[str, Any]
INACTIVE: Description = {"active": False}


def revoke(db: Session, client: Client, token: str, *, now: datetime) -> None:
    """End the token; a refresh token ends its whole family. An unknown token is as good as revoked."""
    done = tokens.revoke(db, client.id, token, now=now)
    if not done:
        row = refresh.find(db, client.id, token)
        done = row is not None and grants.revoke_grant(db, row.grant_id, now=now)
    if done:
        record(db, Event.TOKEN_REVOKED, SYSTEM, now=now, subject=("client", client.id), client=str(client.id))


def describe(db: Session, provider: Provider, client: Client, token: str, *, now: datetime) -> Description:
    """What a token of this client stands for, or that it stands for nothing."""
    live = tokens.find_live(db, token, Act.USERINFO, now=now)
    if live is None:
        return _describe_refresh(db, provider, client, token, now=now)
    if live.client_id != client.id:
        return INACTIVE
    return _described(
        provider,
        client,
        tokens.BEARER,
        scope=" ".join(live.scopes),
        iat=live.issued_at,
        exp=live.expires_at,
        sub=live.sub,
    )


def _describe_refresh(db: Session, provider: Provider, client: Client, token: str, *, now: datetime) -> Description:
    row = refresh.find(db, client.id, token)
    bought = grants.find_grant(db, row.grant_id) if row and row.used_at is None and row.expires_at > now else None
    if row is None or bought is None:
        return INACTIVE
    try:
        check_may(db, bought.account_id, Act.REFRESH, now=now)
    except Refused:
        return INACTIVE
    return _described(
        provider, client, "refresh_token", scope=bought.scope, iat=row.issued_at, exp=row.expires_at, sub=bought.sub
    )


def _described(
    provider: Provider, client: Client, kind: str, *, scope: str, iat: datetime, exp: datetime, sub: str | None
) -> Description:
    return {
        "active": True,
        "iss": provider.issuer,
        "client_id": client.client_id,
        "aud": client.client_id,
        "token_type": kind,
        "scope": scope,
        "iat": int(iat.timestamp()),
        "exp": int(exp.timestamp()),
        **({"sub": sub} if sub else {}),
    }
