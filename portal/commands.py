"""The operator's commands: `flask migrate`, `flask serve`, `flask worker` … (settings come from the environment)."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from identity.key_check import keys_fit, remember_keys
from identity.key_use import settle_uses
from identity.oidc.keys import keep_ahead
from identity.places import load_units
from portal.database import database
from portal.demo.commands import demo
from portal.feed_commands import feeds
from portal.figure_commands import figures
from portal.key_commands import keys
from portal.migrations import upgrade
from portal.readiness import checks
from portal.retention_commands import retention
from portal.services import now, services
from portal.settings import Settings

HEAP = ("mmap_threshold=1048576", "hugetlb=1", "arena_max=1")
SERVER_MEMORY = {"GLIBC_TUNABLES": ":".join(f"glibc.malloc.{one}" for one in HEAP)}
"""Large blocks go back to the system at once. Without it glibc keeps the 19 MB of every password hash in its heap:
40 MB a process that nobody uses. Fetched as large pages they cost a quarter of the hash less than as 4,865 small ones.
One heap for all threads saves 4 MB more: they run Python in turns anyway. Read by glibc alone, from 2.35 on."""

STRANGE_KEYS = "these are not the keys that this database was made with"


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Bring the database to this release, remember its keys, load the units, make keys to sign with."""
    upgrade(services().settings.database_url, services().vault)
    with database().transaction() as db:
        remember_keys(db)
        if not keys_fit(db):
            raise click.ClickException(STRANGE_KEYS)
        settle_uses(db, now=now())
        load_units(db, now=now())
        keep_ahead(db, now=now())
    click.echo("the database is up to date")


@click.command("serve")
@click.option("--processes", default=1, show_default=True, help="Several need Redis for shared rate limits.")
@click.option("--threads", default=4, show_default=True, help="Blocking threads a process; 1 is best on SQLite.")
@with_appcontext
def serve(processes: int, threads: int) -> None:
    """Serve the portal at HOST and PORT."""
    check_keys()
    settings = services().settings
    check_port(settings.host, settings.port)
    command = [sys.executable, *server_arguments(settings, processes, threads)]
    os.execve(sys.executable, command, {**SERVER_MEMORY, **os.environ})  # noqa: S606 - no shell


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Deliver messages, do long work and keep the clocks, until a termination signal."""
    check_keys()
    from portal.worker import serve as deliver  # a web process does not carry the messengers

    deliver(current_app._get_current_object())  # type: ignore[attr-defined]


def server_arguments(settings: Settings, processes: int = 1, threads: int = 4) -> list[str]:
    """The server's command line after the interpreter."""
    options = ["--host", settings.host, "--port", str(settings.port)]
    sizes = ["--workers", str(processes), "--blocking-threads", str(threads)]
    quiet = ["--no-ws", "--log-level", "warning", "--workers-kill-timeout", "10", "--respawn-failed-workers"]
    folder = str(Path(__file__).resolve().parent.parent)
    return ["-m", "granian", "--interface", "wsgi", *options, *sizes, *quiet, "--working-dir", folder, "wsgi:app"]


def check_port(host: str, port: int) -> None:
    """Two servers can bind one port and would answer half the requests each, so a busy port stops the start."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((host, port)) == 0:
            raise click.ClickException(f"port {port} is in use; stop what listens there or set PORT")


def check_keys() -> None:
    """With other keys people would not be found, and what is written would be sealed for nobody: no load balancer asks
    a worker whether it is ready. A database that cannot be asked yet is waited for."""
    found = checks()
    if found["migrations"] and not found["keys"]:
        raise click.ClickException(STRANGE_KEYS)


ALL = (migrate, serve, worker, retention, demo, keys, figures, feeds)
