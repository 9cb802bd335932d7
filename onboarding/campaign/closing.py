"""Closing a campaign: its result is kept as it stands, and nothing in it changes any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import Reach
from onboarding.campaign.goals import targets_of
from onboarding.campaign.model import Campaign, CampaignResult, CampaignTask
from onboarding.campaign.planning import check_may_change, hold
from onboarding.campaign.progress import exact_figures, shown_figure
from onboarding.campaign.tasks import OPEN_STATES


def close_campaign(db: Session, campaign: Campaign, by: Actor, reach: Reach, *, now: datetime) -> None:
    """Keep every target's figure, exact and published, and end the campaign. Audited.

    Refused "campaign-not-over" before its last day has ended, "campaign-tasks-open", "campaign-not-yours",
    "campaign-closed" also for the second of two who close it at once.
    """
    check_may_change(db, campaign, reach)
    if today_in_vietnam(now) <= campaign.last_day:
        raise Refused("campaign-not-over")
    hold(db, campaign)
    open_ = count_open(db, campaign)
    if open_:
        raise Refused("campaign-tasks-open", count=open_)
    won = db.execute(
        update(Campaign)
        .where(Campaign.id == campaign.id, Campaign.closed_at.is_(None))
        .values(closed_at=now, closed_by_id=by.account_id)
        .returning(Campaign.id)
    ).scalar_one_or_none()
    if won is None:
        raise Refused("campaign-closed")
    _keep(db, campaign, now)
    record(db, Event.CAMPAIGN_CLOSED, by, now=now, subject=("campaign", campaign.id))


def count_open(db: Session, campaign: Campaign) -> int:
    """Tasks that are neither done nor dropped."""
    open_ = CampaignTask.campaign_id == campaign.id, CampaignTask.state.in_(OPEN_STATES)
    return db.scalar(select(func.count()).select_from(CampaignTask).where(*open_)) or 0


def _keep(db: Session, campaign: Campaign, now: datetime) -> None:
    targets, today = targets_of(db, campaign), today_in_vietnam(now)
    exact = exact_figures(db, campaign, targets, today)
    for one in targets:
        counted, shown = exact[one.target.id], shown_figure(db, campaign, one, today)
        db.add(
            CampaignResult(
                target_id=one.target.id,
                numerator=counted.numerator,
                denominator=counted.denominator,
                counted_at=counted.as_of,
                shown=shown.status.value,
                shown_numerator=shown.numerator,
                shown_denominator=shown.denominator,
                shown_at=shown.as_of,
            )
        )
    db.flush()
