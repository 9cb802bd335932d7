"""Refresh tokens, held by the client's own authentication; a public client has none, so its key has to come with them.

`fapi2`: never rotated (FAPI 2.0 section 5.3.2.1). `standard`: rotated in families, reuse kills the family (RFC 9700
section 4.14.2). All of them end with their grant. A confidential client may come with a new DPoP key or certificate:
RFC 9449 section 5 wants it so, that keys can change, and the official suite does it.

A successor is derived from a server key and the token that was presented, so an honest retry within the grace window
gets the same one although only digests are stored, and nobody but the holder of the old token can get it.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Table, Uuid, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.account import Account, Act, Standing, judge, standing_columns
from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused, UTC_DateTime, new_id
from identity.oidc.binding import Binding, restored
from identity.oidc.clients import Client
from identity.oidc.errors import ProtocolError
from identity.oidc.grants import COLUMNS, RESIDENT, Bought, Grant, bought_of, revoke_grant
from identity.oidc.profiles import PUBLIC
from identity.sealed import vault
from identity.session import SignInSession
from identity.statements import Look, Prepared
from identity.writing import Row

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
    binding: Mapped[str | None] = mapped_column(String(60))
    """The key of a public client, which has to come with it (RFC 9449 section 5); others prove themselves anyway."""


@dataclass(frozen=True, slots=True)
class Held:
    """A refresh token of a grant that stands, of an account that the gate lets pass."""

    id: UUID
    token: str
    generation: int
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None
    binding: Binding | None
    is_signed_in: bool
    """Whether the session in which it was granted goes on."""
    bought: Bought
    standing: Standing


def make_first(
    db: Session, client: Client, bought: Bought, *, binding: Binding | None = None, now: datetime
) -> tuple[str, Row]:
    """The first token of a family, and its row for the caller to write; all its successors end with the grant."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    bound = binding if client.auth_method == PUBLIC else None
    return token, _row(db, client, token, bought.id, 1, bound, expires_at=bought.ends_at, now=now)


def find(db: Session, client: Client, token: str, *, now: datetime) -> Held | None:
    """This client's token, used or not, its grant and its account's standing: one statement. None where it is over."""
    row = _FIND.one(db, digest=_digest(db, token), client=client.id, now=now)
    if row is None:
        return None
    try:
        standing = judge(vault(db), row, Act.REFRESH, now=now)
    except Refused:
        return None
    bound = restored(row.token_binding)
    return Held(
        row.token_id,
        token,
        row.generation,
        row.issued_at,
        row.expires_at,
        row.used_at,
        bound,
        row.session is not None,
        bought_of(row),
        standing,
    )


def get(db: Session, client: Client, token: str, *, binding: Binding | None, grace: timedelta, now: datetime) -> Held:
    """The token that was presented. `ProtocolError` invalid_grant; a reuse has then killed the family."""
    held = find(db, client, token, now=now)
    if held is None:
        raise _refusal()
    if held.binding is not None and held.binding != binding:
        raise ProtocolError("invalid_grant", "The refresh token is bound to another key", rule="RFC 9449 section 5")
    if held.used_at is not None:
        _check_retry(db, client, held, grace=grace, now=now)
    if not held.bought.is_offline and not held.is_signed_in:
        raise ProtocolError("invalid_grant", "The person has signed out")
    return held


def turn(db: Session, client: Client, held: Held, *, grace: timedelta, now: datetime) -> tuple[str, list[Row]]:
    """The token to answer with, and what is to be written with it. One of many callers at once makes the successor."""
    if not client.rules.rotate_refresh:
        return held.token, []
    successor = _successor(db, held)
    if held.used_at is not None:
        return successor, []
    if _USE.one(db, token=held.id, now=now) is None:
        again = get(db, client, held.token, binding=held.binding, grace=grace, now=now)
        return _successor(db, again), []
    return successor, [
        _row(
            db,
            client,
            successor,
            held.bought.id,
            held.generation + 1,
            held.binding,
            expires_at=held.expires_at,
            now=now,
        )
    ]


def _check_retry(db: Session, client: Client, held: Held, *, grace: timedelta, now: datetime) -> None:
    """A used token once more: an honest retry while the window is open and its successor untouched, else a theft."""
    following = find(db, client, _successor(db, held), now=now)
    if following is None or following.used_at is not None or held.used_at is None or now - held.used_at > grace:
        _kill_family(db, client, held.bought, now=now)
        raise _refusal()


def _kill_family(db: Session, client: Client, bought: Bought, *, now: datetime) -> None:
    revoke_grant(db, bought.id, now=now)
    subject = ("account", bought.account_id)
    actor = Actor(bought.account_id, RESIDENT)
    record(db, Event.REFRESH_REUSED, actor, now=now, subject=subject, client=str(client.id))


def _refusal() -> ProtocolError:
    return ProtocolError("invalid_grant", "The refresh token is unknown, expired, revoked or used before")


def _successor(db: Session, held: Held) -> str:
    grant, generation = held.bought.id.bytes, held.generation.to_bytes(4, "big")
    derived = vault(db).derive("refresh", held.token.encode(), grant, generation)
    return base64.urlsafe_b64encode(derived).decode().rstrip("=")


def _row(
    db: Session,
    client: Client,
    token: str,
    grant_id: UUID,
    generation: int,
    binding: Binding | None,
    *,
    expires_at: datetime,
    now: datetime,
) -> Row:
    return _TABLE, {
        "id": new_id(),
        "digest": _digest(db, token),
        "grant_id": grant_id,
        "client_id": client.id,
        "generation": generation,
        "issued_at": now,
        "expires_at": expires_at,
        "binding": None if binding is None else binding.stored,
    }


def _digest(db: Session, token: str) -> bytes:
    return vault(db).digest("refresh-token", token)


_TABLE, _GRANT = cast(Table, RefreshToken.__table__), cast(Table, Grant.__table__)
_ACCOUNT, _SESSION = cast(Table, Account.__table__), cast(Table, SignInSession.__table__)
_NOW: Any = bindparam("now", type_=UTC_DateTime())
# Built once, as everything on the way from a token to the next: token, grant, gate and session in one statement.
_FIND = Look(
    select(
        _TABLE.c.id.label("token_id"),
        _TABLE.c.binding.label("token_binding"),
        *(_TABLE.c[name] for name in ("generation", "issued_at", "expires_at", "used_at")),
        *(column for column in COLUMNS if column.name != "account_id"),
        *standing_columns(),
        select(_SESSION.c.id)
        .where(_SESSION.c.id == _GRANT.c.session_id, _SESSION.c.ended_at.is_(None), _SESSION.c.expires_at > _NOW)
        .correlate(_GRANT)
        .scalar_subquery()
        .label("session"),
    )
    .select_from(_TABLE)
    .join(_GRANT, _GRANT.c.id == _TABLE.c.grant_id)
    .join(_ACCOUNT, _ACCOUNT.c.id == _GRANT.c.account_id)
    .where(_TABLE.c.digest == bindparam("digest"), _TABLE.c.client_id == bindparam("client", type_=Uuid()))
    .where(_TABLE.c.expires_at > _NOW, _GRANT.c.revoked_at.is_(None))
)
_USE = Prepared(
    _TABLE.update()
    .where(_TABLE.c.id == bindparam("token", type_=Uuid()), _TABLE.c.used_at.is_(None))
    .values(used_at=_NOW)
    .returning(_TABLE.c.id)
)
