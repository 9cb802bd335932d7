"""A sign-in in a browser that the account has not seen: the owner is told, and can say that it was somebody else.

A letter's link only shows what happened: scanners open links, so it takes a button to act. An SMS carries no link.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import once
from identity.account import Account, get_account
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from identity.freeze import freeze
from identity.outbox import Channel, post
from identity.person import Person
from identity.session import SignInSession, end_session

NOTICE, DISOWN = "new-browser", "not-me"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the owner is asked about."""

    at: datetime
    user_agent: str
    address: str


def tell(db: Session, account: Account, session_id: UUID, *, now: datetime) -> None:
    """Tell the owner, unless this is the account's very first session."""
    others = select(SignInSession.id).where(SignInSession.account_id == account.id, SignInSession.id != session_id)
    person = db.get(Person, account.person_id) if account.person_id else None
    if person is None or db.scalar(others.limit(1)) is None:
        return
    who: dict[str, Any] = {"recipient": account.id, "locale": account.locale}
    if person.email:
        ends = now + timedelta(days=int(rule("disown_days", today_in_vietnam(now))))
        facts: dict[str, object] = {"session": str(session_id)}
        code = once.issue(db, DISOWN, account.id, now=now, expires_at=ends, payload=facts)
        post(db, Channel.EMAIL, NOTICE, person.email, now=now, at=now, code=code, **who)
    elif person.phone:
        post(db, Channel.SMS, NOTICE, person.phone, now=now, at=now, **who)


def find_seen(db: Session, code: str, *, now: datetime) -> Seen | None:
    """The sign-in that a letter was about; None when it was answered or is long past."""
    found = once.look(db, DISOWN, code, now=now)
    session = db.get(SignInSession, UUID(str(found.payload["session"]))) if found else None
    return None if session is None else Seen(session.created_at, session.user_agent or "", session.address or "")


def disown(db: Session, code: str, *, and_freeze: bool, now: datetime) -> None:
    """It was somebody else: that browser is signed out, and the account frozen if asked. Refused "disown-over"."""
    found = once.redeem(db, DISOWN, code, now=now)
    if found is None or found.subject is None:
        raise Refused("disown-over")
    account = get_account(db, found.subject)
    actor, about = Actor(account.id, account.kind), ("account", account.id)
    end_session(db, account.id, UUID(str(found.payload["session"])), now=now)
    record(db, Event.SESSION_DISOWNED, actor, now=now, subject=about)
    if and_freeze:
        freeze(db, account, actor, now=now)
