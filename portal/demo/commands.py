"""`flask demo …`: what is done in a demonstration only."""

from __future__ import annotations

import os
import time

import click
from flask.cli import with_appcontext

from portal.services import now, services
from portal.settings import Setting, Settings


@click.group("demo")
def demo() -> None:
    """Made-up people and campaigns; refused where real people are."""


@demo.command("replay")
@click.option("--campaign", default="2025", show_default=True, help="Which published campaign: 2025, dak-lak.")
@click.option("--scale", default=None, type=click.IntRange(1), help="One of so many people; 1, of Dak Lak 100.")
@click.option("--seed", default=None, type=int, help="Other people, the same figures.")
@click.option("--processes", default=None, type=click.IntRange(1), help="Default: one for each core; one on SQLite.")
@with_appcontext
def replay(campaign: str, scale: int | None, seed: int | None, processes: int | None) -> None:
    """Play a published campaign again. Stopped, it goes on where it was."""
    from portal.demo.replay import command  # a web process does not carry it

    settings = services().settings
    check_made_up(settings)
    if processes is None:
        processes = 1 if settings.database_url.startswith("sqlite") else os.cpu_count() or 1
    command.run(settings, campaign, scale, seed, processes, clock=time.monotonic, now=now)


def check_made_up(settings: Settings) -> None:
    """Nothing that makes people up runs where real ones are."""
    if settings.setting is Setting.PRODUCTION:
        raise click.ClickException("a replay makes people up; it is refused in production")
