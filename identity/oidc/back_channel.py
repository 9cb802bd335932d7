"""Telling services that a session is over (OpenID Connect Back-Channel Logout 1.0).

Whatever ends a session (signing out here or at a service, from afar, everywhere, a lock of any ground, death, a new
password) queues one message for each service that the session has met, in the same transaction. A session that merely
runs out tells nobody: the person has not left, and the services keep sessions of their own (section 2: logout is an
act). `identity.oidc.grants` hooks `tell` to the end of sessions. The token is signed when it is sent, because it lives
for two minutes and a message may wait for hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.oidc.clients import RelyingParty
from identity.oidc.meetings import ClientSession
from identity.outbox import Channel, Lane, post

KIND = "logout"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPE = "logout+jwt"
TOKEN_LIFE = timedelta(minutes=2)
"""The most that section 2.4 recommends."""
TRIED_FOR = timedelta(days=2)
"""For how long a service that does not answer is tried."""
TAKEN = frozenset({200, 204})
"""204 is not in section 2.8, but frameworks send it for an empty answer and it says to accept it."""
DECLINED = 400
"""The service refused the token itself; the same again would be refused again (section 2.8)."""


def tell(db: Session, session_id: UUID, *, now: datetime) -> int:
    """Queue a message to each service that this session met and that listens; returns how many."""
    query = (
        select(ClientSession, RelyingParty)
        .join(RelyingParty, RelyingParty.id == ClientSession.client_id)
        .where(ClientSession.session_id == session_id, RelyingParty.closed_at.is_(None))
    )
    listening = [(met, client) for met, client in db.execute(query).all() if _address(client)]
    for met, client in listening:
        _post(db, met, client, now=now)
    return len(listening)


def logout_claims(issuer: str, message: UUID, attempt: int, facts: Mapping[str, Any], *, now: datetime) -> Any:
    """The claims of a logout token (section 2.4). Each attempt is a token of its own, so its `jti` is too."""
    issued = int(now.timestamp())
    return {
        "iss": issuer,
        "aud": facts["aud"],
        "iat": issued,
        "exp": issued + int(TOKEN_LIFE.total_seconds()),
        "jti": f"{message}.{attempt}",
        "events": {EVENT: {}},
        "sub": facts["sub"],
        "sid": facts["sid"],
    }


def _post(db: Session, met: ClientSession, client: RelyingParty, *, now: datetime) -> None:
    post(
        db,
        Channel.BACK_CHANNEL,
        KIND,
        _address(client),
        now=now,
        recipient=client.id,
        lane=Lane.LOGOUT,
        expires_at=now + TRIED_FOR,
        aud=client.client_id,
        alg=client.details.get("id_token_signed_response_alg"),
        sub=met.sub,
        sid=met.sid,
    )


def _address(client: RelyingParty) -> str:
    return str(client.details.get("backchannel_logout_uri") or "")
