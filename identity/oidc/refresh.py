"""Refresh tokens of `standard` clients: rotated in families, reuse kills the family (RFC 9700 section 4.14.2).

A successor is derived from a server key and the token that was presented, so an honest retry within the grace window
gets the same one although only digests are stored, and nobody but the holder of the old token can get it.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, Table, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, new_id
from identity.oidc.clients import Client
from identity.oidc.errors import ProtocolError
from identity.oidc.grants import RESIDENT, Bought, find_grant, revoke_grant
from identity.sealed import vault
from identity.writing import Row, write_together

TOKEN_BYTES = 32


class RefreshToken(Keyed, Base):
    """One generation of a family; the family is the grant."""

    __tablename__ = "refresh_token"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    grant_id: Mapped[UUID] = mapped_column(ForeignKey("oidc_grant.id"), index=True)
    client_id: Mapped[UUID]
    generation: Mapped[int]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


def make_first(db: Session, client: Client, bought: Bought, *, now: datetime) -> tuple[str, Row]:
    """The first token of a family, and its row for the caller to write; all its successors end with the grant."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return token, _row(db, client, token, bought.id, 1, expires_at=bought.ends_at, now=now)


def rotate(db: Session, client: Client, token: str, *, grace: timedelta, now: datetime) -> tuple[Bought, str]:
    """The grant and the next token. `ProtocolError` invalid_grant; a reuse has then killed the family."""
    row = db.execute(
        update(RefreshToken)
        .where(RefreshToken.digest == _digest(db, token), RefreshToken.client_id == client.id)
        .where(RefreshToken.used_at.is_(None), RefreshToken.expires_at > now)
        .values(used_at=now)
        .returning(RefreshToken.grant_id, RefreshToken.generation, RefreshToken.expires_at)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        return _retry(db, client, token, grace=grace, now=now)
    bought = _grant_of(db, row)
    successor = _successor(db, token, row)
    write_together(
        db, _row(db, client, successor, row.grant_id, row.generation + 1, expires_at=row.expires_at, now=now)
    )
    return bought, successor


def _retry(db: Session, client: Client, token: str, *, grace: timedelta, now: datetime) -> tuple[Bought, str]:
    """A used token once more: an honest retry while the window is open and its successor untouched, else a theft."""
    row = find(db, client.id, token)
    if row is None or row.used_at is None:
        raise _refusal()
    bought, successor = _grant_of(db, row), _successor(db, token, row)
    following = find(db, client.id, successor)
    if following is None or following.used_at is not None or now - row.used_at > grace:
        _kill_family(db, client, bought, now=now)
        raise _refusal()
    return bought, successor


def find(db: Session, client_id: UUID, token: str) -> Any | None:
    """The row of this client's token, used or not."""
    table = RefreshToken.__table__
    return db.execute(
        select(table).where(table.c.digest == _digest(db, token), table.c.client_id == client_id)
    ).one_or_none()


def _grant_of(db: Session, row: Any) -> Bought:
    bought = find_grant(db, row.grant_id)
    if bought is None:
        raise _refusal()
    return bought


def _kill_family(db: Session, client: Client, bought: Bought, *, now: datetime) -> None:
    revoke_grant(db, bought.id, now=now)
    subject = ("account", bought.account_id)
    actor = Actor(bought.account_id, RESIDENT)
    record(db, Event.REFRESH_REUSED, actor, now=now, subject=subject, client=str(client.id))


def _refusal() -> ProtocolError:
    return ProtocolError("invalid_grant", "The refresh token is unknown, expired, revoked or used before")


def _successor(db: Session, token: str, row: Any) -> str:
    derived = vault(db).derive("refresh", token.encode(), row.grant_id.bytes, row.generation.to_bytes(4, "big"))
    return base64.urlsafe_b64encode(derived).decode().rstrip("=")


def _row(
    db: Session, client: Client, token: str, grant_id: UUID, generation: int, *, expires_at: datetime, now: datetime
) -> Row:
    return _TABLE, {
        "id": new_id(),
        "digest": _digest(db, token),
        "grant_id": grant_id,
        "client_id": client.id,
        "generation": generation,
        "issued_at": now,
        "expires_at": expires_at,
    }


def _digest(db: Session, token: str) -> bytes:
    return vault(db).digest("refresh-token", token)


_TABLE = cast(Table, RefreshToken.__table__)
