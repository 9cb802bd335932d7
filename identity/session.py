"""Signed-in sessions as rows: a random token in the cookie, its keyed digest here; listed, ended from afar.

A session lives while it is used (idle limit) and never beyond its absolute end; staff sessions are shorter. The gate is
part of the look-up, so a locked account's session is dead at once. Rows are kept as sign-in history (5 years, Art. 28).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Update,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.account import Account, Act, judge, standing_columns
from identity.base import Base, Keyed, Refused, UTC_DateTime, new_id
from identity.deadlines import rule, today_in_vietnam
from identity.holds import Holds
from identity.sealed import Sealed, vault
from identity.statements import Prepared

TOKEN_BYTES = 32
TOUCH_EVERY = timedelta(minutes=1)


class SignInSession(Keyed, Base):
    """One signed-in browser. `sid` names it to relying parties (OpenID Connect Front-Channel Logout, section 3)."""

    __tablename__ = "sign_in_session"
    __table_args__ = (Index(None, "account_id", "created_at"),)

    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    sid: Mapped[str] = mapped_column(String(43), unique=True)
    auth_time: Mapped[datetime]
    aal: Mapped[int]
    amr: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    idle_until: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    user_agent_sealed: Mapped[bytes | None]
    address_sealed: Mapped[bytes | None]

    user_agent = Sealed(str)
    address = Sealed(str)

    def is_open(self, now: datetime) -> bool:
        return self.ended_at is None and self.idle_until > now and self.expires_at > now


class SessionLoss(Protocol):
    """Something that ends with the session it was granted in."""

    def __call__(self, db: Session, session_id: UUID, *, now: datetime) -> object: ...


SESSION_LOSSES: list[SessionLoss] = []
"""What is lost with a session; `identity.oidc` adds its grants when it is imported."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A session just opened; `token` goes into the cookie and is nowhere else."""

    token: str
    session_id: UUID
    account_id: UUID
    person_id: UUID | None
    kind: str
    auth_time: datetime
    aal: int
    amr: tuple[str, ...]
    introduction: str = ""
    """By what the account knows this browser from here on (`identity.credentials.known_browser`)."""


@dataclass(frozen=True, slots=True)
class Held:
    """A live session of an account that the gate lets pass."""

    session_id: UUID
    account_id: UUID
    person_id: UUID | None
    kind: str
    display_name: str
    locale: str
    sid: str
    auth_time: datetime
    aal: int
    amr: tuple[str, ...]
    seen_at: datetime


def open_session(
    db: Session,
    account: Holds,
    amr: tuple[str, ...],
    aal: int,
    *,
    now: datetime,
    user_agent: str = "",
    address: str = "",
) -> Opened:
    """A new session under a new token, so that none can be fixed beforehand. The caller has asked the gate."""
    token, row_id, keys = secrets.token_urlsafe(TOKEN_BYTES), new_id(), vault(db)
    _OPEN.run_later(
        db,
        id=row_id,
        token_digest=_digest(db, token),
        account_id=account.id,
        sid=secrets.token_urlsafe(24),
        auth_time=now,
        aal=aal,
        amr=" ".join(amr),
        created_at=now,
        seen_at=now,
        idle_until=now + idle_limit(account.kind, now),
        expires_at=now + timedelta(hours=rule("session_hours", today_in_vietnam(now))[account.kind]),
        user_agent_sealed=keys.seal("sign_in_session.user_agent_sealed", row_id, user_agent[:300].encode()),
        address_sealed=keys.seal("sign_in_session.address_sealed", row_id, address[:60].encode()),
    )
    return Opened(token, row_id, account.id, account.person_id, account.kind, now, aal, amr)


def idle_limit(kind: str, now: datetime) -> timedelta:
    """How long a session may lie unused."""
    return timedelta(minutes=rule("session_idle_minutes", today_in_vietnam(now))[kind])


def find_session(db: Session, token: str, *, now: datetime) -> Held | None:
    """The live session behind a token, or None: unknown, idle, past its end, ended, or refused by the gate."""
    row = _HELD.one(db, digest=_digest(db, token), now=now)
    if row is None:
        return None
    try:
        standing = judge(vault(db), row, Act.HOLD_SESSION, now=now)
    except Refused:
        return None
    name = vault(db).open("account.display_name_sealed", row.account_id, row.display_name_sealed).decode()
    return Held(
        session_id=row.id,
        account_id=standing.account_id,
        person_id=standing.person_id,
        kind=standing.kind,
        display_name=name,
        locale=standing.locale,
        sid=row.sid,
        auth_time=row.auth_time,
        aal=row.aal,
        amr=tuple(row.amr.split()),
        seen_at=row.seen_at,
    )


def was_ended(db: Session, token: str) -> bool:
    """Whether somebody ended the session of this token, here or from afar; one that lapsed was not ended."""
    query = select(SignInSession.id).where(SignInSession.token_digest == _digest(db, token))
    return db.scalar(query.where(SignInSession.ended_at.is_not(None))) is not None


