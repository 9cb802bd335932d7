"""`flask figures`: counting all facts anew, and publishing them."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from onboarding.figures.published import publish_all
from onboarding.figures.refresh import count_some, mark_all
from portal.database import database
from portal.services import now


@click.group("figures")
def figures() -> None:
    """Indicators and their facts."""


@figures.command("rebuild")
@with_appcontext
def rebuild() -> None:
    """Count every day anew from the events, a few a transaction, then publish. Stopped, it goes on from there."""
    moment = now()
    with database().transaction() as db:
        left = mark_all(db)
    click.echo(f"{left} days to count")
    counted = left
    while counted:
        with database().transaction() as db:
            counted = count_some(db, now=moment)
        left -= counted
    _publish()
    click.echo("every figure was counted and published")


@figures.command("publish")
@with_appcontext
def publish() -> None:
    """Publish what is counted, now instead of tonight."""
    _publish()
    click.echo("published")


def _publish() -> None:
    moment = now()
    with database().transaction() as db:
        publish_all(db, now=moment)
