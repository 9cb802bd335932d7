"""Signing in: first the password, then the second step. Wrong answers are results that are counted and kept.

The password is verified before the transaction (`look_up`, `verify_password`); what was seen is checked again in it.
Unknown accounts get the same answer in the same time. The gate is asked after the right password only, so that nobody
else learns that an account is locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Any, Protocol, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from identity import new_browser
from identity.account import Account, Act, Kind, check_may, login_index
from identity.audit import VISITOR, Actor, Event, record
from identity.base import Refused
from identity.credentials import pending, sms_factor
from identity.credentials.holder import Holder, find_holder, finding
from identity.credentials.known_browser import introduce, is_known, known_as
from identity.credentials.recovery import use_code
from identity.credentials.throttle import Bucket, forgive, network_of, take_try, take_try_and_ask, waits
from identity.credentials.totp import check_app
from identity.holds import Holds
from identity.session import Opened, end_session, open_session, renew
from identity.statements import Prepared, ask_together

PASSWORD_ONLY = ("pwd",)
TWO_FACTORS = ("pwd", "otp", "mfa")
"""Authentication methods (RFC 8176 section 2); a recovery code is a one-time password too."""


class Keeper(Holds, Protocol):
    """An account and what its browsers are known under."""

    @property
    def password_hash(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Visit:
    """The browser that asks: what it says of itself, where it stands, and the session it holds (to be renewed)."""

    address: str
    user_agent: str = ""
    known_browser: str | None = None
    session_id: UUID | None = None
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What the look-up before the slow work saw."""

    account_id: UUID | None
    password_hash: str | None
    known: str | None
    """As what the account knows this browser."""
    buckets: Sequence[Bucket]
    """Where a try counts."""
    waits: bool
    """Nothing is verified now: not the time for it."""


@dataclass(frozen=True, slots=True)
class SecondNeeded:
    """The password was right; `ticket` goes into this browser's short cookie."""

    ticket: str


def look_up(db: Session, login: str, visit: Visit, *, now: datetime) -> Found:
    """What to verify the password against; an unknown login is answered like any other."""
    index, known = login_index(db, login), None
    looking = _LOOK_UP, {"index": index}
    if visit.known_browser is None:  # then what is counted does not depend on the account
        buckets = _first_buckets(index, visit, None)
        rows, waiting = ask_together(db, looking, waits(db, buckets, now=now))
        account_id, password_hash = rows[0] if rows else (None, None)
    else:
        account_id, password_hash = _LOOK_UP.one(db, index=index) or (None, None)
        known = known_as(db, visit.known_browser, account_id, password_hash)
        buckets = _first_buckets(index, visit, known)
        (waiting,) = ask_together(db, waits(db, buckets, now=now))
    return Found(account_id, password_hash, known, buckets, bool(waiting))


def first_step(
    db: Session, found: Found, right: bool, visit: Visit, *, now: datetime
) -> SecondNeeded | Opened | Refused:
    """After the password was verified: wait, wrong, second step, or (a resident without a second factor) a session."""
    asked = [finding(found.account_id, now=now)] if right and found.account_id else []
    if asked and found.account_id and found.known is None:
        asked.append(new_browser.asking(found.account_id))
    wait, rows = take_try_and_ask(db, found.buckets, *asked, now=now)
    if wait is not None:
        return Refused("sign-in-wait", seconds=ceil(wait.total_seconds()))
    holders, *owners = rows or [()]
    account = _same_account(found, holders)
    if account is None:
        return failed(db, found.account_id, Refused("sign-in-wrong"), now)
    forgive(db, found.buckets, now=now)
    try:
        account.check_may(db, Act.SIGN_IN, now=now)
    except Refused as refusal:
        return failed(db, account.id, refusal, now)
    if account.has_second_factor:
        return SecondNeeded(pending.put(db, account.id, account.password_hash or "", now=now))
    if account.kind == Kind.STAFF:
        return failed(db, account.id, Refused("second-factor-missing"), now)
    return begin_session(db, account, PASSWORD_ONLY, 1, visit, *owners, now=now)


def waiting_for(db: Session, ticket: str, *, now: datetime) -> Holder | None:
    """Whose second step is awaited in this browser; nobody's, once the password has changed."""
    return pending.find(db, ticket, now=now)


def second_step(
    db: Session, ticket: str, typed: str, visit: Visit, *, now: datetime, test_otp: str = "", by_sms: bool = False
) -> Opened | Refused:
    """The code of the app or a recovery code, or one sent by SMS; the ticket is used up by the one that succeeds.
    With a passkey: `identity.credentials.passkeys.second_step`."""
    account = waiting_for(db, ticket, now=now)
    if account is None:
        return Refused("second-step-over")
    refusal = _second_factor(db, account, typed, visit, now, test_otp, by_sms)
    return refusal or pass_second_step(db, account, ticket, sms_factor.AMR if by_sms else TWO_FACTORS, visit, now=now)


