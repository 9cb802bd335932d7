"""`flask retention`: what is over and would go, and purging it now instead of tonight."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import with_appcontext

from identity.retention.run import due_now, purge_some, reports
from portal.database import database
from portal.services import now


@click.command("retention")
@click.option("--purge", is_flag=True, help="Purge it now; without this nothing is changed.")
@with_appcontext
def retention(purge: bool) -> None:
    """Say what is over by the dated rules, rule by rule; with --purge take it away and say what went."""
    moment = now()
    if not purge:
        with database().session(write=False) as db:
            for due in due_now(db, now=moment):
                click.echo(f"{due.rule:22} before {due.before:%Y-%m-%d %H:%M} UTC  {due.rows:8} would go")
        return
    cursor: dict[str, Any] | None = None
    while True:
        with database().transaction() as db:
            cursor = purge_some(db, cursor, now=moment)
        if cursor is None:
            break
    with database().session(write=False) as db:
        for line in (line for line in reports(db) if line.finished_at == moment):
            click.echo(f"{line.rule:22} before {line.before:%Y-%m-%d %H:%M} UTC  {line.purged:8} went")
