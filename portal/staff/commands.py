"""The first administrator comes by command; everybody after that is invited on the pages."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from identity.audit import SYSTEM
from identity.base import Refused
from identity.staff import give_role
from identity.staff.invitation import invite
from portal.database import database
from portal.services import now
from portal.staff import blueprint


@blueprint.cli.group("staff")
def staff_commands() -> None:
    """People who work here."""


@staff_commands.command("invite")
@click.option("--role", default="operator", show_default=True, type=click.Choice(["operator", "auditor"]))
@click.argument("login")
@click.argument("name")
@click.argument("email")
@with_appcontext
def invite_first(role: str, login: str, name: str, email: str) -> None:
    """Invite somebody who looks after the portal itself."""
    try:
        with database().transaction() as db:
            account = invite(db, login, name, email, SYSTEM, now=now())
            db.flush()
            give_role(db, account.id, role, None, SYSTEM, now=now())
    except Refused as refusal:
        raise click.ClickException(refusal.code) from None
    click.echo(f"the invitation for {login} is on its way")
