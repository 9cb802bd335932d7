"""Who gets which figures: made, paused, resumed, ended and sent again by an operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from identity.oidc.addresses import is_remote_address
from identity.places import Unit, UnitKind
from identity.sealed import add
from onboarding.feeds.formats import Format
from onboarding.feeds.model import Access, FeedFigure, FeedSubscription
from onboarding.feeds.period_codes import FREQUENCIES
from onboarding.figures.periods import Period, PeriodKind, read_period
from onboarding.figures.registry import get_indicator

KINDS = (*FREQUENCIES, PeriodKind.STATE_MONTH)
MOST_PERIODS = 60
SECRETS = {
    Access.NONE: (),
    Access.SIGNATURE: ("secret",),
    Access.PASSWORD: ("user", "password"),
    Access.CLIENT: ("client_id", "client_secret", "token_address"),
}
"""What each way of showing ourselves needs."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new subscription is to be."""

    name: str
    address: str
    format: str
    indicators: Sequence[str]
    unit_id: UUID | None = None
    with_below: bool = False
    period_kind: str = PeriodKind.MONTH
    periods: int = 2
    locale: str = "vi"
    access: str = Access.NONE
    secret: Mapping[str, str] = field(default_factory=dict)


def subscribe(db: Session, wish: Wish, actor: Actor, *, now: datetime) -> FeedSubscription:
    """Begin to push. Refused with `feed-…` and the field at fault."""
    _check(db, wish)
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
    """Go on: the next pass sends what was restated meanwhile. Refused `feed-stands`."""
    _move(feed, paused=False)
    feed.paused_at = feed.passed_at = None
    record(db, Event.FEED_RESUMED, actor, now=now, subject=("feed", feed.id))


def end(db: Session, feed: FeedSubscription, actor: Actor, *, now: datetime) -> None:
    """Stop for good; its receipts stay. The name is free again."""
    feed.ended_at, feed.secret, feed.name = now, None, f"{feed.name[:60]} {feed.id.hex[-12:]}"
    record(db, Event.FEED_ENDED, actor, now=now, subject=("feed", feed.id))


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


def _check(db: Session, wish: Wish) -> None:
    _require(0 < len(wish.name.strip()) <= 60, "feed-name")
    taken = db.scalar(select(FeedSubscription.id).where(FeedSubscription.name == wish.name.strip()))
    _require(taken is None, "feed-name-taken", "name")
    _require(len(wish.address) <= 500 and is_remote_address(wish.address), "feed-address")
    _require(wish.format in set(Format), "feed-format")
    _require(bool(wish.indicators), "feed-indicators")
    for code in wish.indicators:
        get_indicator(code)
    _require(wish.period_kind in KINDS, "feed-period-kind")
    carried = wish.format != Format.DHIS2 or wish.period_kind in FREQUENCIES
    _require(carried, "period-not-in-format", "period_kind")
    _require(1 <= wish.periods <= MOST_PERIODS, "feed-periods")
    unit = None if wish.unit_id is None else db.get(Unit, wish.unit_id)
    known = wish.unit_id is None or (unit is not None and unit.kind != UnitKind.VILLAGE)
    _require(known, "unit-unknown", "unit")
    _check_secret(wish)


def _check_secret(wish: Wish) -> None:
    _require(wish.access in set(Access), "feed-access")
    wanted = SECRETS[Access(wish.access)]
    complete = set(wish.secret) == set(wanted) and all(wish.secret.values())
    safe = all(value.isascii() and value.isprintable() for value in wish.secret.values())
    _require(complete and safe, "feed-secret")
    if wish.access == Access.CLIENT:
        _require(is_remote_address(wish.secret["token_address"]), "feed-address", "token_address")


def _require(holds: bool, code: str, field_: str | None = None) -> None:
    if not holds:
        raise Refused(code, field=field_ or code.removeprefix("feed-").replace("-", "_"))


def _move(feed: FeedSubscription, *, paused: bool) -> None:
    if (feed.paused_at is not None) == paused:
        raise Refused("feed-stands")
