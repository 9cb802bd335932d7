"""`flask figures`: counting all facts anew, publishing them, and taking in the numbers of papers."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import COUNTRY, unit_by_code
from onboarding.figures.kept import use_gone_before
from onboarding.figures.model import NATION, ReferenceCount
from onboarding.figures.reference import Line, import_lines
from onboarding.figures.registry import imported_measures
from portal.counting import count_what_waits, mark_every_day, publish
from portal.database import database
from portal.errors import SENTENCES
from portal.language import force_locale
from portal.services import now

COLUMNS = ["measure", "unit", "day", "number", "source", "vintage"]


@click.group("figures")
def figures() -> None:
    """Indicators and their facts."""


@figures.command("rebuild")
@with_appcontext
def rebuild() -> None:
    """Count every day anew from the events, some days a transaction, then publish. Stopped, it goes on from there."""
    moment = now()
    click.echo(f"{mark_every_day(database())} days to count")
    with database().session(write=False) as db:
        gone = use_gone_before(db)
    if gone is not None:
        day = today_in_vietnam(gone)
        click.echo(f"sessions before {day} are gone: the use of accounts active by then stays as it was counted")
    count_what_waits(database(), now=moment)
    publish(database(), clock=now)
    click.echo("every figure was counted and published")


@figures.command("publish")
@with_appcontext
def publish_now() -> None:
    """Publish what is counted, now instead of tonight. Stopped, the worker goes on."""
    publish(database(), clock=now)
    click.echo("published")


@figures.group("denominators")
def denominators() -> None:
    """Numbers that no event gives: how many adults, households or pupils there are, and what localities report."""


@denominators.command("import")
@click.argument("paper", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@with_appcontext
def take_in(paper: Path, dry_run: bool) -> None:
    """Take in a CSV file: measure, unit (code or VN), day, number, source, vintage. All lines or none.

    A line without a number takes back what was said of that day. What stood before stays to be seen.
    """
    try:
        with database().transaction() as db:
            changed = import_lines(db, list(_lines(db, paper)), now=now())
            if dry_run:
                db.rollback()
    except Refused as refusal:
        with force_locale("en"):
            raise click.ClickException(str(SENTENCES[refusal.code]) % refusal.facts) from None
    click.echo(f"{changed} numbers {'would change' if dry_run else 'changed'}")


@denominators.command("list")
@with_appcontext
def show() -> None:
    """What papers may give, how many places have it, and the newest paper."""
    row = ReferenceCount
    query = select(row.measure, func.count(row.unit_id.distinct()), func.max(row.day))
    query = query.where(row.replaced_at.is_(None), row.number.is_not(None)).group_by(row.measure)
    with database().transaction() as db:
        held = {measure: (places, newest) for measure, places, newest in db.execute(query)}
    for measure in sorted(imported_measures()):
        places, newest = held.get(measure, (0, None))
        click.echo(f"{measure:32} {places:5} places   {newest or 'nothing yet'}")


def _lines(db: Session, paper: Path) -> Iterator[Line]:
    with paper.open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file)
        if table.fieldnames != COLUMNS:
            raise Refused("reference-columns")
        for number, row in enumerate(table, start=1):
            yield _line(db, row, number)


def _line(db: Session, row: dict[str, Any], number: int) -> Line:
    try:
        said = {name: row[name].strip() for name in COLUMNS}
        day = date.fromisoformat(said["day"])
        unit: UUID = NATION if said["unit"] == COUNTRY else _unit(db, said["unit"], day)
    except (ValueError, AttributeError, LookupError):
        raise Refused("reference-line", line=number) from None
    if not said["number"].isascii() or not (said["number"] or "0").isdigit():
        raise Refused("reference-number", line=number)
    amount = int(said["number"]) if said["number"] else None
    return Line(said["measure"], unit, day, amount, said["source"], said["vintage"])


def _unit(db: Session, code: str, day: date) -> UUID:
    unit = unit_by_code(db, code, on=day)
    if unit is None:
        raise LookupError(code)
    return unit.id
