"""An officer names the account that an applicant had under earlier papers, so that nobody gets a second one.

What the officer learns is that the number names an account, never whose: another officer compares the two and says
whether they are one person (`tasks`). Finding nobody is on record as well, as any attempt that failed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from identity.account import find_account_of
from identity.application.conflicts import check_not_own_account
from identity.application.eligibility import find_registered
from identity.application.linking import EARLIER_NUMBER, PURPOSE, find_by_earlier_number
from identity.application.model import OPEN, Application, State, check_version, write
from identity.application.registered import from_facts
from identity.application.review import check_not_own
from identity.application.tasks import TWO_PEOPLE, Kind, check_linked, open_task, reopen, task_of
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.person import Kind as PersonKind

NAMED_WHILE = OPEN - {State.APPROVED, State.APPEALED}
LONGEST_NUMBER = 30


def may_name_earlier(db: Session, application: Application) -> bool:
    """Whether an earlier number may change anything now: the papers of a citizen all carry the same one, and nobody
    else is named while somebody is compared, or was found to be the same person."""
    if not _is_open_to_it(application):
        return False
    task = task_of(db, application.id, Kind.LINKING)
    return application.person_id is None and (task is None or task.outcome == TWO_PEOPLE)


def name_earlier(
    db: Session, application: Application, officer: Actor, number: str, *, now: datetime, version: int | None = None
) -> None:
    """Mark the file with whom the number names; until another officer compared them nothing is approved.

    Refused "earlier-unknown" and on record when it names nobody with an account, "earlier-known" when the papers of
    today name somebody already, "earlier-compared" when the two were compared before, "linking-open" or "linking-same"
    while somebody else is compared or was found to be the same person, "own-file" and "conflict-declared".
    """
    check_version(application, version)
    if not _is_open_to_it(application):
        raise Refused("application-state")
    check_not_own(db, application, officer)
    if application.person_id is not None or find_registered(db, from_facts(application.record or {})) is not None:
        raise Refused("earlier-known", field="number")
    check_linked(db, application)
    holder = find_by_earlier_number(db, number, application.nationality or "")
    account = find_account_of(db, holder.id) if holder is not None else None
    if holder is None or account is None:
        raise Refused("earlier-unknown", field="number", audited=True)
    check_not_own_account(db, officer, account)
    if holder.id == application.duplicate_id:
        raise Refused("earlier-compared", field="number")
    write(db, application, duplicate_of=EARLIER_NUMBER, duplicate_id=holder.id)
    record(db, Event.ACCOUNT_LOOKED_UP, officer, now=now, subject=("account", account.id), purpose=PURPOSE)
    record(db, Event.EARLIER_NUMBER_NAMED, officer, now=now, subject=application.subject)
    reopen(db, open_task(db, application, Kind.LINKING, now=now), now=now)


def _is_open_to_it(application: Application) -> bool:
    return application.person_kind == PersonKind.FOREIGNER and application.state in NAMED_WHILE
