"""Tasks: one owner, a last day, and every step kept with its note. What is past its day says so until it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.orm import Session

from identity.account import Account, get_account
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.places import Reach, Unit, UnitKind, ancestors, in_reach, reached, units_within
from identity.staff import Role
from identity.staff.roles import at_work_on
from onboarding.campaign.model import Campaign, CampaignTask, CampaignTaskChange, TaskState
from onboarding.campaign.planning import check_may_change, covers, hold, units_of
from onboarding.free_text import personal_words

S = TaskState
MOVES: Mapping[TaskState, tuple[TaskState, ...]] = {
    S.OPEN: (S.DOING, S.DONE, S.DROPPED),
    S.DOING: (S.DONE, S.OPEN, S.DROPPED),
    S.DONE: (S.OPEN,),
    S.DROPPED: (S.OPEN,),
}
OPEN_STATES = (S.OPEN.value, S.DOING.value)
NEED_A_NOTE = (S.DROPPED,)
OWNERS = ("coordinator", "leader")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done, where (None: in the whole country), by whom and until when."""

    title: str
    unit_id: UUID | None
    owner_id: UUID
    due_on: date


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a task's history, with the name of who took the step; of one handed over, from whom to whom."""

    change: CampaignTaskChange
    by: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class OwnedTask:
    """A task with its unit and its owner's name."""

    task: CampaignTask
    unit: Unit | None
    owner: str


def add_task(
    db: Session, campaign: Campaign, order: Order, by: Actor, reach: Reach, *, now: datetime, on: date
) -> CampaignTask:
    """Refused "task-unit", "task-owner", "task-due" (in the past), "campaign-not-yours". Audited."""
    check_may_change(db, campaign, reach)
    if not covers(db, campaign, order.unit_id):
        raise Refused("task-unit", field="task_unit")
    check_words(order.title, "title")
    if order.due_on < on:
        raise Refused("task-due", field="due_on")
    if order.owner_id not in {account.id for account in possible_owners(db, campaign, on=on)}:
        raise Refused("task-owner", field="owner")
    hold(db, campaign)
    task = CampaignTask(
        campaign_id=campaign.id,
        unit_id=order.unit_id,
        title=order.title,
        owner_id=order.owner_id,
        due_on=order.due_on,
        state=S.OPEN.value,
        given_at=now,
        given_by_id=by.account_id,
    )
    db.add(task)
    db.flush()  # the first step points at the row
    note_step(db, task, S.OPEN, "", by, now=now)
    record(db, Event.TASK_GIVEN, by, now=now, subject=("campaign-task", task.id))
    return task


