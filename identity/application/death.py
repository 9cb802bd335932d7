"""A death ends the open applications of whoever died, and those that they sent as a guardian.

Nobody can come, answer or take over the account any more, so the clocks stop and the queue lets go of the file. A child
or ward whose guardian died is applied for anew by whoever is guardian then. If the death was none, the person applies
anew as well: the file is closed for good.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from identity.application import clocks, notices
from identity.application.appeal import end_for_death as end_appeal
from identity.application.model import Application, State, move
from identity.application.status import applications_of
from identity.audit import Actor, Event, record
from identity.person import Person
from identity.sealed import vault


def end_applications_of(db: Session, number: str, person: Person | None, actor: Actor, *, now: datetime) -> int:
    """`number` is the personal number, `person` whom we know by it. Returns how many applications ended.

    Nobody is told but the guardian who applied: the phone is theirs. The phone of the dead is nobody's to write to.
    """
    mine: list[ColumnElement[bool]] = [Application.number_index.in_([vault(db).blind("application.number", number)])]
    if person is not None:
        mine += [
            Application.guardian_id == person.id,
            Application.id.in_([one.id for one in applications_of(db, person.id)]),
        ]
    still_open = select(Application).where(Application.open_index.is_not(None), or_(*mine))
    rows = list(db.scalars(still_open.order_by(Application.id).with_for_update()))
    for application in rows:
        is_guardians = person is not None and application.guardian_id == person.id
        _end(db, application, actor, "guardian" if is_guardians else "applicant", now=now)
    return len(rows)


def _end(db: Session, application: Application, actor: Actor, who: str, *, now: datetime) -> None:
    if application.state == State.APPEALED:
        end_appeal(db, application, now=now)
    move(db, application, "end_for_death")
    clocks.end(application, now=now)
    application.supplement_due_at = None
    record(db, Event.APPLICATION_ENDED_BY_DEATH, actor, now=now, subject=application.subject, who=who)
    if application.guardian_id is not None and who == "applicant":
        notices.tell(db, application, notices.ENDED_BY_DEATH, now=now)
