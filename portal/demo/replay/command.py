"""What the terminal shows of a replay."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import click

from identity.base import Refused
from onboarding.figures.facts import Figure
from portal.demo.replay import campaign as published
from portal.demo.replay.dak_lak import run as of_dak_lak
from portal.demo.replay.dak_lak.published import NAME as DAK_LAK
from portal.demo.replay.dak_lak.published import SCALE as SCALE_OF_DAK_LAK
from portal.demo.replay.hands import HandLost
from portal.demo.replay.plan import SEED
from portal.demo.replay.player import Asked
from portal.demo.replay.run import Figures, publish, replay
from portal.settings import Settings

OTHERS = "others of the campaign are here, from another scale or seed perhaps; play into an empty database"
CAMPAIGNS = (*published.FILES, DAK_LAK)


def run(
    settings: Settings,
    name: str,
    scale: int | None,
    seed: int | None,
    processes: int,
    *,
    clock: Callable[[], float],
    now: Callable[[], datetime],
) -> None:
    """Play, with a line a day, count and publish, and print the figures."""
    if name not in CAMPAIGNS:
        raise click.ClickException(f"no campaign {name}; there is {', '.join(CAMPAIGNS)}")
    told = _progress(clock)
    with _said():
        if name == DAK_LAK:
            scale = scale or SCALE_OF_DAK_LAK
            click.echo(f"one made-up person for {scale:,} (1:{scale})")
            found = lines_of_dak_lak(of_dak_lak.replay(settings, scale, seed, told, clock=now, processes=processes))
        else:
            asked = Asked(settings, name, scale or 1, SEED if seed is None else seed)
            found = lines(replay(asked, processes, told))
            click.echo("counting the figures")
            publish(asked, clock=now)
    for line in found:
        click.echo(line)


def _progress(clock: Callable[[], float]) -> Callable[[date, int, int], None]:
    begun = clock()

    def told(day: date, so_far: int, of: int) -> None:
        click.echo(f"{day:%d/%m/%Y}  {so_far:7} of {of}  {so_far / max(clock() - begun, 0.001):6.1f} a second")

    return told


@contextmanager
def _said() -> Any:
    """What ends it early, in a sentence."""
    try:
        yield
    except KeyboardInterrupt:
        raise click.ClickException("stopped; start it again, and it goes on") from None
    except Refused as refused:
        raise click.ClickException(f"{refused.code}: {OTHERS}") from None
    except HandLost as lost:
        raise click.ClickException(str(lost)) from None


def lines(figures: Figures) -> list[str]:
    """The published figures, each share with what it is a share of."""
    applied, issued, activated = max(figures.applied, 1), max(figures.issued, 1), figures.activated
    return [
        f"applied    {figures.applied:7}",
        f"issued     {figures.issued:7}   {figures.issued / applied:.1%} of applied",
        f"activated  {activated:7}   {activated / issued:.1%} of issued, {activated / applied:.1%} of applied",
        f"waiting    {figures.waiting:7}",
    ]


def lines_of_dak_lak(found: of_dak_lak.Outcome) -> list[str]:
    """By the facts that were counted from events."""
    return [
        f"communes   {found.communes:7}",
        f"teams      {found.teams_of_ward:7}   in Ea Kao ward, its task forces among them",
        f"skilled    {_share(found.skilled)}",
        f"guided     {_share(found.guided)}",
    ]


def _share(figure: Figure) -> str:
    return f"{figure.numerator:7}   {figure.value or 0:.1%} of {figure.denominator} adults"
