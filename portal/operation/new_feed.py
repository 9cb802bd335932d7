"""A receiver of figures from its form to its first message: address tried, secret shown once, dry run, start, end."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity import once
from identity.base import Refused
from identity.gateways import FetchRefused
from onboarding.feeds.subscriptions import feed_of, renew_secret, subscribe
from onboarding.feeds.wish import Wish, check
from portal.database import db, peek
from portal.operation import blueprint
from portal.operation.feed_form import FeedForm, usual
from portal.operation.guard import OPERATORS, acting
from portal.pages import page
from portal.security import guarded, limiter, staff, writes
from portal.services import now, services

PURPOSE, LIFE = "feed-secret", timedelta(minutes=10)
WRONG = {reason: f"feed-{reason}" for reason in ("not-public", "not-trusted", "too-slow")}
"""What is the matter with an address, by the word of the fetcher; anything else is that nobody answers."""


@blueprint.route("/operation/feeds/new", methods=["GET", "POST"])
@guarded(staff(*OPERATORS))
@limiter.limit("30 per hour", methods=["POST"])
def new_feed() -> Response | Answer:
    """The address is tried before the transaction: nothing waits for a stranger's server."""
    form = FeedForm(**usual())
    if form.validate_on_submit():
        try:
            wish = _checked(form)
            made = subscribe(db, wish, acting(), now=now(), held=True)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return _shown_once(made.id, wish.secret.get("secret"))
    return page("operation/new_feed.html", form=form)


@blueprint.post("/operation/feeds/<uuid:feed_id>/secret")
@guarded(staff(*OPERATORS))
def renew_feed_secret(feed_id: UUID) -> Answer:
    return _shown_once(feed_id, renew_secret(db, feed_of(db, feed_id), acting(), now=now()))


@blueprint.get("/operation/feeds/<uuid:feed_id>/secret")
@guarded(staff(*OPERATORS))
@writes
def feed_secret(feed_id: UUID) -> Response:
    """Once: reloading shows nothing any more."""
    found = once.redeem(db, PURPOSE, request.args.get("ticket", "")[:100], now=now())
    if found is None or found.subject != feed_id or found.payload["operator"] != str(acting().account_id):
        raise Refused("feed-secret-shown")
    return page("operation/feed_secret.html", feed=feed_of(db, feed_id), secret=found.payload["secret"])


@blueprint.get("/operation/feeds/<uuid:feed_id>/end")
@guarded(staff(*OPERATORS))
def end_feed(feed_id: UUID) -> Response:
    """Asks once more; the answer goes to the verb."""
    return page("operation/end_feed.html", feed=feed_of(db, feed_id))


def _checked(form: FeedForm) -> Wish:
    """Refused with what is wrong in it, and where its addresses lead nowhere."""
    with peek() as before:
        wish = form.wish(before)
        check(before, wish)
    _try_address(wish.address, "address")
    if "token_address" in wish.secret:
        _try_address(wish.secret["token_address"], "token_address")
    return wish


def _try_address(address: str, field: str) -> None:
    try:
        services().fetcher.reach(address)
    except FetchRefused as refused:
        raise Refused(WRONG.get(refused.reason, "feed-unreachable"), field=field) from None


def _shown_once(feed_id: UUID, secret: str | None) -> Answer:
    if not secret:
        return redirect(url_for("operation.feed", feed_id=feed_id), 303)
    payload: dict[str, object] = {"secret": secret, "operator": str(acting().account_id)}
    once.withdraw(db, PURPOSE, feed_id, now=now())
    ticket = once.issue(db, PURPOSE, feed_id, now=now(), expires_at=now() + LIFE, payload=payload)
    return redirect(url_for("operation.feed_secret", feed_id=feed_id, ticket=ticket), 303)
