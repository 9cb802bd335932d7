"""When the last day of a paper is over, the gate shuts by itself; here the account also loses what it held.

So the services that it has met are told, and no token waits for the paper to be renewed. Last days are sealed and
cannot be searched for, but little can be lost: one job after midnight goes through the sessions that can still be open
and the grants that live on, for offline access of a service without a session.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from identity.account import Account, ended_papers
from identity.deadlines import today_in_vietnam
from identity.jobs import enqueue_once
from identity.locks import take_away
from identity.oidc.grants import Grant
from identity.session import SignInSession

JOB = "ended-papers"
BATCH = 200
LONGEST_SESSION = timedelta(days=2)
"""No session lives as long; a worker that was away for a day still finds them."""


def start_the_days_ends(db: Session, *, now: datetime) -> None:
    """Ask for today's job once, by whichever worker comes first after midnight in Vietnam."""
    today = today_in_vietnam(now).isoformat()
    enqueue_once(db, JOB, today, {"day": today}, lasting=timedelta(days=2), now=now)


def take_from_some(db: Session, cursor: dict[str, Any] | None, *, now: datetime) -> dict[str, Any] | None:
    """The next batch, sessions before grants; returns where to go on, or None at the end."""
    cursor = cursor or {"of": "sessions", "after": str(_first_id(now - LONGEST_SESSION))}
    is_last = cursor["of"] == "grants"
    held = _grants(now) if is_last else _sessions()
    key = held.selected_columns[0]
    rows = db.execute(held.where(key > UUID(cursor["after"])).order_by(key).limit(BATCH)).all()
    for account in {account.id: account for _id, account in rows}.values():
        if ended_papers(account.papers_end or {}, now):
            take_away(db, account.id, now=now)
    if len(rows) == BATCH:
        return {**cursor, "after": str(rows[-1][0])}
    return None if is_last else {"of": "grants", "after": str(UUID(int=0))}


def _sessions() -> Select[UUID, Account]:
    query = select(SignInSession.id, Account).join(Account, Account.id == SignInSession.account_id)
    return query.where(SignInSession.ended_at.is_(None), Account.papers_end_sealed.is_not(None))


def _grants(now: datetime) -> Select[UUID, Account]:
    query = select(Grant.id, Account).join(Account, Account.id == Grant.account_id)
    return query.where(Grant.revoked_at.is_(None), Grant.ends_at > now, Account.papers_end_sealed.is_not(None))


def _first_id(moment: datetime) -> UUID:
    """Keys begin with their time (RFC 9562 section 5.7): no row made since has a smaller one."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
