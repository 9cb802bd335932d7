"""Who gets which figures: made, paused, resumed, ended and sent again by an operator."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from identity.sealed import add
from onboarding.feeds.formats import Format
from onboarding.feeds.model import Access, DeliveryKind, FeedDelivery, FeedFigure, FeedSubscription
from onboarding.feeds.wish import Wish, check
from onboarding.figures.periods import Period, PeriodKind, read_period


def subscribe(db: Session, wish: Wish, actor: Actor, *, now: datetime, held: bool = False) -> FeedSubscription:
    """Begin to push; `held` waits for `resume`, and so for a dry run. Refused with `feed-…` and the field at fault."""
    check(db, wish)
    made = FeedSubscription(
        name=wish.name.strip(),
        address=wish.address,
        format=Format(wish.format).value,
        indicators=list(dict.fromkeys(wish.indicators)),
        unit_id=wish.unit_id,
        with_below=wish.with_below,
        period_kind=PeriodKind(wish.period_kind).value,
        periods=wish.periods,
        locale=wish.locale,
        access=Access(wish.access).value,
        made_at=now,
        made_by_id=actor.account_id,
        paused_at=now if held else None,
    )
    add(db, made, secret=dict(wish.secret) or None)
    db.flush()
    record(db, Event.FEED_MADE, actor, now=now, subject=("feed", made.id), format=made.format)
    return made


def subscriptions(db: Session) -> list[FeedSubscription]:
    """All that have not ended, by name."""
    query = select(FeedSubscription).where(FeedSubscription.ended_at.is_(None))
    return list(db.scalars(query.order_by(FeedSubscription.name)))


def get_subscription(db: Session, name: str) -> FeedSubscription:
    """The one of that name. Refused `feed-unknown`."""
    query = select(FeedSubscription).where(FeedSubscription.name == name, FeedSubscription.ended_at.is_(None))
    found = db.scalar(query)
    if found is None:
        raise Refused("feed-unknown")
    return found


def feed_of(db: Session, feed_id: UUID) -> FeedSubscription:
    """The one of that id. Refused `feed-unknown`."""
    found = db.get(FeedSubscription, feed_id)
    if found is None or found.ended_at is not None:
        raise Refused("feed-unknown")
    return found


def pause(db: Session, feed: FeedSubscription, actor: Actor, *, now: datetime) -> None:
    """Make and send nothing more until it is resumed; what is on its way waits. Refused `feed-stands`."""
    _move(feed, paused=True)
    feed.paused_at = now
    record(db, Event.FEED_PAUSED, actor, now=now, subject=("feed", feed.id))


def resume(db: Session, feed: FeedSubscription, actor: Actor, *, now: datetime) -> None:
    """Go on: the next pass sends what was restated meanwhile. Refused `feed-stands`, `feed-not-tried`."""
    _move(feed, paused=False)
    if not is_tried(db, feed):
        raise Refused("feed-not-tried")
    feed.paused_at = feed.passed_at = None
    record(db, Event.FEED_RESUMED, actor, now=now, subject=("feed", feed.id))


def end(db: Session, feed: FeedSubscription, actor: Actor, *, now: datetime) -> None:
    """Stop for good; its receipts stay. The name is free again."""
    feed.ended_at, feed.secret, feed.name = now, None, f"{feed.name[:60]} {feed.id.hex[-12:]}"
    record(db, Event.FEED_ENDED, actor, now=now, subject=("feed", feed.id))


def is_tried(db: Session, feed: FeedSubscription) -> bool:
    """Whether it has sent something before, or its last dry run went well."""
    of_feed = select(FeedDelivery).where(FeedDelivery.subscription_id == feed.id).order_by(FeedDelivery.made_at.desc())
    if db.scalar(of_feed.where(FeedDelivery.kind != DeliveryKind.TRIAL.value).limit(1)) is not None:
        return True
    trial = db.scalar(of_feed.limit(1))
    return trial is not None and (trial.message_id is None or trial.taken_at is not None)


def renew_secret(db: Session, feed: FeedSubscription, actor: Actor, *, now: datetime) -> str:
    """A new shared secret; the old one signs nothing from now on. Refused `feed-access` where none is shared."""
    if feed.access != Access.SIGNATURE:
        raise Refused("feed-access")
    secret = new_secret()
    feed.secret = {"secret": secret}
    record(db, Event.FEED_SECRET_RENEWED, actor, now=now, subject=("feed", feed.id))
    return secret


def new_secret() -> str:
    """256 bits from the system, for signatures that both sides can make."""
    return secrets.token_urlsafe(32)


def send_all_again(db: Session, feed: FeedSubscription, actor: Actor, *, now: datetime) -> None:
    """Have the next pass send every figure, changed or not; what did not change keeps its revision."""
    of_feed = update(FeedFigure).where(FeedFigure.subscription_id == feed.id)
    db.execute(of_feed.values(is_due=True).execution_options(synchronize_session=False))
    feed.passed_at = None
    record(db, Event.FEED_SENT_AGAIN, actor, now=now, subject=("feed", feed.id))


def periods_of(feed: FeedSubscription, *, now: datetime) -> list[Period]:
    """The newest periods of its kind, the running one first."""
    kind, day, found = PeriodKind(feed.period_kind), today_in_vietnam(now), []
    for _ in range(feed.periods):
        period = read_period(_code(kind, day), on=day)
        found.append(period)
        day = period.first - timedelta(days=1)
    return found


def _code(kind: PeriodKind, day: date) -> str:
    year, week, _weekday = day.isocalendar()
    if kind is PeriodKind.STATE_MONTH and day.day > int(rule("state_reporting_closing_day", day.replace(day=1))):
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return {
        PeriodKind.DAY: day.isoformat(),
        PeriodKind.WEEK: f"{year}-W{week:02}",
        PeriodKind.MONTH: f"{day:%Y-%m}",
        PeriodKind.STATE_MONTH: f"S{day:%Y-%m}",
        PeriodKind.QUARTER: f"{day.year}-Q{(day.month + 2) // 3}",
        PeriodKind.HALF_YEAR: f"{day.year}-H{(day.month + 5) // 6}",
        PeriodKind.YEAR: f"{day.year}",
    }[kind]


def _move(feed: FeedSubscription, *, paused: bool) -> None:
    if (feed.paused_at is not None) == paused:
        raise Refused("feed-stands")
