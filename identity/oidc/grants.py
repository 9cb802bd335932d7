"""A grant: what one authorization bought. It begins as a code and holds every token that came of it.

The code is redeemed by one conditional statement (architecture, invariant 2). A second use of it revokes the grant and
with it all that the first use bought (RFC 6749 section 4.1.2, RFC 9700 section 2.1.1).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Table, Text, Update, bindparam, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.account import Act, Standing, judge, standing_columns_of
from identity.audit import Actor, Event, event_row
from identity.base import Base, Keyed, Refused, UTC_DateTime, new_id
from identity.locks import LOSSES
from identity.oidc.acr import acr_for
from identity.oidc.back_channel import tell
from identity.oidc.binding import DPOP, Binding
from identity.oidc.clients import Client
from identity.oidc.errors import ProtocolError
from identity.oidc.meetings import meeting_row
from identity.oidc.prompts import Visitor
from identity.oidc.provider import Lifetimes
from identity.oidc.request import AuthorizationRequest
from identity.sealed import vault
from identity.session import SESSION_LOSSES, SignInSession
from identity.statements import Prepared
from identity.writing import Row, write_together

CODE_BYTES = 32
RESIDENT = "resident"
OFFLINE = "offline_access"
_CALLS = {"synchronize_session": False}


class Grant(Keyed, Base):
    """One authorization. `ends_at` is absolute: nothing that came of it outlives it."""

    __tablename__ = "oidc_grant"

    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    code_expires_at: Mapped[datetime]
    code_used_at: Mapped[datetime | None]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("relying_party.id"))
    session_id: Mapped[UUID] = mapped_column(index=True)
    redirect_uri: Mapped[str] = mapped_column(Text)
    code_challenge: Mapped[str | None] = mapped_column(String(43))
    nonce: Mapped[str | None] = mapped_column(String(512))
    scope: Mapped[str] = mapped_column(String(500))
    userinfo_items: Mapped[list[str]] = mapped_column(JSON)
    id_token_items: Mapped[list[str]] = mapped_column(JSON)
    sub: Mapped[str] = mapped_column(String(64))
    acr: Mapped[str] = mapped_column(String(64))
    amr: Mapped[str] = mapped_column(String(40))
    auth_time: Mapped[datetime]
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    dpop_jkt: Mapped[str | None] = mapped_column(String(43))
    """The key that has to come with the code (RFC 9449 section 10)."""
    resources: Mapped[str | None] = mapped_column(Text)
    """Resource servers that tokens may be asked for, with spaces between them (RFC 8707)."""


@dataclass(frozen=True, slots=True)
class Bought:
    """A grant as the token endpoint needs it."""

    id: UUID
    account_id: UUID
    session_id: UUID
    redirect_uri: str
    code_challenge: str | None
    nonce: str | None
    scope: str
    userinfo_items: tuple[str, ...]
    id_token_items: tuple[str, ...]
    sub: str
    acr: str
    amr: tuple[str, ...]
    auth_time: datetime
    ends_at: datetime
    dpop_jkt: str | None
    resources: tuple[str, ...]

    @property
    def scopes(self) -> tuple[str, ...]:
        return tuple(self.scope.split())

    @property
    def is_offline(self) -> bool:
        """Whether it goes on after the person signed out."""
        return OFFLINE in self.scopes


def give_code(
    db: Session,
    request: AuthorizationRequest,
    visitor: Visitor,
    *,
    sub: str,
    given: Iterable[str],
    lifetimes: Lifetimes,
    now: datetime,
) -> str:
    """A code for what was asked and agreed to. An item that was declined is left out."""
    allowed, code, grant_id = frozenset(given), secrets.token_urlsafe(CODE_BYTES), new_id()
    scopes = [scope for scope in request.scopes if scope != OFFLINE or OFFLINE in allowed]
    life = lifetimes.offline if OFFLINE in scopes else lifetimes.online
    row = {
        "id": grant_id,
        "code_digest": vault(db).digest("code", code),
        "code_expires_at": now + lifetimes.code,
        "account_id": visitor.account_id,
        "client_id": request.client.id,
        "session_id": visitor.session_id,
        "redirect_uri": request.way_back.redirect_uri,
        "code_challenge": request.code_challenge,
        "nonce": request.nonce,
        "scope": " ".join(scopes),
        "userinfo_items": sorted(request.userinfo_items & allowed),
        "id_token_items": sorted(request.id_token_items & allowed),
        "sub": sub,
        "acr": acr_for(visitor.aal, request.acr_values),
        "amr": " ".join(visitor.amr),
        "auth_time": visitor.auth_time,
        "created_at": now,
        "ends_at": now + life,
        "dpop_jkt": request.dpop_jkt,
        "resources": " ".join(request.resources) or None,
    }
    event = _event(Event.CODE_ISSUED, visitor.account_id, request.client, now=now)
    meeting = meeting_row(vault(db), visitor.session_id, request.client, sub, now=now)
    write_together(db, (_TABLE, row), event, unless_there=meeting)
    return code


def redeem_code(
    db: Session,
    client: Client,
    code: str,
    redirect_uri: str,
    verifier: str,
    *,
    binding: Binding | None = None,
    now: datetime,
) -> tuple[Bought, Standing]:
    """The grant that this code stands for, once, and whose it is. `ProtocolError` invalid_grant otherwise.

    A code that comes with a wrong address, verifier or key is burned: whoever holds it is not who asked for it.
    """
    row = _CONSUME.one(db, digest=vault(db).digest("code", code), client=client.id, now=now)
    if row is None:
        _punish_replay(db, client, code, now=now)
        raise ProtocolError("invalid_grant", "The code is unknown, expired, used before, or not for this client")
    bought = bought_of(row)
    if bought.redirect_uri != redirect_uri:
        raise ProtocolError("invalid_grant", "The redirect_uri differs from that of the authorization request")
    if not _proves(bought.code_challenge, verifier):
        raise ProtocolError("invalid_grant", "The code_verifier does not match the code_challenge")
    if bought.dpop_jkt is not None and binding != Binding(DPOP, bought.dpop_jkt):
        raise ProtocolError("invalid_grant", "The code is bound to another DPoP key", rule="RFC 9449 section 10")
    try:
        return bought, judge(vault(db), row, Act.TOKEN, now=now)
    except Refused:
        raise ProtocolError("invalid_grant", "The account may not be used now") from None


def _proves(challenge: str | None, verifier: str) -> bool:
    """RFC 7636 section 4.6; a verifier that nobody announced is refused too (RFC 9700 section 2.1.1)."""
    if challenge is None:
        return not verifier
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).decode().rstrip("="), challenge)


def _punish_replay(db: Session, client: Client, code: str, *, now: datetime) -> None:
    """A used code that comes again, from the client it was for, takes all that it bought."""
    row = db.execute(
        _revoking(now)
        .where(Grant.code_digest == vault(db).digest("code", code), Grant.client_id == client.id)
        .where(Grant.code_used_at.is_not(None))
        .returning(Grant.account_id)
    ).one_or_none()
    if row is not None:
        write_together(db, _event(Event.CODE_REPLAYED, row.account_id, client, now=now))


def revoke_grant(db: Session, grant_id: UUID, *, now: datetime) -> bool:
    """Revoke one grant and every token of it; False if it was revoked before."""
    return bool(_revoked(db, _revoking(now).where(Grant.id == grant_id)))


def revoke_for_account(db: Session, account_id: UUID, now: datetime) -> None:
    """A locked, closed or recovered account loses every token, and does not get them back with the lock's end."""
    _revoked(db, _revoking(now).where(Grant.account_id == account_id))


