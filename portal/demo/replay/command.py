"""What the terminal shows of a replay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import click

from portal.demo.replay import campaign as published
from portal.demo.replay.hands import HandLost
from portal.demo.replay.plan import SEED
from portal.demo.replay.player import Asked
from portal.demo.replay.run import Figures, replay
from portal.settings import Settings


def run(
    settings: Settings, name: str, scale: int, seed: int | None, processes: int, *, clock: Callable[[], float]
) -> None:
    """Play, with a line a day, and print the figures."""
    if name not in published.FILES:
        raise click.ClickException(f"no campaign {name}; there is {', '.join(published.FILES)}")
    begun = clock()

    def told(day: date, so_far: int, of: int) -> None:
        click.echo(f"{day:%d/%m/%Y}  {so_far:7} of {of}  {so_far / max(clock() - begun, 0.001):6.1f} a second")

    try:
        figures = replay(Asked(settings, name, scale, SEED if seed is None else seed), processes, told)
    except KeyboardInterrupt:
        raise click.ClickException("stopped; start it again, and it goes on") from None
    except HandLost as lost:
        raise click.ClickException(str(lost)) from None
    for line in lines(figures):
        click.echo(line)


def lines(figures: Figures) -> list[str]:
    """The published figures, each share with what it is a share of."""
    applied, issued, activated = max(figures.applied, 1), max(figures.issued, 1), figures.activated
    return [
        f"applied    {figures.applied:7}",
        f"issued     {figures.issued:7}   {figures.issued / applied:.1%} of applied",
        f"activated  {activated:7}   {activated / issued:.1%} of issued, {activated / applied:.1%} of applied",
        f"waiting    {figures.waiting:7}",
    ]