def touch(db: Session, session_id: UUID, *, now: datetime) -> None:
    """Note that the session is in use; writes at most once a minute, and never revives an ended one."""
    kind = (
        select(Account.kind)
        .join(SignInSession, SignInSession.account_id == Account.id)
        .where(SignInSession.id == session_id)
    )
    db.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.ended_at.is_(None))
        .where(SignInSession.seen_at < now - TOUCH_EVERY)
        .values(seen_at=now, idle_until=now + idle_limit(db.scalars(kind).one(), now))
        .execution_options(synchronize_session=False)
    )


def renew(
    db: Session, session_id: UUID, account: Holds, amr: tuple[str, ...], aal: int, *, now: datetime
) -> Opened | None:
    """After a fresh authentication in the same session: new token, new `auth_time`, same row and `sid`.

    Relying parties keep what they hold; whoever held the old token holds nothing. None if this account's session has
    ended.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    touch(db, session_id, now=now)
    is_open = db.execute(
        _open_sessions(account.id)
        .where(SignInSession.id == session_id)
        .values(token_digest=_digest(db, token), auth_time=now, aal=aal, amr=" ".join(amr))
        .returning(SignInSession.id)
    ).one_or_none()
    if is_open is None:
        return None
    return Opened(token, session_id, account.id, account.person_id, account.kind, now, aal, amr)


def end_session(db: Session, account_id: UUID, session_id: UUID, *, now: datetime) -> bool:
    """End one session of this account, here or from afar; False if there is none to end."""
    return _end(db, _open_sessions(account_id).where(SignInSession.id == session_id), now) == 1


def end_all_sessions(db: Session, account_id: UUID, *, now: datetime, but: UUID | None = None) -> int:
    """End every session of this account (except the one named `but`); returns how many."""
    statement = _open_sessions(account_id)
    if but is not None:
        statement = statement.where(SignInSession.id != but)
    return _end(db, statement, now)


def sessions_of(db: Session, account_id: UUID, *, limit: int = 20) -> list[SignInSession]:
    """The newest sessions of this account, open or not."""
    query = select(SignInSession).where(SignInSession.account_id == account_id)
    return list(db.scalars(query.order_by(SignInSession.created_at.desc(), SignInSession.id.desc()).limit(limit)))


def open_sessions_of(db: Session, account_id: UUID, *, now: datetime) -> list[SignInSession]:
    """Where this account is signed in, every one: a stranger's must not be hidden by twenty newer ones."""
    query = select(SignInSession).where(SignInSession.account_id == account_id, SignInSession.ended_at.is_(None))
    query = query.where(SignInSession.idle_until > now, SignInSession.expires_at > now)
    return list(db.scalars(query.order_by(SignInSession.created_at.desc(), SignInSession.id.desc())))


def count_open(db: Session, account_id: UUID, *, now: datetime) -> int:
    """In how many browsers this account is signed in."""
    return db.scalars(select(open_of(account_id, now))).one()


def open_of(account: UUID | ColumnElement[UUID], now: datetime | ColumnElement[datetime]) -> ColumnElement[int]:
    """The same as a column of a larger statement."""
    query = select(func.count()).where(SignInSession.account_id == account, SignInSession.ended_at.is_(None))
    return query.where(SignInSession.idle_until > now, SignInSession.expires_at > now).scalar_subquery()


def _open_sessions(account_id: UUID) -> Update:
    return (
        update(SignInSession)
        .where(SignInSession.account_id == account_id, SignInSession.ended_at.is_(None))
        .execution_options(synchronize_session=False)
    )


def _end(db: Session, statement: Update, now: datetime) -> int:
    ended = db.scalars(statement.values(ended_at=now).returning(SignInSession.id)).all()
    for session_id in ended:
        for loss in SESSION_LOSSES:
            loss(db, session_id, now=now)
    return len(ended)


def _digest(db: Session, token: str) -> bytes:
    return vault(db).digest("session", token)


_TABLE, _ACCOUNT = cast(Table, SignInSession.__table__), cast(Table, Account.__table__)
_NOW = bindparam("now", type_=UTC_DateTime())
_GIVEN = [column.name for column in _TABLE.c if column.name != "ended_at"]
_OPEN = Prepared(insert(_TABLE).values({name: bindparam(name, type_=_TABLE.c[name].type) for name in _GIVEN}))
# Built once: it is run for every request of somebody who is signed in.
_HELD = Prepared(
    select(
        *(_TABLE.c[name] for name in ("id", "sid", "auth_time", "aal", "amr", "seen_at")),
        _ACCOUNT.c.display_name_sealed,
        *standing_columns(),
    )
    .join(_ACCOUNT, _ACCOUNT.c.id == _TABLE.c.account_id)
    .where(_TABLE.c.token_digest == bindparam("digest"), _TABLE.c.ended_at.is_(None))
    .where(_TABLE.c.idle_until > _NOW, _TABLE.c.expires_at > _NOW)
)
