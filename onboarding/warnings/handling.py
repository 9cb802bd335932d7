"""What becomes of a finding: it is opened once, has an owner and a last day, is resolved, reopened, or goes up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from identity.account import Account, get_account
from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Refused, new_id
from identity.deadlines import today_in_vietnam
from identity.outbox import Channel, post
from identity.places import ancestors
from identity.staff import Role
from identity.staff.record import StaffRecord
from identity.staff.roles import at_work_on, held_on
from identity.writing import insert_into
from onboarding.free_text import personal_words
from onboarding.warnings.evidence import was_corrected
from onboarding.warnings.finding import Finding
from onboarding.warnings.model import FigureWarning, FigureWarningStep, State, Step

LETTER = "figure-warnings"
DAYS = 7
"""To look at a warning; then it goes up."""
OWNERS = ("coordinator", "leader")
MOST = 200


def open_findings(db: Session, findings: Iterable[Finding], *, now: datetime) -> int:
    """Open a warning for each that is new, with an owner; how many. The owners get one letter."""
    letters: Counter[UUID] = Counter()
    opened = 0
    for finding in findings:
        owner = owner_of(db, finding.unit_id, on=today_in_vietnam(now))
        if _open(db, finding, owner, now=now):
            opened += 1
            letters.update([owner] if owner else [])
    _write(db, letters, now=now)
    return opened


def owner_of(db: Session, unit_id: UUID, *, on: date, above: UUID | None = None) -> UUID | None:
    """Who coordinates the unit on that day and is at work, else leads it, else the same above, at last for the country.

    `above`: only whoever is above this person, or above the unit where the person holds no role there any more.
    """
    units: list[UUID | None] = [unit_id, *(unit.id for unit in ancestors(db, unit_id)), None]
    if above is not None:
        held = [place for place, unit in enumerate(units) if _holds(db, above, unit, on)]
        units = units[max(held, default=0) + 1 :]
    owners = (_owner_in(db, unit, on) for unit in units)
    return next((owner for owner in owners if owner is not None), None)


def _owner_in(db: Session, unit_id: UUID | None, on: date) -> UUID | None:
    query = select(Role.account_id).where(Role.unit_id == unit_id, Role.role.in_(OWNERS), at_work_on(on))
    return db.scalar(query.order_by(Role.role != OWNERS[0], Role.valid_from, Role.id).limit(1))


def _holds(db: Session, account_id: UUID, unit_id: UUID | None, on: date) -> bool:
    query = select(Role.id).where(Role.account_id == account_id, Role.unit_id == unit_id, Role.role.in_(OWNERS))
    return db.scalar(query.where(held_on(on)).limit(1)) is not None


def resolve(db: Session, warning: FigureWarning, as_: Step, note: str, by: Actor, *, now: datetime) -> None:
    """By a lesson, which the team reads among its notes, or by a correction, which must be there to be seen.

    Refused "warning-way", "warning-note" without a word, "note-has-number", "note-has-name", "warning-not-corrected";
    of two at once one wins, the other is "changed-meanwhile". Audited.
    """
    if as_ not in {Step.LESSON, Step.CORRECTION}:
        raise Refused("warning-way", field="way")
    _check_note(note)
    if as_ is Step.CORRECTION and not was_corrected(db, warning):
        raise Refused("warning-not-corrected", field="way")
    lesson = note.strip() if as_ is Step.LESSON else None
    _move(db, warning, State.OPEN, {"state": State.RESOLVED.value, "lesson": lesson})
    _note(db, warning.id, as_, note.strip(), by, now=now)
    record(db, Event.WARNING_RESOLVED, by, now=now, subject=warning_subject(warning.id), way=as_.value)


def reopen(db: Session, warning: FigureWarning, note: str, by: Actor, *, now: datetime) -> None:
    """Look at it again; its owner is whoever coordinates the unit now. Refused as `resolve` refuses. Audited."""
    _check_note(note)
    today = today_in_vietnam(now)
    owner = owner_of(db, warning.unit_id, on=today)
    due = today + timedelta(days=DAYS)
    _move(db, warning, State.RESOLVED, {"state": State.OPEN.value, "lesson": None, "owner_id": owner, "due_on": due})
    _note(db, warning.id, Step.REOPENED, note.strip(), by, now=now)
    record(db, Event.WARNING_REOPENED, by, now=now, subject=warning_subject(warning.id))
    _write(db, Counter([owner] if owner and owner != by.account_id else []), now=now)


def raise_overdue(db: Session, *, now: datetime) -> int:
    """Chore: what is past its day goes to whoever is above, with a day of its own; how many.

    Where nobody is above it stays and is given a new day, so that it is not asked for at every turn.
    """
    today = today_in_vietnam(now)
    late = select(FigureWarning).where(FigureWarning.state == State.OPEN, FigureWarning.due_on < today)
    rows = db.scalars(late.order_by(FigureWarning.due_on).limit(MOST).with_for_update(skip_locked=True)).all()
    letters: Counter[UUID] = Counter()
    for warning in rows:
        held = warning.owner_id
        owner = owner_of(db, warning.unit_id, on=today, above=held) or held
        warning.owner_id, warning.due_on = owner, today + timedelta(days=DAYS)
        if owner != held and owner is not None:
            letters.update([owner])
            _note(db, warning.id, Step.RAISED, "", SYSTEM, now=now)
            record(db, Event.WARNING_RAISED, SYSTEM, now=now, subject=warning_subject(warning.id))
    _write(db, letters, now=now)
    return len(rows)


def steps_of(db: Session, warning: FigureWarning) -> list[tuple[FigureWarningStep, str]]:
    """Every step with the name of who took it, the first one first."""
    query = select(FigureWarningStep).where(FigureWarningStep.warning_id == warning.id).order_by(FigureWarningStep.id)
    return [(one, (get_account(db, one.by_id).display_name or "") if one.by_id else "") for one in db.scalars(query)]


def warning_subject(id_: UUID) -> tuple[str, UUID]:
    """As the trail names it."""
    return "figure-warning", id_


def _open(db: Session, finding: Finding, owner: UUID | None, *, now: datetime) -> bool:
    """The key is the database's: of two workers one opens it."""
    row = {
        **{"id": new_id(), "kind": finding.kind.value, "key": finding.key, "indicator": finding.indicator},
        **{"unit_id": finding.unit_id, "team_id": finding.team_id, "found_at": now, "facts": finding.facts},
        **{"owner_id": owner, "due_on": today_in_vietnam(now) + timedelta(days=DAYS), "state": State.OPEN.value},
        "lesson": None,
    }
    insert = insert_into(db, FigureWarning).values(**row).on_conflict_do_nothing(index_elements=["key"])
    id_ = db.execute(insert.returning(FigureWarning.id)).scalar_one_or_none()
    if id_ is None:
        return False
    _note(db, id_, Step.FOUND, "", SYSTEM, now=now)
    record(db, Event.WARNING_FOUND, SYSTEM, now=now, subject=warning_subject(id_), kind=finding.kind.value)
    return True


