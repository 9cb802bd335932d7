"""Messages to receivers: made once a publication from what differs, sent through the outbox, each with a receipt.

A receiver gets the figures of one publication, and those of the next only when every message of the former was taken or
refused: an old message that comes late can never replace newer figures. Only what a receiver took counts as there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from identity import jobs, outbox
from identity.base import new_id
from identity.outbox import Channel, Lane, OutboxMessage
from onboarding.feeds.differences import Difference, count_figures, differences, differences_of_before, kept
from onboarding.feeds.formats import KINDS, Format
from onboarding.feeds.model import DeliveryKind, FeedDelivery, FeedFigure, FeedSubscription
from onboarding.feeds.rows import Action
from onboarding.figures import published
from onboarding.figures.model import FigureClock, PublishedSpan
from onboarding.figures.refresh import THE_ONE

JOB, MESSAGE = "make-deliveries", "feed"
A_MESSAGE = 200
"""Figures that one step compares, and so the most that one message holds."""
TRIED_FOR = timedelta(days=3)
Cursor = dict[str, Any]


def begin_passes(db: Session, *, now: datetime) -> int:
    """Chore: once a publication is complete, have each free subscription compared with it; 1 when that begins."""
    db.get(FigureClock, THE_ONE, with_for_update=True)  # two workers look one after the other
    if jobs.is_open(db, JOB) or jobs.is_open(db, published.JOB) or not _due(db, now):
        return 0
    jobs.enqueue(db, JOB, {}, now=now)
    return 1


def make_some(db: Session, cursor: Mapping[str, Any] | None, *, now: datetime) -> Cursor | None:
    """Step of the job: some figures of one subscription, compared and put into messages."""
    if cursor is None:
        return {"left": [str(feed.id) for feed in _due(db, now)], "first": 0, "of": None}
    if not cursor["left"]:
        return None
    feed = db.get_one(FeedSubscription, UUID(cursor["left"][0]))
    of = cursor["of"] or _latest(db).isoformat()
    is_over = feed.paused_at is not None or feed.ended_at is not None
    if is_over or cursor["first"] >= count_figures(db, feed, now=now):
        if not is_over:
            found = differences_of_before(db, feed, now=now)
            for at in range(0, len(found), A_MESSAGE):
                make(db, feed, found[at : at + A_MESSAGE], datetime.fromisoformat(of), now=now)
            feed.passed_at = datetime.fromisoformat(of)
        return {"left": cursor["left"][1:], "first": 0, "of": None}
    found = differences(db, feed, cursor["first"], A_MESSAGE, now=now)
    make(db, feed, found, datetime.fromisoformat(of), now=now)
    return {"left": cursor["left"], "first": cursor["first"] + A_MESSAGE, "of": of}


def make(
    db: Session, feed: FeedSubscription, found: Sequence[Difference], of: datetime, *, now: datetime
) -> list[FeedDelivery]:
    """The messages that say so; deletions in one of their own where the format asks for it."""
    apart = [one for one in found if KINDS[Format(feed.format)].deletes_apart and one.row.action is Action.DELETE]
    rest = [one for one in found if one not in apart]
    pairs = ((DeliveryKind.DELETION, apart), (DeliveryKind.FIGURES, rest))
    return [_post(db, feed, kind, rows, of, now=now) for kind, rows in pairs if rows]


def try_out(db: Session, feed: FeedSubscription, *, now: datetime) -> FeedDelivery:
    """Dry run: what would be sent first. It leaves only where the format has a dry run of its own; nothing is kept."""
    found = differences(db, feed, 0, A_MESSAGE, now=now)
    leaves = bool(found) and bool(KINDS[Format(feed.format)].dry_run)
    return _post(db, feed, DeliveryKind.TRIAL, found, _latest(db, now), now=now, leaves=leaves)


def deliveries(db: Session, feed: FeedSubscription, *, limit: int = 50) -> list[FeedDelivery]:
    """Its messages with their receipts, the newest first."""
    query = select(FeedDelivery).where(FeedDelivery.subscription_id == feed.id)
    return list(db.scalars(query.order_by(FeedDelivery.made_at.desc(), FeedDelivery.id.desc()).limit(limit)))


def last_delivery(db: Session, feed: FeedSubscription) -> FeedDelivery | None:
    """The newest of them that is no dry run."""
    query = select(FeedDelivery).where(FeedDelivery.subscription_id == feed.id, FeedDelivery.kind != "trial")
    return db.scalar(query.order_by(FeedDelivery.made_at.desc(), FeedDelivery.id.desc()).limit(1))


def figures_of(one: FeedDelivery) -> tuple[int, int, int]:
    """How many figures a message sends, how many of those restated, and how many it withdraws."""
    deleted = sum(told["action"] == Action.DELETE for told in one.rows)
    restated = sum(told["action"] != Action.DELETE and told["revision"] > 0 for told in one.rows)
    return len(one.rows) - deleted, restated, deleted


def is_overtaken(db: Session, one: FeedDelivery) -> bool:
    """Whether the receiver took figures of a later publication: then these would put older ones in their place."""
    later = exists().where(
        FeedDelivery.subscription_id == one.subscription_id,
        FeedDelivery.published_at > one.published_at,
        FeedDelivery.taken_at.is_not(None),
        FeedDelivery.kind != DeliveryKind.TRIAL.value,
    )
    return one.kind != DeliveryKind.TRIAL and db.scalar(select(later)) is True


def note_answer(db: Session, one: FeedDelivery, status: int | None, error: str, said: str, *, now: datetime) -> None:
    """Keep what came back from an attempt: the status, or why there is none."""
    one.attempts, one.status, one.error, one.answered_at = one.attempts + 1, status, error[:60] or None, now
    one.answer = said[:1000] or None


def taken(db: Session, one: FeedDelivery, *, now: datetime) -> None:
    """The receiver has it, once and for all: from now on its figures are what the receiver has."""
    if one.taken_at is not None:
        return
    one.taken_at, one.refused_at = now, None
    if one.kind != DeliveryKind.TRIAL:
        for told in one.rows:
            _has(db, one.subscription_id, told)


def refused(one: FeedDelivery, *, now: datetime) -> None:
    """The receiver will not take it. Its figures are not there; the next publication sends them again."""
    one.refused_at = now


def _post(
    db: Session,
    feed: FeedSubscription,
    kind: DeliveryKind,
    found: Sequence[Difference],
    of: datetime,
    *,
    now: datetime,
    leaves: bool = True,
) -> FeedDelivery:
    one = FeedDelivery(id=new_id(), subscription_id=feed.id, kind=kind.value, made_at=now, published_at=of)
    one.rows = [kept(difference) for difference in found]
    if leaves:
        one.message_id = outbox.post(
            db,
            Channel.FEED,
            MESSAGE,
            feed.address,
            now=now,
            recipient=feed.id,
            lane=Lane.FEED,
            expires_at=now + TRIED_FOR,
            delivery=str(one.id),
        )
    db.add(one)
    db.flush()
    return one


def _has(db: Session, subscription: UUID, told: Mapping[str, Any]) -> None:
    key = subscription, told["indicator"], UUID(told["unit"]), told["period"]
    figure = db.get(FeedFigure, key)
    if figure is None:
        figure = FeedFigure(subscription_id=key[0], indicator=key[1], unit_id=key[2], period=key[3])
        db.add(figure)
    is_gone = told["action"] == Action.DELETE
    figure.numerator, figure.denominator = (None, None) if is_gone else (told["numerator"], told["denominator"])
    figure.version, figure.status = told["version"], told["status"]
    figure.revision, figure.is_due = told["revision"], False


def _due(db: Session, now: datetime) -> list[FeedSubscription]:
    """Subscriptions that have not seen the latest publication and wait for no answer."""
    latest = _latest(db, None)
    if latest is None:
        return []
    running = (FeedSubscription.paused_at.is_(None), FeedSubscription.ended_at.is_(None))
    found = db.scalars(select(FeedSubscription).where(*running).order_by(FeedSubscription.name)).all()
    behind = [feed for feed in found if feed.passed_at is None or feed.passed_at < latest]
    return [feed for feed in behind if not _waits(db, feed, now)]


def _waits(db: Session, feed: FeedSubscription, now: datetime) -> bool:
    """Whether a message of it is still on its way."""
    message = OutboxMessage
    on_its_way = (message.delivered_at.is_(None), message.gave_up_at.is_(None), message.expires_at > now)
    query = select(message.id).join(FeedDelivery, FeedDelivery.message_id == message.id)
    query = query.where(FeedDelivery.subscription_id == feed.id, FeedDelivery.kind != DeliveryKind.TRIAL.value)
    return db.scalar(query.where(*on_its_way).limit(1)) is not None


def _latest(db: Session, otherwise: datetime | None = None) -> Any:
    """The moment of the latest publication."""
    return db.scalar(select(func.max(PublishedSpan.as_of))) or otherwise


def forget_old(db: Session, *, now: datetime) -> None:
    """Chore: receipts are kept for two years."""
    db.execute(delete(FeedDelivery).where(FeedDelivery.made_at < now - timedelta(days=730)))
