"""The country's campaign and the ward's: targets from a plan, a task that is late and one that is in hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from identity.audit import Actor
from identity.deadlines import today_in_vietnam
from identity.staff import roles_of
from onboarding.campaign import (
    Aim,
    AimKind,
    Campaign,
    Order,
    Plan,
    TaskState,
    add_task,
    move_task,
    plan_campaign,
    set_target,
)

SOURCE = "Kế hoạch 12/KH-UBND"
AIMS = (("activated-of-issued", 850, AimKind.SHARE), ("issued-of-applied", 120, AimKind.COUNT))
TASKS = (("Mở bàn hỗ trợ ở nhà văn hoá", 6, 2), ("Nhắc những người chưa kích hoạt", 6, -10))
"""What, given how many days ago, and due how many days ago."""
BEGAN, LASTS = 12, 40


ORDER, SHARE, SPAN = "Đề án 06/CP", 800, 300
"""What the country is to reach, by which document, in how many days."""


def plan_some(db: Session, accounts: dict[str, UUID], *, now: datetime) -> None:
    """By the verbs that the portal itself calls; who leads the country plans, and the coordinator of the ward."""
    _of_the_country(db, Actor(accounts["lanhdao.quocgia"], "leader"), accounts["lanhdao"], now=now)
    coordinator, today = accounts["dieuphoi"], today_in_vietnam(now)
    ward = next(role.unit_id for role in roles_of(db, coordinator, on=today) if role.unit_id is not None)
    by, then = Actor(coordinator, "coordinator"), now - timedelta(days=BEGAN)
    first = today - timedelta(days=BEGAN)
    plan = Plan(
        "Cao điểm kích hoạt tài khoản", first, first + timedelta(days=LASTS), SOURCE, (ward,), ("Tổ lưu động số 1",)
    )
    campaign = plan_campaign(db, plan, by, {ward}, now=then)
    for indicator, amount, kind in AIMS:
        set_target(db, campaign, Aim(indicator, ward, amount, campaign.last_day, SOURCE, kind), by, {ward}, now=then)
    for title, given, due in TASKS:
        order = Order(title, ward, coordinator, today - timedelta(days=due))
        _give(db, campaign, order, by, now - timedelta(days=given), today - timedelta(days=given))


def _of_the_country(db: Session, by: Actor, province: UUID, *, now: datetime) -> None:
    today = today_in_vietnam(now)
    first, last = today - timedelta(days=SPAN // 2), today + timedelta(days=SPAN // 2)
    plan = Plan("Cả nước kích hoạt tài khoản", first, last, ORDER, (), is_national=True)
    campaign = plan_campaign(db, plan, by, None, now=now)
    set_target(db, campaign, Aim("activated-of-issued", None, SHARE, last, ORDER), by, None, now=now)
    order = Order("Báo cáo vướng mắc khi kích hoạt", None, province, today + timedelta(days=14))
    add_task(db, campaign, order, by, None, now=now, on=today)


def _give(db: Session, campaign: Campaign, order: Order, by: Actor, now: datetime, on: date) -> None:
    task = add_task(db, campaign, order, by, {order.unit_id}, now=now, on=on)
    move_task(db, task, TaskState.OPEN, TaskState.DOING, "Đã nhận việc.", by, now=now + timedelta(hours=2))
