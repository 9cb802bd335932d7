"""Access tokens: references for our own endpoints, signed ones for resource servers; of both a keyed digest is kept.

Why references: every endpoint of ours asks the account gate anyway, so a JWT would save no look-up; a reference can be
revoked at once, tells its holder nothing, and one insert costs less than a signature. A registered resource server
(RFC 8707) cannot look into our database: it gets a JWT (RFC 9068) that lives for minutes. Since its digest is kept like
that of a reference, introspection and revocation need not know the difference.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Table, Text, bindparam, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.account import Account, Act, judge, standing_columns
from identity.base import Base, Refused, UTC_DateTime
from identity.oidc import binding
from identity.oidc.binding import DPOP, Binding
from identity.oidc.claims import ITEMS
from identity.oidc.clients import RelyingParty
from identity.oidc.dpop import SCHEME
from identity.oidc.grants import Grant
from identity.sealed import vault
from identity.statements import Look
from identity.vault import Vault
from identity.writing import Row

TOKEN_BYTES = 32
BEARER = "Bearer"
LONGEST_SCOPE = 500
"""In signs, all scopes of a token together."""


class AccessToken(Base):
    """One access token. `grant_id` is none for a machine's."""

    __tablename__ = "access_token"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    grant_id: Mapped[UUID | None] = mapped_column(ForeignKey("oidc_grant.id"), index=True)
    client_id: Mapped[UUID]
    scope: Mapped[str] = mapped_column(String(LONGEST_SCOPE))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    binding: Mapped[str | None] = mapped_column(String(60))
    """`identity.oidc.binding`; none for a bearer token."""
    audience: Mapped[str | None] = mapped_column(Text)
    """The resource server it is for; none for our own endpoints."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an access token is good for."""

    scope: str
    life: timedelta
    grant_id: UUID | None = None
    binding: Binding | None = None
    audience: str | None = None

    @property
    def kind(self) -> str:
        """The token_type of the answer (RFC 9449 section 5): certificates bind bearer tokens, proofs have their own."""
        return SCHEME if self.binding is not None and self.binding.kind == DPOP else BEARER


@dataclass(frozen=True, slots=True)
class Live:
    """A token that counts: not expired, not revoked, its account let through by the gate."""

    client_id: UUID
    client: str
    """The same as its `client_id` says it."""
    terms: Terms
    scopes: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    account_id: UUID | None = None
    person_id: UUID | None = None
    sub: str | None = None
    items: tuple[str, ...] = ()


def make(db: Session, client_id: UUID, terms: Terms, *, now: datetime, signed: str | None = None) -> tuple[str, Row]:
    """A new access token of 256 random bits, unless a `signed` one is given, and its row for the caller to write."""
    token = signed or secrets.token_urlsafe(TOKEN_BYTES)
    row = {
        "digest": _digest(db, token),
        "grant_id": terms.grant_id,
        "client_id": client_id,
        "scope": terms.scope,
        "issued_at": now,
        "expires_at": now + terms.life,
        "binding": None if terms.binding is None else terms.binding.stored,
        "audience": terms.audience,
    }
    return token, (_TOKEN, row)


def find_live(db: Session, token: str, act: Act, *, now: datetime) -> Live | None:
    """The live token, its grant, its account's standing: one statement."""
    row = _FIND_LIVE.one(db, digest=_digest(db, token), now=now)
    return None if row is None else _live(vault(db), row, act, now)


def _live(keys: Vault, row: Any, act: Act, now: datetime) -> Live | None:
    scopes = tuple(row.scope.split())
    bound = binding.restored(row.binding)
    terms = Terms(row.scope, row.expires_at - row.issued_at, row.grant_id, bound, row.audience)
    machine = Live(row.client_id, row.client, terms, scopes, row.issued_at, row.expires_at)
    if row.grant_id is None:
        return machine
    try:
        standing = judge(keys, row, act, now=now)
    except Refused:
        return None
    return replace(
        machine,
        account_id=standing.account_id,
        person_id=standing.person_id,
        sub=row.sub,
        items=released(row.userinfo_items, scopes, row.granted_scope.split()),
    )


def released(items: Sequence[str], scopes: Sequence[str], granted: Sequence[str]) -> tuple[str, ...]:
    """A token that was narrowed at refresh releases no item of a scope that it lost."""
    lost = set(granted) - set(scopes)
    return tuple(item for item in items if ITEMS[item].scope not in lost)


def revoke(db: Session, client_id: UUID, token: str, *, now: datetime) -> bool:
    """Revoke this client's access token; False if it has no such token."""
    done = db.execute(
        update(AccessToken)
        .where(AccessToken.digest == _digest(db, token), AccessToken.client_id == client_id)
        .where(AccessToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(AccessToken.client_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return done is not None


def _digest(db: Session, token: str) -> bytes:
    return vault(db).digest("access-token", token)


_TOKEN = cast(Table, AccessToken.__table__)
_GRANT = cast(Table, Grant.__table__)
_PARTY = cast(Table, RelyingParty.__table__)
_ACCOUNT = cast(Table, Account.__table__)
_NOW: Any = bindparam("now", type_=UTC_DateTime())
# Built once: this statement is run for every userinfo, and building it costs as much as running it.
_FIND_LIVE = Look(
    select(
        _TOKEN.c.client_id,
        _TOKEN.c.scope,
        _TOKEN.c.issued_at,
        _TOKEN.c.expires_at,
        _TOKEN.c.grant_id,
        _TOKEN.c.binding,
        _TOKEN.c.audience,
        _PARTY.c.client_id.label("client"),
        _GRANT.c.sub,
        _GRANT.c.userinfo_items,
        _GRANT.c.scope.label("granted_scope"),
        *standing_columns(),
    )
    .select_from(_TOKEN)
    .join(_PARTY, _PARTY.c.id == _TOKEN.c.client_id)
    .outerjoin(_GRANT, _GRANT.c.id == _TOKEN.c.grant_id)
    .outerjoin(_ACCOUNT, _ACCOUNT.c.id == _GRANT.c.account_id)
    .where(_TOKEN.c.digest == bindparam("digest"))
    .where(_TOKEN.c.revoked_at.is_(None), _TOKEN.c.expires_at > _NOW, _PARTY.c.closed_at.is_(None))
    .where(or_(_TOKEN.c.grant_id.is_(None), _GRANT.c.revoked_at.is_(None)))
)
