"""The account, and the one gate that says what it may do now (architecture, invariant 3).

A lock is a set of grounds; the account opens when the set is empty (Decree 69/2024/ND-CP, locks). The end of a paper
is a ground too, which bites by itself: its last day stands sealed on the account, because a card ends on a birthday,
and the gate opens it each time. Accounts are never deleted.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    String,
    Table,
    bindparam,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed, Refused, UTC_DateTime
from identity.deadlines import end_of_day
from identity.person import Person
from identity.sealed import Sealed, add, vault
from identity.statements import Prepared
from identity.vault import Vault


class Kind(StrEnum):
    """Whose account it is. Staff act for an office or a team and always need a second factor."""

    RESIDENT = "resident"
    STAFF = "staff"


class AccountState(StrEnum):
    """Issued and waiting for activation, active, or closed for good (death, cancelled number)."""

    ISSUED = "issued"
    ACTIVE = "active"
    CLOSED = "closed"


class Ground(StrEnum):
    """Why an account is locked (enrolment: locks and the end)."""

    OWN_REQUEST = "own-request"
    TERMS = "terms"
    CARD_WITHDRAWN = "card-withdrawn"
    DOCUMENT_EXPIRED = "document-expired"
    RESIDENCE_EXPIRED = "residence-expired"
    DEATH = "death"
    AUTHORITY = "authority"
    HAND_OVER = "hand-over"
    """A guardian's authority has ended; the holder takes the account over (`identity.guardians.hand_over`)."""
    HOLD = "hold"
    IDLE = "idle"
    """A staff account that nobody used for long (`identity.staff.idle`)."""
    SUSPENDED = "suspended"
    """A staff account that an administrator shut."""
    PAUSE = "pause"
    """Asked for without any proof: stops new sign-ins and changes for a day, nothing else (`identity.freeze`)."""


class Act(StrEnum):
    """What an account asks to do; every path that issues anything names one of these at the gate."""

    SIGN_IN = "sign-in"
    CHANGE = "change"
    """How one signs in, or where one is reached."""
    HOLD_SESSION = "hold-session"
    ACTIVATE = "activate"
    AUTHORIZE = "authorize"
    TOKEN = "token"  # noqa: S105 - the name of an act
    USERINFO = "userinfo"
    REFRESH = "refresh"


class Account(Keyed, Base):
    """What a person signs in with. `activate_by` ends the window of Art. 14; the account is not void afterwards."""

    __tablename__ = "account"
    __table_args__ = (Index(None, "kind", "person_id", unique=True), Index(None, "state", "kind", "person_id"))

    kind: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id), index=True)
    login_sealed: Mapped[bytes]
    login_index: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    display_name_sealed: Mapped[bytes]
    state: Mapped[str] = mapped_column(String(10))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret_sealed: Mapped[bytes | None]
    totp_step: Mapped[int | None]
    locale: Mapped[str] = mapped_column(String(10), default="vi")
    issued_at: Mapped[datetime]
    activate_by: Mapped[datetime | None]
    activated_at: Mapped[datetime | None] = mapped_column(index=True)
    papers_end_sealed: Mapped[bytes | None]
    version: Mapped[int] = mapped_column(default=1)

    login = Sealed(str)
    display_name = Sealed(str)
    totp_secret = Sealed(str)
    papers_end = Sealed(dict)
    """By kind of paper: the ground that bites after its last day, and that day (`identity.locks.note_paper`)."""

    __mapper_args__ = {"version_id_col": version}


