"""What the applicant may see and do without an account: the step by code, the rest after a code on the phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from identity.account import find_account_of
from identity.application import clocks, notices
from identity.application.dossier import code_digest
from identity.application.model import OPEN, Application, State, check_version, move
from identity.audit import VISITOR, Actor, Event, record
from identity.deadlines import rule
from identity.guardians import guardians_of, is_handed_over, is_of_age
from identity.person import DocumentKind, Person, documents_of
from identity.sealed import vault

S = State
WHO_ACTS = {
    S.SUBMITTED: "office",
    S.RECEIVED: "applicant-visits",
    S.SUPPLEMENT_REQUESTED: "applicant-answers",
    S.RESUBMITTED: "office",
    S.CAPTURED: "office",
    S.MATCHED: "office",
    S.APPROVED: "office",
    S.APPEALED: "another-officer",
    S.ISSUED: "applicant-activates",
}


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """Step and dates, nothing about the person."""

    state: str
    who_acts: str | None
    submitted_at: datetime
    due_at: datetime | None
    promised_at: datetime | None
    """The new date, when the old one was missed."""
    supplement_due_at: datetime | None
    decided_at: datetime | None
    is_late: bool


def find_by_code(db: Session, code: str) -> Application | None:
    """The application of an unguessable code. The caller limits the tries."""
    return db.scalar(select(Application).where(Application.code_digest == code_digest(db, code)))


def belongs_to(db: Session, application: Application, person_id: UUID | None, *, now: datetime) -> bool:
    """Whether it is the application of this person: the one it led to, the number it was made with, or their ward's."""
    if person_id is None:
        return False
    if person_id == application.guardian_id:
        return is_still_theirs(db, application, now=now)
    if person_id == application.person_id:
        return True
    return application.id in {row.id for row in applications_of(db, person_id)}


def is_still_theirs(db: Session, application: Application, *, now: datetime) -> bool:
    """Whether a guardian who applied may still see the file: while it is open, and then as long as the ward is one."""
    if application.guardian_id is None or application.state in OPEN:
        return True
    if application.person_id is None:  # refused or withdrawn: there is no account, and no guardianship on record
        return not _came_of_age(application, now)
    return application.guardian_id in {row.guardian_id for row in guardians_of(db, application.person_id, now=now)}


def awaits_holder(db: Session, application: Application, *, now: datetime) -> bool:
    """Whether the account that it led to waits for a young person to take it over: no guardian activates it."""
    if application.state != State.ISSUED or application.person_id is None:
        return False
    account = find_account_of(db, application.person_id)
    return account is not None and is_handed_over(account, now=now)


def _came_of_age(application: Application, now: datetime) -> bool:
    born = application.birth_date
    return born is not None and not is_of_age(born, now=application.submitted_at) and is_of_age(born, now=now)


def applications_of(db: Session, person_id: UUID) -> list[Application]:
    """Every application of somebody who has an account, the newest first."""
    person, blind = db.get_one(Person, person_id), vault(db).blind
    papers = [row for row in documents_of(db, person_id) if row.kind == DocumentKind.PASSPORT]
    passports = [f"{row.issued_by}:{row.number}" for row in papers]
    numbers = [number for number in (person.personal_number, *passports) if number]
    indexes = [blind("application.number", number) for number in numbers]
    mine = or_(Application.person_id == person_id, Application.number_index.in_(indexes))
    return list(db.scalars(select(Application).where(mine).order_by(Application.submitted_at.desc())))


def applications_for_wards(db: Session, guardian_id: UUID, *, now: datetime) -> list[Application]:
    """What a guardian sent for others and may still see, the newest first."""
    sent = select(Application).where(Application.guardian_id == guardian_id).order_by(Application.submitted_at.desc())
    return [row for row in db.scalars(sent) if is_still_theirs(db, row, now=now)]


def public_status(db: Session, code: str, *, now: datetime) -> PublicStatus | None:
    """What anybody with the code may see; None for an unknown code."""
    application = find_by_code(db, code)
    return None if application is None else status_of(application, now=now)


def status_of(application: Application, *, now: datetime) -> PublicStatus:
    """Step and dates of a file."""
    due = application.due_at
    return PublicStatus(
        state=application.state,
        who_acts=WHO_ACTS.get(State(application.state)),
        submitted_at=application.submitted_at,
        due_at=due,
        promised_at=application.promised_at,
        supplement_due_at=application.supplement_due_at,
        decided_at=application.decided_at,
        is_late=due is not None and due < now,
    )


def what_to_bring(application: Application, *, on: date) -> list[str]:
    """What to bring to the office, by kind of person (dated rule `what_to_bring`); one more person for a child."""
    things = rule("what_to_bring", on)
    more = things["with_guardian"] if application.guardian_id else []
    return [*things[application.person_kind], *more]


def is_activated(db: Session, application: Application) -> bool:
    """Whether the account that this file led to was activated: nothing is left to do."""
    if application.state != State.ISSUED or application.person_id is None:
        return False
    account = find_account_of(db, application.person_id)
    return account is not None and account.activated_at is not None


def withdraw(
    db: Session, application: Application, *, now: datetime, actor: Actor = VISITOR, version: int | None = None
) -> None:
    """The applicant takes it back; it may be sent anew at any time."""
    check_version(application, version)
    move(db, application, "withdraw")
    clocks.end(application, now=now)
    application.supplement_due_at = None
    record(db, Event.APPLICATION_WITHDRAWN, actor, now=now, subject=application.subject)
    notices.tell(db, application, notices.WITHDRAWN, now=now)
