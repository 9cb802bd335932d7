"""A task goes to another owner: by whoever may change the campaign, with a reason that stays, and both are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import Reach
from onboarding.campaign.letters import write_to
from onboarding.campaign.model import Campaign, CampaignTask, TaskStep
from onboarding.campaign.more_time import check_may_answer
from onboarding.campaign.tasks import possible_owners, put_step

TO, FROM = "task-handed-to", "task-handed-from"


@dataclass(frozen=True, slots=True)
class HandOver:
    """To whom, and why. `seen` is the owner that whoever decides had before them."""

    seen: UUID
    to: UUID
    reason: str


def hand_over_task(db: Session, task: CampaignTask, over: HandOver, by: Actor, reach: Reach, *, now: datetime) -> None:
    """What the former owner asked for ends, and the new one is told anew when the task is past its day. Audited.

    Refused as `check_may_answer`: nobody passes on what another gave them; and "task-owner", "task-reason",
    "changed-meanwhile".
    """
    check_may_answer(db, task, by, reach)
    campaign = db.get_one(Campaign, task.campaign_id)
    owners = {one.id for one in possible_owners(db, campaign, on=today_in_vietnam(now))} - {over.seen}
    if over.to not in owners:
        raise Refused("task-owner", field="owner")
    values = {"owner_id": over.to, "asked_due_on": None, "told_late_at": None}
    said = {"step": TaskStep.HANDED.value, "before_id": over.seen}
    put_step(db, task, CampaignTask.owner_id == over.seen, values, over.reason, by, now=now, **said)
    record(db, Event.TASK_HANDED, by, now=now, subject=("campaign-task", task.id))
    for account, message in ((over.to, TO), (over.seen, FROM)):
        if account != by.account_id:
            write_to(db, message, account, now=now)