class LockGround(Keyed, Base):
    """One reason for a lock, from `since` until it is ended. Papers have no row: their ends stand on the account."""

    __tablename__ = "lock_ground"
    __table_args__ = (Index(None, "account_id", "ended_at"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    ground: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class EndedPaper:
    """A paper that is over: what it was, the ground that it gives, since when."""

    paper: str
    ground: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """An account that the gate let pass."""

    account_id: UUID
    kind: str
    person_id: UUID | None
    locale: str


def normal_login(login: str) -> str:
    """A login as it is looked up: compatibility forms, case and spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", login).casefold().split())


def login_index(db: Session, login: str) -> bytes:
    """The blind index under which a login is found."""
    return vault(db).blind("account.login", normal_login(login))


def create_account(
    db: Session,
    kind: str,
    login: str,
    *,
    display_name: str,
    now: datetime,
    person_id: UUID | None = None,
    state: str = AccountState.ISSUED,
    locale: str = "vi",
) -> Account:
    """A new account. A resident's login is the personal number or the foreigner's number."""
    account = Account(
        kind=Kind(kind).value,
        person_id=person_id,
        login_index=login_index(db, login),
        state=AccountState(state).value,
        issued_at=now,
        activated_at=now if state == AccountState.ACTIVE else None,
        locale=locale,
    )
    return add(db, account, login=normal_login(login), display_name=display_name)


def find_account(db: Session, login: str) -> Account | None:
    """The account of this login."""
    return db.scalars(select(Account).where(Account.login_index == login_index(db, login))).one_or_none()


def get_account(db: Session, account_id: UUID) -> Account:
    """The account of this id."""
    return db.get_one(Account, account_id)


def find_account_of(db: Session, person_id: UUID, kind: str = Kind.RESIDENT) -> Account | None:
    """The account that this person holds."""
    query = select(Account).where(Account.kind == kind, Account.person_id == person_id)
    return db.scalars(query).one_or_none()


def check_may(db: Session, account_id: UUID, act: Act, *, now: datetime) -> Standing:
    """THE GATE: refuse unless this account may do `act` now. One statement; asked on every path, cached on none."""
    row = _STANDING.one(db, account=account_id, now=now)
    if row is None:
        raise Refused("account-unknown")
    return judge(vault(db), row, act, now=now)


def standing_columns() -> tuple[ColumnElement[Any], ...]:
    """The columns that `judge` reads, for a statement that joins the account to what it loads; it is given `now`."""
    return (*(_ACCOUNT.c[name].label(f"account_{name}") for name in STANDING), _open_ground(_ACCOUNT.c.id))


def standing_columns_of(account_id: Column[UUID]) -> tuple[ColumnElement[Any], ...]:
    """The same where nothing can be joined: what an UPDATE returns. `account_id` is a column of the changed row.

    It is written with its table: for SQLite, SQLAlchemy leaves the tables out of what an UPDATE returns, and a bare
    `account_id = account_id` inside a subquery is true of everybody's rows.
    """
    changed: ColumnElement[UUID] = literal_column(f"{account_id.table.name}.{account_id.name}", account_id.type)
    found = (select(_ACCOUNT.c[name]).where(_ACCOUNT.c.id == changed) for name in STANDING[1:])
    named = zip(STANDING[1:], found, strict=True)
    return (
        *(query.scalar_subquery().label(f"account_{name}") for name, query in named),
        _ground_of(changed).scalar_subquery().label("account_ground"),
    )


def _open_ground(account_id: Column[UUID]) -> ColumnElement[Any]:
    return _ground_of(account_id).correlate(account_id.table).scalar_subquery().label("account_ground")


def _ground_of(account_id: ColumnElement[UUID]) -> Select[str]:
    moment = bindparam("now", type_=UTC_DateTime())
    return (
        select(_GROUND.c.ground)
        .where(_GROUND.c.account_id == account_id, _GROUND.c.since <= moment)
        .where(or_(_GROUND.c.ended_at.is_(None), _GROUND.c.ended_at > moment))
        .order_by(_GROUND.c.ground == Ground.PAUSE.value, _GROUND.c.since)  # a pause hides no lock
        .limit(1)
    )


def judge(keys: Vault, row: Any, act: Act, *, now: datetime) -> Standing:
    """The gate's rule over a row of `standing_columns`. Closed and locked accounts get nothing, on any path."""
    if row.account_state == AccountState.CLOSED:
        raise Refused("account-closed")
    is_paused = row.account_ground == Ground.PAUSE
    ground = None if is_paused else row.account_ground
    ground = ground or _ground_of_papers(keys, row, now)
    if ground is not None:
        raise Refused("account-locked", ground=ground)
    if is_paused and act in STOPPED_BY_A_PAUSE:
        raise Refused("account-paused")
    if act is Act.ACTIVATE:
        _check_may_activate(row, now)
    elif row.account_state != AccountState.ACTIVE:
        raise Refused("account-not-active")
    return Standing(row.account_id, row.account_kind, row.account_person_id, row.account_locale)


def _ground_of_papers(keys: Vault, row: Any, now: datetime) -> str | None:
    if row.account_papers_end_sealed is None:
        return None
    opened = keys.open("account.papers_end_sealed", row.account_id, row.account_papers_end_sealed)
    return next((ended.ground for ended in ended_papers(json.loads(opened), now)), None)


def ended_papers(noted: Mapping[str, Sequence[str]], now: datetime) -> list[EndedPaper]:
    """Which of the noted papers are over, the first to end first. A paper counts until the end of its last day."""
    ends = ((end_of_day(date.fromisoformat(day)), ground, paper) for paper, (ground, day) in noted.items())
    return [EndedPaper(paper, ground, end) for end, ground, paper in sorted(ends) if end <= now]


def _check_may_activate(row: Any, now: datetime) -> None:
    if row.account_state == AccountState.ACTIVE:
        raise Refused("account-already-active")
    if row.account_activate_by is not None and row.account_activate_by <= now:
        raise Refused("activation-window-over")


STOPPED_BY_A_PAUSE = frozenset({Act.SIGN_IN, Act.CHANGE})
STANDING = ("id", "kind", "person_id", "state", "activate_by", "locale", "papers_end_sealed")
_ACCOUNT, _GROUND = cast(Table, Account.__table__), cast(Table, LockGround.__table__)
# Built once: the gate is asked on every path, and building its statement cost more than running it.
_STANDING = Prepared(select(*standing_columns()).where(_ACCOUNT.c.id == bindparam("account")))
