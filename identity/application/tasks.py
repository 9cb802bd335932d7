"""Work of the office beside the files: a second look at approvals, what it found, and namesakes to tell apart.

Second look: `second_look_percent` of what officers approve is drawn for another officer, who agrees or does not. The
draw is keyed, so that nobody knows beforehand which file it is, and made again it comes out the same, so that nobody
chooses. Where the two do not agree a third one settles it. Linking: a namesake of the same birth date, or whom an
earlier number names, may be one person with two accounts; nothing is approved until an officer said that they are two,
or that a foreign resident we know has a new passport and a new residence card at once (`linking`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from identity.account import Ground, find_account_of
from identity.application.conflicts import check_not_own_account, not_in_conflict
from identity.application.hands import acts_of, had_a_hand
from identity.application.linking import compared_with, known_holder
from identity.application.model import Application
from identity.application.review import check_not_own
from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Base, Keyed, Refused
from identity.deadlines import decision_due, rule, today_in_vietnam
from identity.locks import unlock
from identity.sealed import Sealed, vault
from identity.statements import Prepared

SETTLES = "approving_officer"
LONGEST_NOTE = 1000
RENEWED = "renewed-papers"
TWO_PEOPLE = "two-people"


class Kind(StrEnum):
    """What there is to do."""

    SECOND_LOOK = "second-look"
    DISAGREEMENT = "disagreement"
    LINKING = "linking"
    NOT_RECOGNISED = "not-recognised"
    """Compared by hand; the register, asked afterwards, says that it was somebody else (`by_hand`)."""
    NO_GUARDIAN = "no-guardian"
    """A child's or ward's only guardian died; the file is that by which they became the guardian."""


OUTCOMES: dict[str, tuple[str, ...]] = {
    Kind.SECOND_LOOK: ("agree", "disagree"),
    Kind.DISAGREEMENT: ("stands", "account-stopped"),
    Kind.LINKING: (TWO_PEOPLE, "same-person", RENEWED),
    Kind.NOT_RECOGNISED: ("stays-held", "person-shown"),
    Kind.NO_GUARDIAN: ("family-reached", "nobody-reached"),
}


class Task(Keyed, Base):
    """One thing to look at, about one file; there is one of each kind."""

    __tablename__ = "office_task"
    __table_args__ = (UniqueConstraint("application_id", "kind"), Index(None, "unit_id", "done_at", "due_at"))

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(String(14))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[UUID | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    note = Sealed(str)


_FILE = aliased(Application)
_OF_A_CLOSED_FILE = select(_FILE.id).where(_FILE.id == Task.application_id, _FILE.open_index.is_(None))
WAITS: ColumnElement[bool] = and_(
    Task.done_at.is_(None), or_(Task.kind != Kind.LINKING.value, ~_OF_A_CLOSED_FILE.exists())
)
"""What is still to be looked at: a file that was closed leads to no second account, and may be opened by an appeal."""


def is_drawn(db: Session, application: Application, *, now: datetime) -> bool:
    """Whether the key of this portal draws the file; four bytes in four thousand million make a fair percentage."""
    drawn = int.from_bytes(vault(db).derive("second-look", application.id.bytes)[:4], "big")
    return drawn * 100 < int(rule("second_look_percent", today_in_vietnam(now))) << 32


def draw(db: Session, application: Application, *, now: datetime) -> None:
    """After an approval by an officer."""
    if is_drawn(db, application, now=now):
        open_task(db, application, Kind.SECOND_LOOK, now=now)


def open_task(db: Session, application: Application, kind: Kind, *, now: datetime) -> Task:
    """The task of this kind about the file; it is opened once."""
    known = task_of(db, application.id, kind)
    if known is not None:
        return known
    row = Task(application_id=application.id, unit_id=application.unit_id, kind=kind.value, opened_at=now)
    row.due_at = _due(now)
    db.add(row)
    db.flush()
    record(db, Event.OFFICE_TASK_OPENED, SYSTEM, now=now, subject=application.subject, kind=kind.value)
    return row


def reopen(db: Session, task: Task, *, now: datetime) -> None:
    """The question is another one now: what was answered stands in the record, and is asked anew."""
    if task.done_at is None:
        return
    task.done_at = task.done_by_id = task.outcome = task.note = None
    task.opened_at, task.due_at = now, _due(now)
    record(db, Event.OFFICE_TASK_OPENED, SYSTEM, now=now, subject=("application", task.application_id), kind=task.kind)


def task_of(db: Session, application_id: UUID, kind: Kind) -> Task | None:
    """The task of this kind about a file."""
    return db.scalar(select(Task).where(Task.application_id == application_id, Task.kind == kind.value))


def has_open_task(db: Session, application: Application) -> bool:
    """Whether something about the file waits to be looked at."""
    return db.scalar(select(Task.id).where(Task.application_id == application.id, WAITS).limit(1)) is not None


def check_linked(db: Session, application: Application) -> None:
    """Never a silent second account. Refused "linking-open", or "linking-same" when it is the same person."""
    task = _LINKING.one(db, application=application.id)
    if task is not None and task.outcome not in (TWO_PEOPLE, RENEWED):
        raise Refused("linking-same" if task.outcome else "linking-open")


def check_may_settle(db: Session, task: Task, application: Application, officer: Actor) -> None:
    """Somebody else than who had a hand in the file; with a disagreement, than who looked the second time, too."""
    if officer.role != SETTLES:
        raise Refused("approver-only", audited=True)
    check_not_own(db, application, officer)
    if task.kind == Kind.LINKING:
        _check_no_part(db, application, officer)
    if task.kind in (Kind.LINKING, Kind.NO_GUARDIAN):
        return
    looked = task_of(db, application.id, Kind.SECOND_LOOK)
    looked_before = task.kind == Kind.DISAGREEMENT and looked is not None and looked.done_by_id == officer.account_id
    if looked_before or had_a_hand(db, application, officer.account_id):
        raise Refused("task-four-eyes", audited=True)


def _check_no_part(db: Session, application: Application, officer: Actor) -> None:
    """Who named the earlier number does not judge it, nor does whoever is, or is tied to, one of those compared."""
    if Event.EARLIER_NUMBER_NAMED in acts_of(db, application, officer.account_id):
        raise Refused("task-four-eyes", audited=True)
    for one in compared_with(db, application):
        if isinstance(one, Application):
            check_not_own(db, one, officer)
        elif (account := find_account_of(db, one.id)) is not None:
            check_not_own_account(db, officer, account)


def settle(db: Session, task: Task, officer: Actor, outcome: str, note: str, *, now: datetime) -> None:
    """Once; of two who try one wins, the other is "task-done". Who does not agree says why."""
    application = db.get_one(Application, task.application_id)
    check_may_settle(db, task, application, officer)
    holder = known_holder(db, application) if outcome == RENEWED else None
    if outcome not in OUTCOMES[task.kind] or (outcome == RENEWED and holder is None):
        raise Refused("reason-missing", field="outcome")
    note = note.strip()
    if outcome != OUTCOMES[task.kind][0] and not note:
        raise Refused("task-note-missing", field="note")
    if len(note) > LONGEST_NOTE:
        raise Refused("note-too-long", field="note", most=LONGEST_NOTE)
    _end(db, task, officer, outcome, now=now)
    task.note = note or None
    facts = {"kind": task.kind, "outcome": outcome}
    record(db, Event.OFFICE_TASK_DONE, officer, now=now, subject=application.subject, **facts)
    if holder is not None:
        application.person_id = holder.id  # `issue` adds the papers to this person
    if outcome == "disagree":
        open_task(db, application, Kind.DISAGREEMENT, now=now)
    if outcome == "person-shown":
        _open_account(db, application, officer, now=now)


def held_by(application: Application) -> str:
    """The source of the hold on the account of somebody whom the register did not recognise afterwards."""
    return f"register:{application.dossier_number}"


def waiting_tasks(
    db: Session, units: Collection[UUID], account_id: UUID, *, answered: bool = False, page: int = 1, size: int = 25
) -> tuple[list[tuple[Task, Application]], int]:
    """What is to be looked at in `units`, the most urgent first; or what was, the newest first. And how much it is."""
    which = Task.done_at.is_not(None) if answered else WAITS
    waits: tuple[Any, ...] = (Task.unit_id.in_(units), which, not_in_conflict(account_id))
    rows = select(Task, Application).join(Application, Application.id == Task.application_id).where(*waits)
    count = select(func.count()).select_from(Task).join(Application, Application.id == Task.application_id)
    ordered = (
        rows.order_by(Task.done_at.desc() if answered else Task.due_at, Task.id).limit(size).offset((page - 1) * size)
    )
    return [(row[0], row[1]) for row in db.execute(ordered)], db.scalar(count.where(*waits)) or 0


def _open_account(db: Session, application: Application, officer: Actor, *, now: datetime) -> None:
    """It was the person after all: the account opens on level 1; level 2 takes a visit that the register recognises."""
    account = find_account_of(db, application.person_id) if application.person_id else None
    if account is not None:
        unlock(db, account, Ground.HOLD, held_by(application), officer, now=now)


def _end(db: Session, task: Task, officer: Actor, outcome: str, *, now: datetime) -> None:
    won = db.scalar(
        update(Task)
        .where(Task.id == task.id, Task.done_at.is_(None))
        .values(done_at=now, done_by_id=officer.account_id, outcome=outcome)
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    )
    if won is None:
        raise Refused("task-done")
    db.refresh(task)


def _due(now: datetime) -> datetime:
    return decision_due(now, int(rule("office_task_days", today_in_vietnam(now))))


_LINKING = Prepared(
    select(Task.outcome).where(Task.application_id == bindparam("application"), Task.kind == Kind.LINKING.value)
)