def pass_second_step(
    db: Session, account: Holder, ticket: str, amr: tuple[str, ...], visit: Visit, *, now: datetime
) -> Opened | Refused:
    """After the second proof was right: the ticket is used up, and of two at once one gets the session."""
    try:
        is_first = pending.use(db, ticket, now=now)
    except Refused as blocked:
        return failed(db, account.id, blocked, now)
    if not is_first:
        return Refused("second-step-over")
    return begin_session(db, account, amr, 2, visit, now=now)


def raise_level(
    db: Session, account_id: UUID, typed: str, visit: Visit, *, now: datetime, test_otp: str = ""
) -> Opened | Refused:
    """A signed-in session of level 1 shows the second factor: the same session, a new token, level 2."""
    check_may(db, account_id, Act.SIGN_IN, now=now)
    account = find_holder(db, account_id, now=now)
    if account is None or not account.has_second_factor:
        return Refused("second-factor-missing")
    refusal = _second_factor(db, account, typed, visit, now, test_otp)
    return refusal or begin_session(db, account, TWO_FACTORS, 2, visit, now=now)


def sign_out(db: Session, actor: Actor, session_id: UUID, *, now: datetime) -> None:
    """End one's own session. Twice is once."""
    if actor.account_id is not None and end_session(db, actor.account_id, session_id, now=now):
        record(db, Event.SIGNED_OUT, actor, now=now, subject=("account", actor.account_id))


def _second_factor(
    db: Session, account: Holder, typed: str, visit: Visit, now: datetime, test_otp: str, by_sms: bool = False
) -> Refused | None:
    """A thief who knows the password must not hold up the owner, so a known browser counts for itself here too."""
    known = known_as(db, visit.known_browser, account.id, account.password_hash)
    buckets = [Bucket("browser", f"second:{known}") if known else Bucket("second", str(account.id))]
    wait = take_try(db, buckets, now=now)
    if wait is not None:
        return Refused("sign-in-wait", field="otp", seconds=ceil(wait.total_seconds()))
    if by_sms:
        wrong = sms_factor.check(db, account.id, typed, now=now)
        if wrong is not None:
            return failed(db, account.id, wrong, now)
    elif not check_app(db, account, typed, now=now, test_otp=test_otp):
        if not use_code(db, account.id, typed, now=now):
            return failed(db, account.id, Refused("second-step-wrong", field="otp"), now)
        actor = Actor(account.id, account.kind)
        record(db, Event.RECOVERY_CODE_USED, actor, now=now, subject=("account", account.id))
    forgive(db, buckets, now=now)
    return None


def begin_session(
    db: Session,
    account: Keeper,
    amr: tuple[str, ...],
    aal: int,
    visit: Visit,
    owners: Sequence[Any] | None = None,
    *,
    now: datetime,
) -> Opened:
    """The session of whoever has just proved it, in this browser, which holds no other one afterwards. On record.

    `owners` is what `new_browser.asking` was answered, if it was asked on the way.
    """
    opened = None
    if visit.session_id is not None and visit.account_id == account.id:
        opened = renew(db, visit.session_id, account, amr, aal, now=now)
    elif visit.session_id is not None and visit.account_id is not None:
        end_session(db, visit.account_id, visit.session_id, now=now)
    if opened is None:
        is_new = not is_known(db, visit.known_browser, account.id, account.password_hash)
        if is_new and owners is None:
            (owners,) = ask_together(db, new_browser.asking(account.id))
        opened = open_session(db, account, amr, aal, now=now, user_agent=visit.user_agent, address=visit.address)
        if is_new:
            new_browser.tell(db, account, owners or (), opened.session_id, now=now)
    actor = Actor(account.id, account.kind)
    record(db, Event.SIGNED_IN, actor, now=now, subject=("account", account.id), aal=aal, amr=list(amr))
    introduction = introduce(db, account.id, account.password_hash, visit.known_browser)
    return replace(opened, introduction=introduction)


def failed(db: Session, account_id: UUID | None, refusal: Refused, now: datetime) -> Refused:
    """Record a failed sign-in; of an unknown login too, so that both cost the same."""
    about = ("account", account_id) if account_id else None
    record(db, Event.SIGN_IN_FAILED, VISITOR, now=now, subject=about, reason=refusal.code)
    return refusal


def _first_buckets(index: bytes, visit: Visit, known: str | None) -> list[Bucket]:
    """`known` is as what the account knows the browser, if it does; `index` stands for the login."""
    if known is not None:
        return [Bucket("browser", known)]
    login, network = index.hex(), network_of(visit.address)
    return [Bucket("address", network), Bucket("pair", f"{login}:{network}"), Bucket("login", login)]


def _same_account(found: Found, holders: Sequence[Any]) -> Holder | None:
    """The account, unless its password changed while the hash was computed."""
    account = next(map(Holder.of, holders), None)
    return account if account and account.password_hash == found.password_hash else None


_ACCOUNT = cast(Table, Account.__table__)
_LOOK_UP = Prepared(
    select(_ACCOUNT.c.id, _ACCOUNT.c.password_hash).where(
        _ACCOUNT.c.login_index == bindparam("index", type_=_ACCOUNT.c.login_index.type)
    )
)
