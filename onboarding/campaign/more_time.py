"""More time for a task: its owner asks, whoever may change the campaign answers, each with a reason that stays.

Nobody answers what they asked for themselves; who gave a task to themselves may put it off, and it is written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import Reach, reached
from onboarding.campaign.letters import readers_of, write_to
from onboarding.campaign.model import Campaign, CampaignTask, CampaignUnit, TaskStep
from onboarding.campaign.planning import check_may_change
from onboarding.campaign.tasks import OwnedTask, owned_tasks, put_step

ASKED, ANSWERED = "task-time-asked", "task-time-answered"


@dataclass(frozen=True, slots=True)
class Wish:
    """Until when, and why. `seen` is the last day that whoever decides had before them."""

    seen: date
    until: date
    reason: str


def ask_more_time(db: Session, task: CampaignTask, wish: Wish, by: Actor, *, now: datetime) -> None:
    """Of its owner, to whoever gave it, else to the nearest who may answer. Audited.

    Refused "task-not-own", "task-later", "task-reason", "changed-meanwhile", "campaign-closed".
    """
    if task.owner_id != by.account_id:
        raise Refused("task-not-own")
    _check_later(wish, now)
    _put(db, task, wish, TaskStep.ASKED, by, now=now, asked_due_on=wish.until)
    giver = {task.given_by_id} - {by.account_id}
    for account in readers_of(db, task.campaign_id, giver, besides=by.account_id, now=now):
        write_to(db, ASKED, account, now=now)


def give_more_time(db: Session, task: CampaignTask, wish: Wish, by: Actor, reach: Reach, *, now: datetime) -> None:
    """A later last day; the first one stays to be seen, and of the new one is told again when it is past. Audited.

    Refused as `ask_more_time`, and "campaign-not-yours", "task-own-time".
    """
    check_may_answer(db, task, by, reach)
    _check_later(wish, now)
    first = func.coalesce(CampaignTask.first_due_on, CampaignTask.due_on)
    _put(
        db,
        task,
        wish,
        TaskStep.GIVEN,
        by,
        now=now,
        due_on=wish.until,
        first_due_on=first,
        asked_due_on=None,
        told_late_at=None,
    )
    _tell_owner(db, task, by, now=now)


def keep_day(db: Session, task: CampaignTask, wish: Wish, by: Actor, reach: Reach, *, now: datetime) -> None:
    """No to what was asked for: the last day stays. Audited. Refused as `give_more_time`."""
    check_may_answer(db, task, by, reach)
    if task.asked_due_on is None:
        raise Refused("changed-meanwhile")
    _put(db, task, Wish(wish.seen, task.due_on, wish.reason), TaskStep.KEPT, by, now=now, asked_due_on=None)
    _tell_owner(db, task, by, now=now)


def check_may_answer(db: Session, task: CampaignTask, by: Actor, reach: Reach) -> None:
    """Refused "campaign-not-yours", "campaign-closed", "task-own-time"."""
    check_may_change(db, db.get_one(Campaign, task.campaign_id), reach)
    if by.account_id == task.owner_id != task.given_by_id:
        raise Refused("task-own-time")


def tasks_that_ask(db: Session, account_id: UUID, reach: Reach, *, limit: int) -> list[OwnedTask]:
    """Tasks whose owners wait for this account's answer about more time, the next to end first."""
    elsewhere = exists().where(CampaignUnit.campaign_id == Campaign.id, ~reached(CampaignUnit.unit_id, reach))
    mine = select(Campaign.id).where(Campaign.closed_at.is_(None), ~elsewhere)
    if reach is not None:
        mine = mine.where(~Campaign.is_national)
    asked = CampaignTask.asked_due_on.is_not(None), CampaignTask.campaign_id.in_(mine)
    others = or_(CampaignTask.owner_id != account_id, CampaignTask.given_by_id == account_id)
    return owned_tasks(db, *asked, others, limit=limit)


def _check_later(wish: Wish, now: datetime) -> None:
    if wish.until <= wish.seen or wish.until < today_in_vietnam(now):
        raise Refused("task-later", field="until")


def _put(
    db: Session, task: CampaignTask, wish: Wish, step: TaskStep, by: Actor, *, now: datetime, **values: object
) -> None:
    """One line of history and what changes with it, if the day is still the one that was `seen`."""
    still, said = CampaignTask.due_on == wish.seen, {"step": step.value, "due_on": wish.until}
    put_step(db, task, still, values, wish.reason, by, now=now, **said)
    record(db, Event.TASK_TIME, by, now=now, subject=("campaign-task", task.id), step=step.value)


def _tell_owner(db: Session, task: CampaignTask, by: Actor, *, now: datetime) -> None:
    if task.owner_id != by.account_id:
        write_to(db, ANSWERED, task.owner_id, now=now)