def move_task(
    db: Session, task: CampaignTask, seen: str, to: TaskState, note: str, by: Actor, *, now: datetime
) -> None:
    """One step on from the state that was `seen`; of two at once one wins, the other is "changed-meanwhile".

    Refused "task-move", "task-note" when something is dropped without a word, "campaign-closed". Audited.
    """
    if seen not in set(S) or to not in MOVES[S(seen)]:
        raise Refused("task-move")
    if to in NEED_A_NOTE and not note.strip():
        raise Refused("task-note", field="note")
    check_words(note, "note")
    hold(db, db.get_one(Campaign, task.campaign_id))
    moved = db.execute(
        update(CampaignTask)
        .where(CampaignTask.id == task.id, CampaignTask.state == seen)
        .values(state=to.value, **({} if to.value in OPEN_STATES else {"asked_due_on": None}))
        .returning(CampaignTask.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if moved is None:
        raise Refused("changed-meanwhile")
    db.refresh(task)
    note_step(db, task, to, note.strip(), by, now=now)
    record(db, Event.TASK_MOVED, by, now=now, subject=("campaign-task", task.id), state=to.value)


def get_task(db: Session, task_id: UUID, account_id: UUID | None, reach: Reach) -> CampaignTask:
    """A task that this account owns, or that lies in its reach. Refused "not-found"."""
    task = db.get(CampaignTask, task_id)
    if task is None or (task.owner_id != account_id and not in_reach(task.unit_id, reach)):
        raise Refused("not-found")
    return task


def tasks_of(db: Session, campaign: Campaign) -> list[OwnedTask]:
    """Its tasks: what is to be done first, the next to end first."""
    rows = _owned().where(CampaignTask.campaign_id == campaign.id)
    rows = rows.order_by(CampaignTask.state.in_(OPEN_STATES).desc(), CampaignTask.due_on, CampaignTask.id)
    return _with_owners(db, rows)


def changes_of(db: Session, task: CampaignTask) -> list[Line]:
    """Every step, the first one first."""
    query = select(CampaignTaskChange).where(CampaignTaskChange.task_id == task.id).order_by(CampaignTaskChange.id)
    found: list[Line] = []
    owner = task.owner_id
    for one in reversed(list(db.scalars(query))):
        handed = (_name(db, one.before_id), _name(db, owner)) if one.before_id else ()
        found.insert(0, Line(one, _name(db, one.by_id), *handed))
        owner = one.before_id or owner
    return found


def is_overdue(task: CampaignTask, *, on: date) -> bool:
    """Past its last day and not done."""
    return task.state in OPEN_STATES and task.due_on < on


def count_overdue(db: Session, account_id: UUID, reach: Reach, *, on: date) -> int:
    """How many tasks of one's own or in reach are past their day."""
    late = _late(account_id, reach, on)
    return db.scalar(select(func.count()).select_from(CampaignTask).where(late)) or 0


def overdue_tasks(db: Session, account_id: UUID, reach: Reach, *, on: date, limit: int) -> list[OwnedTask]:
    """Those, the longest past their day first."""
    return owned_tasks(db, _late(account_id, reach, on), limit=limit)


def owned_tasks(db: Session, *conditions: ColumnElement[bool], limit: int) -> list[OwnedTask]:
    """Tasks of any campaign, the next to end first."""
    rows = _owned().where(*conditions).order_by(CampaignTask.due_on, CampaignTask.id).limit(limit)
    return _with_owners(db, rows)


def possible_owners(db: Session, campaign: Campaign, *, on: date) -> list[Account]:
    """Coordinators and leaders of the country, the campaign's units, what lies in them and above them.

    Of a campaign of the whole country: of the country and its provinces, who hand on to their own.
    """
    there = or_(Role.unit_id.is_(None), _places_of(db, campaign))
    rows = select(Account).where(
        Account.id.in_(select(Role.account_id).where(there, Role.role.in_(OWNERS), at_work_on(on)))
    )
    return sorted(db.scalars(rows), key=lambda account: (account.display_name or "", account.id))


def _places_of(db: Session, campaign: Campaign) -> ColumnElement[bool]:
    if campaign.is_national:
        return Role.unit_id.in_(select(Unit.id).where(Unit.kind == UnitKind.PROVINCE))
    units = units_of(db, campaign)
    places = {one for unit in units for one in units_within(db, unit.id)}
    return Role.unit_id.in_(places | {above.id for unit in units for above in ancestors(db, unit.id)})


def _owned() -> Select[CampaignTask, Unit | None, Account]:
    query = select(CampaignTask, Unit, Account).outerjoin(Unit, Unit.id == CampaignTask.unit_id)
    return query.join(Account, Account.id == CampaignTask.owner_id)


def _with_owners(db: Session, rows: Select[CampaignTask, Unit | None, Account]) -> list[OwnedTask]:
    return [OwnedTask(task, unit, account.display_name or "") for task, unit, account in db.execute(rows)]


def _late(account_id: UUID, reach: Reach, on: date) -> ColumnElement[bool]:
    mine = or_(CampaignTask.owner_id == account_id, reached(CampaignTask.unit_id, reach))
    return and_(CampaignTask.state.in_(OPEN_STATES), CampaignTask.due_on < on, mine)


def check_words(text: str, field: str) -> None:
    """Work is described, not people: refused "note-has-number", "note-has-name"."""
    found = personal_words(text)
    if found is not None:
        raise Refused(f"note-has-{found.kind}", field=field, words=found.words)


def note_step(
    db: Session, task: CampaignTask, state: TaskState, note: str, by: Actor, *, now: datetime, **said: Any
) -> None:
    """Keep one more line of its history; `said` is the `step` where it is no move, and what that is about."""
    db.add(CampaignTaskChange(task_id=task.id, state=state.value, note=note, at=now, by_id=by.account_id, **said))


def put_step(
    db: Session,
    task: CampaignTask,
    still: ColumnElement[bool],
    values: Mapping[str, Any],
    reason: str,
    by: Actor,
    *,
    now: datetime,
    **said: Any,
) -> None:
    """Change an open task that is `still` as it was seen, and keep why (`note_step`).

    Refused "task-reason", "changed-meanwhile", "campaign-closed".
    """
    if not reason.strip():
        raise Refused("task-reason", field="reason")
    check_words(reason, "reason")
    hold(db, db.get_one(Campaign, task.campaign_id))
    won = db.execute(
        update(CampaignTask)
        .where(CampaignTask.id == task.id, CampaignTask.state.in_(OPEN_STATES), still)
        .values(**values)
        .returning(CampaignTask.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if won is None:
        raise Refused("changed-meanwhile")
    db.refresh(task)
    note_step(db, task, TaskState(task.state), reason.strip(), by, now=now, **said)


def _name(db: Session, account_id: UUID | None) -> str:
    return (get_account(db, account_id).display_name or "") if account_id else ""
