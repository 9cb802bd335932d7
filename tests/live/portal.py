"""A real portal process with its worker over a small world of its own, behind the https front."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from identity.account import Account
from identity.credentials.passwords import hash_password
from identity.credentials.totp import new_secret
from identity.key_check import remember_keys
from identity.vault import Keys, Vault
from portal.commands import server_arguments
from portal.database import Database, connect
from portal.gateways.keys import save
from portal.migrations import upgrade
from portal.settings import Setting, Settings
from tests.identity.oidc.making import a_resident
from tests.live.authority import Authority
from tests.live.front import Front, over_https
from tests.servers import free_port, process, settings_of, wait_for

START_SECONDS = 120
OTP = "135790"
PASSWORD = "a long password of the tests"


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    login: str
    password: str = PASSWORD
    otp: str = OTP


@dataclass(frozen=True)
class Live:
    """The running portal. `database` looks over its shoulder; what is asked goes to `issuer`."""

    issuer: str
    folder: Path
    authority: Authority
    front: Front
    database: Database
    people: tuple[Person, ...]

    @property
    def trust(self) -> str:
        """The file of authorities that a caller must trust."""
        return str(self.authority.file)

    def arrange(self, work: Callable[[Session, datetime], None]) -> None:
        """Change the world behind the portal's back, by the domain's verbs."""
        with self.database.transaction() as db:
            work(db, datetime.now(UTC))


def a_world(database: Database) -> tuple[Person, ...]:
    """A citizen and a foreign resident, both at level 2, with a password and an authenticator."""
    people = (Person("001158012345"), Person("012345678901"))
    password_hash = hash_password(PASSWORD)
    with database.transaction() as db:
        remember_keys(db)
        for number, person in enumerate(people):
            account: Account = a_resident(db, now=datetime.now(UTC), login=person.login, foreign=number == 1)
            account.password_hash, account.totp_secret = password_hash, new_secret()
    return people


@contextmanager
def live_portal(folder: Path, *, issuer: str = "", port: int = 0, **environment: str) -> Iterator[Live]:
    """Start it in `folder`, on SQLite unless DATABASE_URL is given. Ends with the block."""
    port, inside, vault = port or free_port(), free_port(), Vault(Keys.generate())
    authority = Authority(folder / "certificates")
    settings = {
        **settings_of(folder, f"sqlite:///{folder / 'portal.db'}"),
        "PORT": str(inside),
        "ISSUER": issuer or f"https://localhost:{port}",
        "TRUSTED_PROXIES": "127.0.0.1",
        "RATE_LIMITS": "off",
        "TEST_OTP": OTP,
        "OPEN_REGISTRATION": "on",
        "FETCH_LOOPBACK": "on",
        "FETCH_CA": str(authority.file),
        **environment,
    }
    save(folder / "keys", vault.keys)
    upgrade(settings["DATABASE_URL"], vault)
    database = connect(settings["DATABASE_URL"], vault)
    people = a_world(database)
    arguments = server_arguments(Settings(setting=Setting.TEST, port=inside, secret_key=settings["SECRET_KEY"]))
    front, log = Front(f"http://127.0.0.1:{inside}", settings["ISSUER"]), folder / "portal.log"
    with ExitStack() as running:
        running.callback(database.engine.dispose)
        served = running.enter_context(process(*arguments, environment=settings, log=log))
        running.enter_context(process("-m", "flask", "worker", environment=settings, log=folder / "worker.log"))
        running.enter_context(over_https(front, port, authority.server(), authority.file))
        wait_for(f"http://127.0.0.1:{inside}/.well-known/openid-configuration", served, log, START_SECONDS)
        yield Live(settings["ISSUER"], folder, authority, front, database, people)
