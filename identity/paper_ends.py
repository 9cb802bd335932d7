"""When the last day of a paper is over, the gate shuts by itself; here the account also loses what it held.

So the services that its sessions have met are told, and no token waits for the paper to be renewed. Last days are
sealed and cannot be searched for, but only sessions of that day can be open: one job after midnight goes through them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import once
from identity.account import Account, ended_papers
from identity.deadlines import today_in_vietnam
from identity.jobs import enqueue
from identity.locks import take_away
from identity.session import SignInSession

JOB = "ended-papers"
BATCH = 200
LONGEST_SESSION = timedelta(days=2)
"""No session lives as long; a worker that was away for a day still finds them."""


def start_the_days_ends(db: Session, *, now: datetime) -> None:
    """Ask for today's job once, by whichever worker comes first after midnight in Vietnam."""
    today = today_in_vietnam(now).isoformat()
    if once.spend(db, JOB, today, expires_at=now + timedelta(days=2)):
        enqueue(db, JOB, {"day": today}, now=now)


def take_from_some(db: Session, cursor: dict[str, Any] | None, *, now: datetime) -> dict[str, Any] | None:
    """The next batch of sessions; returns where to go on, or None at the end."""
    after = UUID(cursor["after"]) if cursor else _first_id(now - LONGEST_SESSION)
    rows = db.execute(
        select(SignInSession.id, Account)
        .join(Account, Account.id == SignInSession.account_id)
        .where(SignInSession.id > after, SignInSession.ended_at.is_(None), Account.papers_end_sealed.is_not(None))
        .order_by(SignInSession.id)
        .limit(BATCH)
    ).all()
    for account in {account.id: account for _session, account in rows}.values():
        if ended_papers(account.papers_end or {}, now):
            take_away(db, account.id, now=now)
    return {"after": str(rows[-1][0])} if len(rows) == BATCH else None


def _first_id(moment: datetime) -> UUID:
    """Keys begin with their time (RFC 9562 section 5.7): no row made since has a smaller one."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
