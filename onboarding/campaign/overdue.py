"""A task that is past its day: its owner and who gave it hear of it, once; where neither works here, who leads it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.audit import SYSTEM, Event, record
from identity.deadlines import today_in_vietnam
from onboarding.campaign.letters import readers_of, write_to
from onboarding.campaign.model import Campaign, CampaignTask
from onboarding.campaign.tasks import OPEN_STATES

MESSAGE = "tasks-overdue"
MOST = 200


def warn_of_overdue(db: Session, *, now: datetime) -> int:
    """Chore of the worker. One letter to each who is concerned, with how many tasks; how many tasks were told of.

    Of a closed campaign nothing is told. Two workers at once tell of different tasks.
    """
    late = (
        select(CampaignTask)
        .join(Campaign, Campaign.id == CampaignTask.campaign_id)
        .where(CampaignTask.state.in_(OPEN_STATES), CampaignTask.due_on < today_in_vietnam(now))
        .where(CampaignTask.told_late_at.is_(None), Campaign.closed_at.is_(None))
        .order_by(CampaignTask.due_on, CampaignTask.id)
        .limit(MOST)
        .with_for_update(skip_locked=True, of=CampaignTask)
    )
    tasks, letters = list(db.scalars(late)), Counter[UUID]()
    for task in tasks:
        task.told_late_at = now
        letters.update(readers_of(db, task.campaign_id, (task.owner_id, task.given_by_id), now=now))
        record(db, Event.TASK_LATE, SYSTEM, now=now, subject=("campaign-task", task.id))
    for account, many in sorted(letters.items()):
        write_to(db, MESSAGE, account, now=now, tasks=many)
    return len(tasks)
