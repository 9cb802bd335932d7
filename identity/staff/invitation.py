"""Inviting a member of staff: an account without a way in, and a letter that lets its owner set the ways in.

Whoever lost the phone or forgot the password gets such a letter too; what they had before is worthless then. A letter's
code is good once and for some days. Nobody else ever knows the password; the second factor is set up before the account
is active, because staff never work without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from identity import once
from identity.account import Account, AccountState, find_account, get_account, login_index, normal_login
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.credentials.totp import matching_step, new_secret
from identity.deadlines import rule, today_in_vietnam
from identity.locks import take_away
from identity.outbox import Channel, post
from identity.recovery.keys import end_keys
from identity.sealed import add
from identity.staff.record import StaffRecord
from identity.staff.roles import hire
from identity.turns import take_turns

LETTER, BEGUN = "staff-invitation", "staff-welcome"
INVITATION, RENEWAL = "staff-invitation", "staff-renewal"
"""What the letter says."""
SITTING = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Begun:
    """The password is chosen, the app not yet: what waits for the code of the app."""

    account_id: UUID
    password_hash: str
    secret: str


def invite(db: Session, login: str, name: str, email: str, by: Actor, *, now: datetime) -> Account:
    """Make the account and send the letter. Roles are given apart (`give_role`).

    Refused "login-taken", "login-number": a resident's account is found by that person's number, and can have no other.
    Refused "mailbox-taken": with two accounts one person would be both pairs of eyes.
    """
    if normal_login(login).isdigit():
        raise Refused("login-number", field="login")
    take_turns(db, login_index(db, login), login_index(db, email))
    if find_account(db, login) is not None:
        raise Refused("login-taken", field="login")
    if any(normal_login(kept.email or "") == normal_login(email) for kept in db.scalars(_of_open_accounts())):
        raise Refused("mailbox-taken", field="email", audited=True)
    account = hire(db, login, name, now=now, state=AccountState.ISSUED)
    db.flush()
    add(db, StaffRecord(account_id=account.id, invited_at=now, invited_by_id=by.account_id), email=email)
    record(db, Event.STAFF_INVITED, by, now=now, subject=("account", account.id))
    _send(db, account, email, INVITATION, now)
    return account


def _of_open_accounts() -> Select[StaffRecord]:
    """Also of those who are shut out: they come back by that account."""
    query = select(StaffRecord).join(Account, Account.id == StaffRecord.account_id)
    return query.where(Account.state != AccountState.CLOSED)


def invite_again(db: Session, account: Account, by: Actor, *, now: datetime) -> None:
    """A new letter; the old code is worthless from here on. Refused once the account is active."""
    kept = staff_record(db, account.id)
    if kept is None or account.state != AccountState.ISSUED:
        raise Refused("already-accepted")
    once.withdraw(db, LETTER, account.id, now=now)
    once.withdraw(db, BEGUN, account.id, now=now)
    record(db, Event.STAFF_INVITED, by, now=now, subject=("account", account.id), again=True)
    _send(db, account, kept.email or "", RENEWAL if kept.accepted_at else INVITATION, now)


def renew(db: Session, account: Account, by: Actor, *, now: datetime) -> None:
    """A lost phone, a forgotten password: every way in and every session ends, and a letter to the address at work
    lets the owner set new ones. Roles stay, and what binds the person by this account: conflicts, four eyes.

    Refused "own-role" for oneself, "not-accepted" before the account was opened, "no-work-address".
    """
    if by.account_id == account.id:
        raise Refused("own-role", audited=True)
    if account.state != AccountState.ACTIVE:
        raise Refused("not-accepted")
    kept = staff_record(db, account.id)
    if kept is None or not kept.email:
        raise Refused("no-work-address")
    take_away(db, account.id, now=now)
    end_keys(db, account)
    account.totp_step = None
    account.state = AccountState.ISSUED.value
    record(db, Event.STAFF_INVITED, by, now=now, subject=("account", account.id), ways="ended")
    _send(db, account, kept.email, RENEWAL, now)


def invited(db: Session, code: str, *, now: datetime) -> Account | None:
    """Whose letter this is, while its code is good."""
    found = once.look(db, LETTER, code, now=now)
    return get_account(db, found.subject) if found and found.subject else None


def begin(db: Session, account: Account, password_hash: str, *, now: datetime) -> str:
    """Keep the chosen password until the app is set up; returns the ticket for this browser."""
    once.withdraw(db, BEGUN, account.id, now=now)
    waiting: dict[str, object] = {"hash": password_hash, "secret": new_secret()}
    return once.issue(db, BEGUN, account.id, now=now, expires_at=now + SITTING, payload=waiting)


def begun(db: Session, code: str, ticket: str, *, now: datetime) -> Begun | None:
    """What waits in this browser, as long as the letter is good and is for the same account."""
    letter, waiting = once.look(db, LETTER, code, now=now), once.look(db, BEGUN, ticket, now=now)
    if letter is None or waiting is None or letter.subject is None or letter.subject != waiting.subject:
        return None
    return Begun(letter.subject, str(waiting.payload["hash"]), str(waiting.payload["secret"]))


def accept(db: Session, code: str, ticket: str, otp: str, *, now: datetime) -> Refused | None:
    """The app's first code opens the account. A wrong one may be typed again; of two at once one wins."""
    waiting = begun(db, code, ticket, now=now)
    if waiting is None:
        return Refused("invitation-over")
    step = matching_step(waiting.secret, otp, now=now)
    if step is None:
        return Refused("app-code-wrong", field="otp")
    if not (once.redeem(db, BEGUN, ticket, now=now) and once.redeem(db, LETTER, code, now=now)):
        return Refused("invitation-over")
    account, kept = get_account(db, waiting.account_id), staff_record(db, waiting.account_id)
    account.password_hash, account.totp_secret, account.totp_step = waiting.password_hash, waiting.secret, step
    account.state, account.activated_at = AccountState.ACTIVE.value, now
    if kept is not None:
        kept.accepted_at = now
    actor = Actor(account.id, account.kind)
    record(db, Event.ACCOUNT_ACTIVATED, actor, now=now, subject=("account", account.id))
    return None


def staff_record(db: Session, account_id: UUID) -> StaffRecord | None:
    """The record of this account; accounts older than records have none."""
    return db.scalars(select(StaffRecord).where(StaffRecord.account_id == account_id)).one_or_none()


def _send(db: Session, account: Account, email: str, letter: str, now: datetime) -> None:
    ends = now + timedelta(days=rule("staff_invitation_days", today_in_vietnam(now)))
    code = once.issue(db, LETTER, account.id, now=now, expires_at=ends)
    facts: dict[str, Any] = {"code": code, "name": account.display_name, "login": account.login, "until_at": ends}
    post(db, Channel.EMAIL, letter, email, now=now, recipient=account.id, locale=account.locale, **facts)
