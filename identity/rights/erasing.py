"""Erasing what the law lets go, at once when the desk approves (Law 91/2025/QH15).

What stays, and why: the person, their papers, evidence and account (kept for good, Decree 69/2024/ND-CP), how the
account was used (5 years, Art. 28), decisions and the audit trail (proof of what the state did), consents that ended
(proof of what was allowed), and a refused application until its appeal is out of time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from identity import purposes
from identity.account import Account
from identity.application import Application, State
from identity.audit import Actor, Event, record
from identity.deadlines import rule, today_in_vietnam
from identity.helping import withdraw_help
from identity.inbox import InboxMessage
from identity.person import Person
from identity.retention.emptying import PORTRAIT, WITHOUT_ACCOUNT, drop_files, empty, is_empty
from identity.rights.export import drop_old_copies
from identity.rights.model import RightsRequest

Eraser = Callable[[Session, Account, Person], int]
ERASERS: dict[str, Eraser] = {}
"""What other packages hold and can let go: name → how; returns how many rows. `onboarding.rights` adds its own."""
KEPT = ("identity", "account", "history", "decisions", "consents", "appeal")
"""Names of what stays; the portal says why."""


def erase(db: Session, account: Account, actor: Actor, *, now: datetime) -> dict[str, int]:
    """Everything that may go, now; returns how many rows of what."""
    gone = {
        "messages": _messages(db, account),
        "copies": drop_old_copies(db, now=now, account_id=account.id),
        "earlier-requests": _earlier_requests(db, account),
    }
    purposes.stop(db, account.id, None, actor, now=now)
    person = db.get(Person, account.person_id) if account.person_id else None
    if person is not None:
        withdraw_help(db, person, now=now, actor=actor)
        gone |= _applications(db, person, now)
        gone |= {name: eraser(db, account, person) for name, eraser in ERASERS.items()}
    record(db, Event.DATA_ERASED, actor, now=now, subject=("account", account.id), **gone)
    return gone


def _messages(db: Session, account: Account) -> int:
    mine = delete(InboxMessage).where(InboxMessage.account_id == account.id).returning(InboxMessage.id)
    return len(db.scalars(mine.execution_options(synchronize_session=False)).all())


def _earlier_requests(db: Session, account: Account) -> int:
    """The words of requests that were answered; that they were made stays."""
    answered = RightsRequest.answered_at.is_not(None) & RightsRequest.words_sealed.is_not(None)
    words = (
        update(RightsRequest)
        .where(RightsRequest.account_id == account.id, answered)
        .values(words_sealed=None, answer_sealed=None)
        .returning(RightsRequest.id)
        .execution_options(synchronize_session=False)
    )
    return len(db.scalars(words).all())


def _applications(db: Session, person: Person, now: datetime) -> dict[str, int]:
    """Portraits, and words and files of what led to no account, unless an appeal is still open to it."""
    mine = list(db.scalars(select(Application).where(Application.person_id == person.id)))
    days = int(rule("keep_closed_files_days", today_in_vietnam(now)))
    over = [one for one in mine if one.state in WITHOUT_ACCOUNT and not _may_appeal(one, now, days)]
    done = [one for one in over if not is_empty(one)]
    issued = [one for one in mine if one.state == State.ISSUED]
    files = drop_files(db, [one.id for one in over]) + drop_files(db, [one.id for one in issued], PORTRAIT)
    for one in done:
        empty(one)
    for one in issued:
        one.portrait_file_id = None
    return {"applications": len(done), "files": files}


def _may_appeal(application: Application, now: datetime, days: int) -> bool:
    closed = application.closed_at or now
    return application.state == State.REFUSED and closed > now - timedelta(days=days)
