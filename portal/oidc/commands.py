"""The operator's commands of the provider: relying parties (`flask clients …`)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import orjson
from flask.cli import with_appcontext
from sqlalchemy import select

from identity.base import Refused
from identity.oidc import clients, invitation, registration
from identity.oidc.claims import OLDER_NAMES
from identity.oidc.clients import Client, Registration, RelyingParty
from identity.oidc.errors import ProtocolError
from identity.oidc.moving import is_elsewhere, move
from identity.oidc.registration_request import words_of
from portal.database import database
from portal.oidc import blueprint
from portal.services import now, services

OPERATORS_WORD = ("items", "least_aal", "resources")
"""Members of a document that only an operator's counts for."""
NAMED = {"ignore_unknown_options": True}
"""A client_id that we drew may begin with a dash, and is no option then."""


@blueprint.cli.group("clients")
def client_commands() -> None:
    """Relying parties: the services to which people sign in, and machines."""


@client_commands.command("invite")
@click.argument("note")
@with_appcontext
def invite(note: str) -> None:
    """Print an initial access token with which one service may register itself; NOTE says for whom it is."""
    with database().transaction() as db:
        token = invitation.invite(db, note, now=now())
    click.echo(f"{token}  (for one registration, within {invitation.LIFE.days} days)")


@client_commands.command("add")
@click.argument("document", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--older-names", is_flag=True, help="Give SoDinhDanh, HoVaTen … beside our claims.")
@with_appcontext
def add(document: Path, older_names: bool) -> None:
    """Register a service from a JSON document of client metadata (docs/integrating.md). Its secret is shown once."""
    said = _registration(_read(document), older_names=older_names)
    with database().transaction() as db:
        try:
            client, secret = clients.register(db, said, now=now())
        except Refused as refused:
            raise click.ClickException(f"{refused.field} {words_of(refused)}") from None
        told = registration.described(client) | ({"client_secret": secret} if secret else {})
    click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())


@client_commands.command("list")
@with_appcontext
def list_clients() -> None:
    """Every open relying party."""
    with database().session(write=False) as db:
        still_open = select(RelyingParty).where(RelyingParty.closed_at.is_(None)).order_by(RelyingParty.registered_at)
        for row in db.scalars(still_open):
            old = "  (in a sector of before: flask clients move)" if is_elsewhere(clients.client_of(row)) else ""
            click.echo(
                f"{row.profile:8} {row.auth_method:27} {row.client_id}  {next(iter(row.name.values()), '')}{old}"
            )


@client_commands.command("show", context_settings=NAMED)
@click.argument("client_id")
@with_appcontext
def show(client_id: str) -> None:
    """What a relying party is registered with."""
    told = registration.described(_find(client_id))
    click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())


@client_commands.command("move", context_settings=NAMED)
@click.argument("client_id")
@with_appcontext
def move_client(client_id: str) -> None:
    """Put an application that shares a sector by an older rule into its own. Nobody's `sub` changes."""
    client = _find(client_id)
    if not is_elsewhere(client):
        raise click.ClickException("it is in the sector of its addresses")
    with database().transaction() as db:
        try:
            people = move(db, client, now=now())
        except Refused as refused:
            raise click.ClickException(f"{refused.field} {words_of(refused)}") from None
    click.echo(f"{client_id} has moved; {people} people keep the sub that it knows")


@client_commands.command("close", context_settings=NAMED)
@click.argument("client_id")
@click.confirmation_option(prompt="Nobody can sign in to it any more, and its tokens are worth nothing. Close it?")
@with_appcontext
def close(client_id: str) -> None:
    """End a relying party. Every process has forgotten it within five seconds."""
    with database().transaction() as db:
        if not clients.close(db, client_id, now=now()):
            raise click.ClickException("there is no open client of this id")
    click.echo(f"{client_id} is closed")


def _registration(document: dict[str, Any], *, older_names: bool) -> Registration:
    """What the document says, with what only an operator may say."""
    try:
        client_id = str(document.get("client_id") or "")
        said = registration.wish_of(document, services().fetcher, is_open=False, client_id=client_id)
    except ProtocolError as error:
        raise click.ClickException(str(error.description)) from None
    extra: dict[str, Any] = {name: document[name] for name in OPERATORS_WORD if name in document}
    if "resources" in extra:
        extra["resources"] = tuple(extra["resources"])
    return replace(said, **extra, claim_mapping=OLDER_NAMES if older_names else None)


def _read(path: Path) -> dict[str, Any]:
    try:
        document = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise click.ClickException(f"{path.name} is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise click.ClickException(f"{path.name} holds no JSON object")
    return document


def _find(client_id: str) -> Client:
    with database().session(write=False) as db:
        found = clients.find_client(db, client_id)
    if found is None:
        raise click.ClickException("there is no open client of this id")
    return found
