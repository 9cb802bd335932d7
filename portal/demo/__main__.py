"""`make demo`: make the world (or take the one that is there), start the processes, print where to go."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import Any

import click
from sqlalchemy import func, select

from identity.account import Account
from identity.credentials.passwords import hash_password
from identity.key_check import keys_fit, remember_keys
from identity.oidc.keys import keep_ahead
from identity.places import load_units
from identity.registers.embedded import open_session
from identity.vault import Vault
from portal.commands import SERVER_MEMORY, check_port, server_arguments
from portal.database import Database, connect
from portal.demo import report
from portal.demo.clients import settle_clients
from portal.demo.crowd import add_crowd
from portal.demo.processes import Interrupted, Processes, interrupt_on_signals
from portal.demo.residents import PASSWORD
from portal.demo.world import make_world
from portal.gateways.keys import read_keys
from portal.migrations import upgrade
from portal.services import utc_now
from portal.settings import Settings, from_environment


def prepare_environment() -> Settings:
    """Demonstration settings; the key of the form cookie is made once and kept in var/."""
    if os.environ.setdefault("SETTING", "demonstration") != "demonstration":
        raise click.ClickException("make demo runs in the setting `demonstration` only")
    os.umask(0o077)  # the database, the messages with their codes and the logs are this user's only
    var = Path(os.environ.setdefault("VAR", str(Path("var").resolve())))
    var.mkdir(parents=True, exist_ok=True)
    secret = var / "secret_key"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(48))
    os.environ.setdefault("SECRET_KEY", secret.read_text())
    return from_environment()


def prepare_world(settings: Settings, relying_party: str) -> dict[str, Any]:
    """The content of var/demo.json: the world that is there, or a new one on a database without accounts."""
    path = settings.var / "demo.json"
    content = report.read(path)
    if content is None or content["database_url"] != settings.database_url:
        _start_anew(settings)
        content = None
    vault = Vault(read_keys(settings))
    upgrade(settings.database_url, vault)
    database = connect(settings.database_url, vault)
    _settle(database)
    if content is None:
        _check_empty(database)
        world = make_world(database, settings, relying_party, now=utc_now())
        content = report.content_of(world, settings, relying_party)
    else:
        with open_session(settings.register_database_url):
            pass  # columns that a newer release asks for
        with database.transaction() as db:
            content["clients"] = settle_clients(db, content["clients"], relying_party, now=utc_now())
    content = {**content, **report.addresses(settings, relying_party)}
    if settings.demo_people:
        crowd = add_crowd(database, settings.demo_people, hash_password(PASSWORD), now=utc_now())
        content = report.with_crowd(content, crowd)
    report.write(path, content)
    database.engine.dispose()
    return content


def _start_anew(settings: Settings) -> None:
    """A world that was not finished, or another database's: its files under var/ are made again."""
    for name in ("portal.db", "registers.db"):
        for path in settings.var.glob(f"{name}*"):
            path.unlink()
    (settings.var / "demo.json").unlink(missing_ok=True)
    shutil.rmtree(settings.var / "messages", ignore_errors=True)


def _settle(database: Database) -> None:
    with database.transaction() as db:
        remember_keys(db)
        if not keys_fit(db):
            raise click.ClickException("the keys in var/keys are not those of this database; `make clean` starts anew")
        load_units(db, now=utc_now())
        keep_ahead(db, now=utc_now())


def _check_empty(database: Database) -> None:
    with database.session(write=False) as db:
        if db.scalar(select(func.count()).select_from(Account)):
            raise click.ClickException(
                "this database holds accounts that var/demo.json does not know; give an empty one, or `make clean`"
            )


def run(settings: Settings) -> None:
    """Make the world, start everything, and stay until a signal."""
    relying_party = f"http://127.0.0.1:{settings.port + 1}"
    for port in (settings.port, settings.port + 1):
        check_port("127.0.0.1", port)
    content = prepare_world(settings, relying_party)
    environment = {**SERVER_MEMORY, "ISSUER": settings.issuer, "FLASK_APP": "wsgi"}
    processes = Processes(settings.var / "logs", environment)
    try:
        processes.start("portal", server_arguments(settings))
        processes.start("worker", ["-m", "flask", "worker"])
        processes.start("relying-party", ["-m", "portal.demonstration.relying_party"])
        processes.wait_for("portal", f"http://127.0.0.1:{settings.port}/readyz")
        processes.wait_for("relying-party", f"{relying_party}/")
        click.echo(report.printed(content, settings.var / "demo.json"))
        processes.watch()
    finally:
        processes.end()


def main() -> int:
    """Exit 0 after a signal, 1 with a plain sentence after a problem."""
    interrupt_on_signals()
    try:
        run(prepare_environment())
    except Interrupted:
        click.echo("ended")
        return 0
    except click.ClickException as problem:
        click.echo(f"make demo: {problem.message}", err=True)
    except RuntimeError as problem:
        click.echo(f"make demo: {problem}", err=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
