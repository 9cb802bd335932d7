"""The applicant's consent to be helped: a tick on the file until the account is issued, the person's own afterwards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from identity.application.model import OPEN, Application, State
from identity.audit import VISITOR, Event, record
from identity.helping import has_agreed, withdraw_help
from identity.person import Person


def may_be_helped(db: Session, application: Application) -> bool:
    """Whether the consent stands. A file that ended without an account has nothing to be helped with."""
    if application.person_id is not None and application.state == State.ISSUED:
        return has_agreed(db, application.person_id)
    return application.agreed_to_help and application.state in OPEN


def stop_help(db: Session, application: Application, *, now: datetime) -> None:
    """The applicant takes the consent back, before or after the issue (Law 91/2025/QH15). Twice is once."""
    if not may_be_helped(db, application):
        return
    application.agreed_to_help = False
    if application.state == State.ISSUED:
        withdraw_help(db, db.get_one(Person, application.person_id), now=now, actor=VISITOR)
    else:
        record(db, Event.HELP_WITHDRAWN, VISITOR, now=now, subject=application.subject)
