"""Systems that get published figures: how each stands, what it was sent, what it said; pause, try and send again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.audit import Actor
from identity.places import Unit
from onboarding.feeds.deliveries import deliveries, figures_of, last_delivery, try_out
from onboarding.feeds.differences import read_again
from onboarding.feeds.formats import KINDS, Format
from onboarding.feeds.message import About
from onboarding.feeds.model import DeliveryKind, FeedDelivery, FeedSubscription
from onboarding.feeds.rows import place_of
from onboarding.feeds.subscriptions import end, feed_of, is_tried, pause, resume, send_all_again, subscriptions
from onboarding.figures.registry import get_indicator
from portal.database import db
from portal.language import current_locale
from portal.operation import blueprint, feed_words
from portal.operation.guard import OPERATORS, READERS, acting, may_act
from portal.pages import page
from portal.security import guarded, staff
from portal.services import now, services

SHOWN = 4_000
"""Signs of a dry run that are shown."""


@blueprint.get("/operation/feeds")
@guarded(staff(*READERS))
def feeds() -> Response:
    found = [(one, last_delivery(db, one)) for one in subscriptions(db)]
    return page("operation/feeds.html", feeds=found, may_act=may_act(), words=feed_words)


@blueprint.get("/operation/feeds/<uuid:feed_id>")
@guarded(staff(*READERS))
def feed(feed_id: UUID) -> Response:
    one = feed_of(db, feed_id)
    receipts = deliveries(db, one)
    trial = next((receipt for receipt in receipts if receipt.kind == DeliveryKind.TRIAL), None)
    return page(
        "operation/feed.html",
        feed=one,
        place=place_of(db.get(Unit, one.unit_id) if one.unit_id else None).names[_locale()],
        indicators=[get_indicator(code).name[_locale()] for code in one.indicators],
        receipts=[(receipt, figures_of(receipt)) for receipt in receipts],
        trial=trial,
        shown="" if trial is None else _text_of(trial, one),
        tried=is_tried(db, one),
        may_act=may_act(),
        words=feed_words,
    )


@blueprint.post("/operation/feeds/<uuid:feed_id>/<verb>")
@guarded(staff(*OPERATORS))
def act_on_feed(feed_id: UUID, verb: str) -> Answer:
    act = VERBS.get(verb) or abort(404)
    act(feed_of(db, feed_id), acting())
    return redirect(url_for("operation.feeds") if verb == "end" else url_for("operation.feed", feed_id=feed_id), 303)


VERBS: dict[str, Callable[[FeedSubscription, Actor], Any]] = {
    "try": lambda one, _actor: try_out(db, one, now=now()),
    "pause": lambda one, actor: pause(db, one, actor, now=now()),
    "resume": lambda one, actor: resume(db, one, actor, now=now()),
    "again": lambda one, actor: send_all_again(db, one, actor, now=now()),
    "end": lambda one, actor: end(db, one, actor, now=now()),
}


def _text_of(trial: FeedDelivery, one: FeedSubscription) -> str:
    """What the dry run would send, as far as it is shown."""
    rows = [read_again(db, told) for told in trial.rows]
    about = About(trial.id.hex, trial.published_at, one.locale, services().settings.issuer)
    text = KINDS[Format(one.format)].write(rows, about).decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"


def _locale() -> str:
    return "en" if current_locale() == "en" else "vi"