def _move(db: Session, warning: FigureWarning, seen: State, values: dict[str, object]) -> None:
    moved = db.execute(
        update(FigureWarning)
        .where(FigureWarning.id == warning.id, FigureWarning.state == seen)
        .values(**values)
        .returning(FigureWarning.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if moved is None:
        raise Refused("changed-meanwhile")
    for name, value in values.items():
        set_committed_value(warning, name, value)


def _check_note(note: str) -> None:
    """Work is described, not people."""
    if not note.strip():
        raise Refused("warning-note", field="note")
    found = personal_words(note)
    if found is not None:
        raise Refused(f"note-has-{found.kind}", field="note", words=found.words)


def _note(db: Session, warning_id: UUID, step: Step, note: str, by: Actor, *, now: datetime) -> None:
    db.add(FigureWarningStep(warning_id=warning_id, step=step.value, note=note, at=now, by_id=by.account_id))


def _write(db: Session, letters: Counter[UUID], *, now: datetime) -> None:
    """One letter an owner, where one can go; it counts and names nobody."""
    query = select(Account, StaffRecord).join(StaffRecord, StaffRecord.account_id == Account.id)
    for account, kept in db.execute(query.where(Account.id.in_(list(letters))).order_by(Account.id)):
        if kept.email:
            to: dict[str, Any] = {"recipient": account.id, "locale": account.locale, "warnings": letters[account.id]}
            post(db, Channel.EMAIL, LETTER, kept.email, now=now, **to)
