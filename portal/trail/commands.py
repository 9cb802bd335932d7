"""The operator's commands of the trail: `flask audit seal`, `verify`, `key`, `archive`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext

from identity import seals
from identity.audit import SYSTEM
from identity.base import Refused
from portal.commands import check_keys
from portal.database import database
from portal.gateways import checkpoints
from portal.services import now, services
from portal.trail import blueprint


@blueprint.cli.group("audit")
def audit_commands() -> None:
    """The sealed audit trail."""


@audit_commands.command("seal")
@with_appcontext
def seal() -> None:
    """Seal what has no seal yet and publish the checkpoints; the worker does this by itself."""
    check_keys()  # a seal under another database's keys is a finding for ever
    settings, count = services().settings, 0
    while True:
        with database().transaction() as db:
            made = seals.seal_some(db, checkpoints.origin_of(settings), now=now())
        if made is None:
            break
        count = made.size
    with database().session(write=False) as db:
        written = checkpoints.publish(db, checkpoints.folder_of(settings))
    click.echo(f"{count} events are sealed, {written} checkpoints published" if count else "nothing to seal")


@audit_commands.command("verify")
@click.option(
    "--published",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of checkpoints kept elsewhere; default: this portal's own.",
)
@click.option(
    "--archives",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the files to which old events went; without it those files are not looked at.",
)
@with_appcontext
def verify(published: Path | None, archives: Path | None) -> None:
    """Compare every event, seal, node, checkpoint and published note. Ends with 1 when anything was changed."""
    settings = services().settings
    folder = published or checkpoints.folder_of(settings)
    notes = checkpoints.notes_in(folder)
    try:
        with database().snapshot() as db:
            report = seals.verify(db, checkpoints.origin_of(settings), notes, archives=archives)
    except (*seals.UNREADABLE, AttributeError, LookupError) as error:  # of the few rows that are needed to look at all
        raise click.ClickException(f"CHANGED: a row can no longer be read ({type(error).__name__})") from error
    click.echo(f"{report.sealed} sealed events ({report.archived} of them archived), {report.checkpoints} checkpoints")
    click.echo(f"{report.published} published checkpoints compared")
    age = f", the oldest {now() - report.oldest_unsealed} old" if report.oldest_unsealed else ""
    click.echo(f"{report.unsealed} events not yet sealed{age}")
    if report.archived and archives is None:
        click.echo("the files of archived events were not looked at (--archives FOLDER)")
    for finding in report.findings:
        click.echo(f"CHANGED: {finding.kind} at {finding.place}", err=True)
    if report.findings:
        raise click.ClickException(f"{len(report.findings)} findings")
    if report.checkpoints and not report.published:
        raise click.ClickException(f"no checkpoint is in {folder}: whether the newest entries were cut off is unknown")
    click.echo("nothing was changed")


@audit_commands.command("key")
@with_appcontext
def key() -> None:
    """The verifier's line, for programs that check signed notes."""
    with database().session(write=False) as db:
        for key in seals.verifying_keys(db):
            click.echo(seals.verifier_line(checkpoints.origin_of(services().settings), key))


@audit_commands.command("archive")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Day (UTC) from which on events stay.")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--drop", is_flag=True, help="Then delete what the file holds. Seals and checkpoints stay.")
@with_appcontext
def archive(before: datetime, folder: Path, drop: bool) -> None:
    """Write old sealed events to a file that can be checked against the seals."""
    check_keys()
    try:
        _archive(before.replace(tzinfo=UTC), folder, drop)
    except Refused as refusal:
        raise click.ClickException(f"{refusal.code}: nothing more was deleted") from None


def _archive(before: datetime, folder: Path, drop: bool) -> None:
    """One partition after the other, each dropped for itself: given again after a stop, it goes on where it stood."""
    done = 0
    with database().session(write=False) as db:
        until = seals.sealed_so_far(db)  # each drop is an event itself
    while (archived := _next(before, folder, done, until)) is not None:
        click.echo(f"{archived.end - archived.first} events in {archived.path}, SHA-256 {archived.digest}")
        if drop:
            with database().transaction() as db:
                seals.drop_archived(db, archived, checkpoints.origin_of(services().settings), actor=SYSTEM, now=now())
        done = archived.end
    if done == 0:
        click.echo("nothing to archive")
    elif drop:
        with database().session(write=False) as db:
            checkpoints.publish(db, checkpoints.folder_of(services().settings))
        click.echo("dropped from the database, each under a checkpoint of its own")


def _next(before: datetime, folder: Path, since: int, until: int) -> seals.Archived | None:
    with database().session(write=False) as db:
        return seals.archive_before(db, folder, before=before, since=since, until=until)
