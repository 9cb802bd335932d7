"""`flask feeds`: receivers of published figures, what they were sent, and what they said."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from identity.audit import SYSTEM
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import COUNTRY, unit_by_code
from onboarding.feeds.deliveries import deliveries, try_out
from onboarding.feeds.differences import read_again
from onboarding.feeds.formats import KINDS, Format
from onboarding.feeds.message import About
from onboarding.feeds.model import Access, FeedDelivery, FeedSubscription
from onboarding.feeds.subscriptions import (
    end,
    get_subscription,
    pause,
    resume,
    send_all_again,
    subscribe,
    subscriptions,
)
from onboarding.feeds.wish import KINDS as PERIOD_KINDS
from onboarding.feeds.wish import Wish
from portal.database import database
from portal.errors import sentence
from portal.services import now, services

Verb = Callable[..., Any]


@click.group("feeds")
def feeds() -> None:
    """Published figures for systems of other bodies."""


@feeds.command("add")
@click.argument("name")
@click.argument("address")
@click.option("--format", "format_", type=click.Choice([one.value for one in Format]), default="csv", show_default=True)
@click.option("--indicator", "indicators", multiple=True, required=True, help="Code of an indicator; may be repeated.")
@click.option("--unit", default=COUNTRY, show_default=True, help="Code of a unit, or VN.")
@click.option("--with-below", is_flag=True, help="Also the units right below it.")
@click.option("--period", type=click.Choice([one.value for one in PERIOD_KINDS]), default="month", show_default=True)
@click.option("--periods", default=2, show_default=True, help="How many, the running one too.")
@click.option("--locale", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@click.option("--access", type=click.Choice([one.value for one in Access]), default="none", show_default=True)
@click.option(
    "--secret-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON with its parts."
)
@with_appcontext
def add(  # noqa: PLR0913 - a receiver has that many parts
    name: str,
    address: str,
    format_: str,
    indicators: tuple[str, ...],
    unit: str,
    with_below: bool,
    period: str,
    periods: int,
    locale: str,
    access: str,
    secret_file: Path | None,
) -> None:
    """Begin to push. The secret is read from a file, so that no shell remembers it."""
    secret = _secret(secret_file)

    def verb(db: Session, moment: datetime) -> None:
        place = None if unit == COUNTRY else unit_by_code(db, unit, on=today_in_vietnam(moment))
        if place is None and unit != COUNTRY:
            raise Refused("unit-unknown")
        where = {"unit_id": place.id if place else None, "with_below": with_below}
        when = {"period_kind": period, "periods": periods, "locale": locale}
        wish = Wish(name, address, format_, indicators, access=access, secret=secret, **where, **when)  # type: ignore[arg-type]
        subscribe(db, wish, SYSTEM, now=moment)

    _within(verb)
    click.echo(f"{name} gets figures from the next publication on")


@feeds.command("list")
@with_appcontext
def list_all() -> None:
    """The receivers and how each stands."""
    with database().session(write=False) as db:
        for feed in subscriptions(db):
            state = "paused" if feed.paused_at else "running"
            click.echo(f"{feed.name}\t{state}\t{feed.format}\t{feed.address}\t{' '.join(feed.indicators)}")


@feeds.command("receipts")
@click.argument("name")
@with_appcontext
def receipts(name: str) -> None:
    """What was sent to a receiver lately, and what it said."""
    for line in _within(lambda db, _moment: [_receipt(one) for one in deliveries(db, get_subscription(db, name))]):
        click.echo(line)


@feeds.command("try")
@click.argument("name")
@with_appcontext
def dry_run(name: str) -> None:
    """Show what would be sent. Where the format has a dry run the worker also asks the receiver; see its receipts."""
    click.echo(_within(lambda db, moment: _shown(db, get_subscription(db, name), moment)))


def _command(name: str, verb: Verb, help_: str, done: str) -> None:
    @feeds.command(name, help=help_)
    @click.argument("name")
    @with_appcontext
    def act(name: str) -> None:
        _within(lambda db, moment: verb(db, get_subscription(db, name), SYSTEM, now=moment))
        click.echo(done)


_command("pause", pause, "Send nothing until it is resumed.", "paused")
_command("resume", resume, "Go on: what was restated meanwhile is sent.", "resumed")
_command("again", send_all_again, "Have every figure sent again.", "everything is sent again")
_command("end", end, "Stop for good; the receipts stay.", "ended")


def _within(verb: Verb) -> Any:
    """One transaction; a refusal is told in words."""
    try:
        with database().transaction() as db:
            return verb(db, now())
    except Refused as refusal:
        raise click.ClickException(sentence(refusal)) from None


def _secret(file: Path | None) -> dict[str, str]:
    try:
        found = {} if file is None else json.loads(file.read_text())
    except ValueError:
        raise click.ClickException("the secret file is not JSON") from None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise click.ClickException("the secret file holds one object with texts")
    return found


def _shown(db: Session, feed: FeedSubscription, moment: datetime) -> str:
    one = try_out(db, feed, now=moment)
    rows = [read_again(db, told) for told in one.rows]
    about = About(one.id.hex, one.published_at, feed.locale, services().settings.issuer)
    asked = "the receiver is asked; see its receipts" if one.message_id else "nothing was sent"
    return f"{KINDS[Format(feed.format)].write(rows, about).decode()}\n{len(rows)} figures; {asked}"


def _receipt(one: FeedDelivery) -> str:
    state = "taken" if one.taken_at else "refused" if one.refused_at else "waiting" if one.message_id else "shown"
    said = " ".join((one.answer or "").split())[:200]
    result = one.status or one.error or "-"
    parts = f"{one.made_at:%Y-%m-%d %H:%M}", one.id, one.kind, len(one.rows), state, result, one.attempts, said
    return "\t".join(map(str, parts))