def revoke_for_client(db: Session, account_id: UUID, client_id: UUID, *, now: datetime) -> int:
    """Consent was withdrawn: this service loses every token about this account."""
    return _revoked(db, _revoking(now).where(Grant.account_id == account_id, Grant.client_id == client_id))


def revoke_for_session(db: Session, session_id: UUID, *, now: datetime) -> int:
    """The person signed out: what was not granted for offline use ends with the session."""
    online = Grant.scope.not_like(f"%{OFFLINE}%")
    return _revoked(db, _revoking(now).where(Grant.session_id == session_id, online))


def revoke_what_was_granted_in(db: Session, session_id: UUID, *, now: datetime) -> int:
    """It was somebody else who sat there: what they were granted for offline use ends as well."""
    return _revoked(db, _revoking(now).where(Grant.session_id == session_id))


def _revoking(now: datetime) -> Update:
    return update(Grant).where(Grant.revoked_at.is_(None)).values(revoked_at=now).execution_options(**_CALLS)


def _revoked(db: Session, statement: Update) -> int:
    return len(db.scalars(statement.returning(Grant.id)).all())


def bought_of(row: Any) -> Bought:
    """The value of a row of `COLUMNS`."""
    values = dict(row._mapping)
    values["amr"] = tuple(values["amr"].split())
    for name in ("userinfo_items", "id_token_items"):
        values[name] = tuple(values[name])
    values["resources"] = tuple((values["resources"] or "").split())
    return Bought(**{name: values[name] for name in Bought.__slots__})


def _event(event: Event, account_id: UUID, client: Client, *, now: datetime) -> Row:
    actor = Actor(account_id, RESIDENT)
    return event_row(event, actor, now=now, subject=("account", account_id), client=str(client.id))


_TABLE = cast(Table, Grant.__table__)
_NOW: Any = bindparam("now", type_=UTC_DateTime())
COLUMNS = tuple(_TABLE.c[name] for name in Bought.__slots__)
_SESSION = cast(Table, SignInSession.__table__)
# A code that was being written while its session ended belongs to no session: nobody would be told of its sign-out.
_SESSION_STANDS = select(_SESSION.c.id).where(_SESSION.c.id == _TABLE.c.session_id, _SESSION.c.ended_at.is_(None))
# Built once, as everything on the way from a code to its tokens. The gate is asked in the same statement.
_CONSUME = Prepared(
    _TABLE.update()
    .where(_TABLE.c.code_digest == bindparam("digest"), _TABLE.c.client_id == bindparam("client"))
    .where(_TABLE.c.code_used_at.is_(None), _TABLE.c.code_expires_at > _NOW, _TABLE.c.revoked_at.is_(None))
    .where(_SESSION_STANDS.exists())
    .values(code_used_at=_NOW)
    .returning(*COLUMNS, *standing_columns_of(_TABLE.c.account_id))
)
if revoke_for_account not in LOSSES:
    LOSSES.append(revoke_for_account)
for _loss in (revoke_for_session, tell):
    if _loss not in SESSION_LOSSES:
        SESSION_LOSSES.append(_loss)
