"""A sign-in in a browser that the account has not seen: the owner is told, and can say that it was somebody else.

A letter's link only shows what happened: scanners open links, so it takes a button to act. An SMS carries no link. Who
reads somebody's mail has proved nothing that freezes an account (enrolment: recovery): the letter pauses it at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, exists, select
from sqlalchemy.orm import Session

from identity import consent, once, telling
from identity.account import Account, get_account
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from identity.freeze import PAUSED, pause_now
from identity.holds import Holds
from identity.oidc.grants import revoke_for_client, revoke_what_was_granted_in
from identity.outbox import Channel, post
from identity.person import Person
from identity.session import SignInSession, end_session
from identity.statements import Asked, Prepared
from identity.telling import WAY_COLUMNS, ways_in

NOTICE, DISOWN = "new-browser", "not-me"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the owner is asked about."""

    at: datetime
    user_agent: str
    address: str


def asking(account_id: UUID) -> Asked:
    """For the row that `tell` takes, to be asked before the session is there; none for who is nobody's account."""
    return _OWNER, {"account": account_id}


def tell(db: Session, account: Holds, owners: Sequence[Any], session_id: UUID, *, now: datetime) -> None:
    """Tell the owner, unless this is the account's first session. The mail carries the link, an SMS none; who has both
    is told on both (rule `new_browser_ways`), since a thief may hold one of them."""
    owner = next(iter(owners), None)
    if owner is None or not owner.has_others:
        return
    ways = ways_in(db, owner.id, owner)
    meant = rule("new_browser_ways", today_in_vietnam(now))
    ways = [way for way in ways if way[0] in meant] or ways
    by_mail = [way for way in ways if way[0] is Channel.EMAIL]
    facts: dict[str, Any] = {"code": _issue_link(db, account.id, session_id, now)} if by_mail else {}
    telling.tell(db, account, NOTICE, now=now, ways=by_mail, at=now, **facts)
    for channel, address in ways:
        if channel is Channel.SMS:
            post(db, channel, NOTICE, address, now=now, recipient=account.id, locale=account.locale, at=now)


def _issue_link(db: Session, account_id: UUID, session_id: UUID, now: datetime) -> str:
    ends = now + timedelta(days=int(rule("disown_days", today_in_vietnam(now))))
    return once.issue(db, DISOWN, account_id, now=now, expires_at=ends, payload={"session": str(session_id)})


def find_seen(db: Session, code: str, *, now: datetime) -> Seen | None:
    """The sign-in that a letter was about; None when it was answered or is long past."""
    found = once.look(db, DISOWN, code, now=now)
    session = db.get(SignInSession, UUID(str(found.payload["session"]))) if found else None
    return None if session is None else Seen(session.created_at, session.user_agent or "", session.address or "")


def disown(db: Session, code: str, *, and_pause: bool, now: datetime) -> None:
    """It was somebody else: that browser is signed out, what services got through it and what was agreed to in it ends,
    and the account is paused if asked. Refused "disown-over"."""
    found = once.redeem(db, DISOWN, code, now=now)
    if found is None or found.subject is None:
        raise Refused("disown-over")
    account = get_account(db, found.subject)
    actor, about = Actor(account.id, account.kind), ("account", account.id)
    session_id = UUID(str(found.payload["session"]))
    end_session(db, account.id, session_id, now=now)
    revoke_what_was_granted_in(db, session_id, now=now)
    for client_id in consent.withdraw_given_in(db, account.id, session_id, actor=actor, now=now):
        revoke_for_client(db, account.id, client_id, now=now)
    record(db, Event.SESSION_DISOWNED, actor, now=now, subject=about)
    if and_pause:
        pause_now(db, account, DISOWN, actor, now=now)
        telling.tell(db, account, PAUSED, now=now)


_ACCOUNT, _SESSIONS = cast(Table, Account.__table__), cast(Table, SignInSession.__table__)
_PERSON = cast(Table, Person.__table__)
_OWNER = Prepared(
    select(_PERSON.c.id, *WAY_COLUMNS, exists().where(_SESSIONS.c.account_id == _ACCOUNT.c.id).label("has_others"))
    .join(_ACCOUNT, _ACCOUNT.c.person_id == _PERSON.c.id)
    .where(_ACCOUNT.c.id == bindparam("account"))
)
