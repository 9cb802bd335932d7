"""Campaigns: a span, its units and groups, targets with their source, and tasks with an owner and a last day."""

from onboarding.campaign.closing import close_campaign, count_open
from onboarding.campaign.goals import Aim, Goal, TargetUnit, goal_for, set_target, targets_of
from onboarding.campaign.hand_over import HandOver, hand_over_task
from onboarding.campaign.model import AimKind, Campaign, CampaignTask, CampaignTaskChange, TaskState, TaskStep
from onboarding.campaign.more_time import (
    Wish,
    ask_more_time,
    check_may_answer,
    give_more_time,
    keep_day,
    tasks_that_ask,
)
from onboarding.campaign.overdue import warn_of_overdue
from onboarding.campaign.planning import (
    Plan,
    campaigns_in,
    count_campaigns,
    get_campaign,
    may_change,
    plan_campaign,
    units_of,
)
from onboarding.campaign.progress import Standing, TargetProgress, progress_of
from onboarding.campaign.tasks import (
    MOVES,
    Order,
    OwnedTask,
    add_task,
    changes_of,
    count_overdue,
    get_task,
    is_overdue,
    move_task,
    overdue_tasks,
    possible_owners,
    tasks_of,
)

__all__ = [
    "MOVES",
    "Aim",
    "AimKind",
    "Campaign",
    "CampaignTask",
    "CampaignTaskChange",
    "Goal",
    "HandOver",
    "Order",
    "OwnedTask",
    "Plan",
    "Standing",
    "TargetProgress",
    "TargetUnit",
    "TaskState",
    "TaskStep",
    "Wish",
    "add_task",
    "ask_more_time",
    "campaigns_in",
    "changes_of",
    "check_may_answer",
    "close_campaign",
    "count_campaigns",
    "count_open",
    "count_overdue",
    "get_campaign",
    "get_task",
    "give_more_time",
    "goal_for",
    "hand_over_task",
    "is_overdue",
    "keep_day",
    "may_change",
    "move_task",
    "overdue_tasks",
    "plan_campaign",
    "possible_owners",
    "progress_of",
    "set_target",
    "targets_of",
    "tasks_of",
    "tasks_that_ask",
    "units_of",
    "warn_of_overdue",
]
