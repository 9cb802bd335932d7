"""Erasing what the law lets go, at once when the desk approves (Law 91/2025/QH15).

What stays, and why: the person, their papers, evidence and account (kept for good, Decree 69/2024/ND-CP), how the
account was used (5 years, Art. 28), decisions and the audit trail (proof of what the state did), consents that ended
(proof of what was allowed), and a refused application until its appeal is out of time. Of one that is erased the age
band and the nationality stay for its own time: a table of a past quarter that lost one person would tell who it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.orm import Session

from identity import purposes
from identity.account import Account
from identity.application import Appeal, Application, State
from identity.application.status import applications_of
from identity.application.supplement_wish import SupplementWish
from identity.application.tasks import Task
from identity.audit import Actor, Event, record
from identity.complaints import Complaint
from identity.deadlines import rule, today_in_vietnam
from identity.files import FACES
from identity.helping import withdraw_help
from identity.inbox import InboxMessage
from identity.person import Person
from identity.retention.emptying import WITHOUT_ACCOUNT, drop_files, empty, is_empty
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
        "earlier-requests": _earlier_requests(db, RightsRequest.account_id == account.id),
        "complaints": _answered_words(db, Complaint, Complaint.account_id == account.id),
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


def _earlier_requests(db: Session, whose: ColumnElement[bool]) -> int:
    """The words of requests that were answered; that they were made stays."""
    answered = RightsRequest.answered_at.is_not(None) & RightsRequest.words_sealed.is_not(None)
    words = (
        update(RightsRequest)
        .where(whose, answered)
        .values(words_sealed=None, answer_sealed=None)
        .returning(RightsRequest.id)
        .execution_options(synchronize_session=False)
    )
    return len(db.scalars(words).all())


def _applications(db: Session, person: Person, now: datetime) -> dict[str, int]:
    """Portraits, and words and files of what led to no account, unless an appeal is still open to it."""
    mine = applications_of(db, person.id)  # also those that led to no account, which are nobody's but by number
    over = [one for one in mine if may_erase(one, now=now)]
    issued = [one for one in mine if one.state == State.ISSUED]
    gone = _empty(db, over)
    gone["files"] += drop_files(db, [one.id for one in issued], FACES)
    for one in issued:
        one.portrait_file_id = None
    _forget_answered(db, issued)
    return gone


def erase_application(db: Session, application: Application, actor: Actor, *, now: datetime) -> dict[str, int]:
    """Everything that may go of somebody who has no account; the caller asked `may_erase`."""
    gone = {
        **_empty(db, [application]),
        "earlier-requests": _earlier_requests(db, RightsRequest.application_id == application.id),
    }
    record(db, Event.DATA_ERASED, actor, now=now, subject=application.subject, **gone)
    return gone


def may_erase(application: Application, *, now: datetime) -> bool:
    """Whether it ended without an account, and no appeal is open to it any more."""
    if application.state not in WITHOUT_ACCOUNT:
        return False
    days = int(rule("keep_closed_files_days", today_in_vietnam(now)))
    closed = application.closed_at or now
    return application.state != State.REFUSED or closed <= now - timedelta(days=days)


def _empty(db: Session, over: list[Application]) -> dict[str, int]:
    """What was written, and the files; with them the words of appeals and complaints that were answered, and what
    officers noted or wished for."""
    done = [one for one in over if not is_empty(one)]
    for one in done:
        empty(one, counted=one.state == State.REFUSED)
    _forget_answered(db, over)
    _forget_notes(db, over)
    return {"applications": len(done), "files": drop_files(db, [one.id for one in over])}


def _forget_answered(db: Session, applications: list[Application]) -> None:
    for row in (Appeal, Complaint):
        _answered_words(db, row, row.application_id.in_([one.id for one in applications]))


def _forget_notes(db: Session, applications: list[Application]) -> None:
    ids = [one.id for one in applications]
    for row, words in ((Task, ("note_sealed",)), (SupplementWish, ("reason_sealed", "answer_sealed"))):
        blanked = update(row).where(row.application_id.in_(ids)).values(dict.fromkeys(words))
        db.execute(blanked.execution_options(synchronize_session=False))


def _answered_words(db: Session, row: type[Appeal | Complaint], whose: ColumnElement[bool]) -> int:
    """The words of appeals or complaints that were answered; what still waits stays."""
    ended = Complaint.answered_at if row is Complaint else Appeal.ended_at
    words = update(row).where(whose, ended.is_not(None), row.text_sealed.is_not(None)).returning(row.id)
    words = words.values(text_sealed=None, answer_sealed=None).execution_options(synchronize_session=False)
    return len(db.scalars(words).all())
