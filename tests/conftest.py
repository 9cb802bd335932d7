"""What every test can ask for.

    db, database    a migrated database with the administrative units and signing keys, on SQLite and on PostgreSQL
    bare_database   the same without any row
    now, clock      Monday 23 November 2026, 10:00 in Vietnam; `clock.advance(days=1)`
    vault           keys of this run
    app, client     the portal over `database` and small registers; `settings` may be overridden in a test module

Databases are migrated once a run and copied for each test. `--engines sqlite` runs the quick half.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings as property_settings
from sqlalchemy.orm import Session, close_all_sessions

from identity.vault import Keys, Vault
from portal.database import Database, connect
from portal.migrations import upgrade
from portal.settings import Setting, Settings
from tests.fakes import A_MONDAY, Clock
from tests.live.fixtures import keep_together, live  # noqa: F401
from tests.quick import compile_routes_once, compile_templates_once, read_catalogues_once, write_to_memory
from tests.servers import PostgreSQL, PostgreSQLMissing

ENGINES = ("sqlite", "postgresql")
IN_CI = os.environ.get("CI") == "true"
write_to_memory()
compile_routes_once()
compile_templates_once()
read_catalogues_once()
property_settings.load_profile("ci")  # as there on every machine: no test fails because the machine is slow


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engines",
        default=",".join(ENGINES),
        help="databases to test on, comma separated",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        asked = metafunc.config.getoption("--engines").split(",")
        wanted = [engine for engine in ENGINES if engine in asked]
        one = metafunc.definition.get_closest_marker("any_engine") is not None
        metafunc.parametrize("engine", wanted[:1] if one else wanted, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    keep_together(items)


def missing(what: str) -> None:
    """A part of the machine is not there: a plain skip for a newcomer, a failure in CI."""
    if IN_CI:
        pytest.fail(f"{what}; in CI nothing may be skipped")
    pytest.skip(what)


@pytest.fixture(scope="session")
def vault() -> Vault:
    return Vault(Keys.generate())


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    try:
        server = PostgreSQL.start()
    except PostgreSQLMissing as error:
        missing(f"PostgreSQL cannot be started: {error}")
    with server.stop:
        yield server


class Templates:
    """Makes a prepared database once a run and engine, then hands out copies."""

    def __init__(self, folder: Path, postgresql: Callable[[], PostgreSQL]) -> None:
        self.folder, self.postgresql = folder, postgresql
        self.made: set[tuple[str, str]] = set()

    def copy(
        self,
        engine: str,
        name: str,
        prepare: Callable[[str], None],
        base: Callable[[], str] | None = None,
    ) -> str:
        """The address of a fresh copy of template `name`; `prepare(url)` fills the template the first time."""
        if (engine, name) not in self.made:
            url = base() if base else self._fresh(engine, name)
            prepare(url)
            if base:
                self._keep(engine, url, name)
            self.made.add((engine, name))
        return self._copied(engine, name)

    def _fresh(self, engine: str, name: str) -> str:
        if engine == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        return self.postgresql().create(f"template_{name}")

    def _keep(self, engine: str, url: str, name: str) -> None:
        if engine == "sqlite":
            shutil.copyfile(url.removeprefix("sqlite:///"), self.folder / f"{name}.db")
        else:
            self.postgresql().create(f"template_{name}", template=_database_name(url))

    def _copied(self, engine: str, name: str) -> str:
        fresh = f"{name}_{uuid4().hex[:12]}"
        if engine == "sqlite":
            path = self.folder / f"{fresh}.db"
            shutil.copyfile(self.folder / f"{name}.db", path)
            return f"sqlite:///{path}"
        return self.postgresql().create(fresh, template=f"template_{name}")

    def discard(self, engine: str, url: str) -> None:
        if engine == "sqlite":
            for path in self.folder.glob(Path(url.removeprefix("sqlite:///")).name + "*"):
                path.unlink()
        else:
            self.postgresql().drop(_database_name(url))


def _database_name(url: str) -> str:
    return url.split("?")[0].rpartition("/")[2]


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Templates:
    return Templates(
        tmp_path_factory.mktemp("databases"),
        lambda: request.getfixturevalue("postgresql"),
    )


@pytest.fixture
def bare_url(templates: Templates, engine: str) -> Iterator[str]:
    """Address of a migrated database without a row."""
    url = templates.copy(engine, "bare", upgrade)
    yield url
    templates.discard(engine, url)


@pytest.fixture
def database_url(templates: Templates, engine: str, vault: Vault) -> Iterator[str]:
    """Address of a migrated database with units, offices and signing keys."""

    def load(url: str) -> None:
        from identity.oidc.keys import keep_ahead
        from identity.places import load_units

        opened = connect(url, vault)
        with opened.transaction() as db:
            load_units(db, now=A_MONDAY)
            keep_ahead(db, now=A_MONDAY - timedelta(days=30))  # in the past for tests on the real clock too
        opened.engine.dispose()

    url = templates.copy(engine, "units", load, base=lambda: templates.copy(engine, "bare", upgrade))
    yield url
    templates.discard(engine, url)


def _opened(url: str, vault: Vault) -> Iterator[Database]:
    opened = connect(url, vault)
    yield opened
    # A session that a test forgot would be collected later, in the middle of another test, over a database long gone.
    close_all_sessions()
    opened.engine.dispose()


@pytest.fixture
def bare_database(bare_url: str, vault: Vault) -> Iterator[Database]:
    yield from _opened(bare_url, vault)


@pytest.fixture
def database(database_url: str, vault: Vault) -> Iterator[Database]:
    yield from _opened(database_url, vault)


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    """A session that writes; a test commits when another session must see its rows."""
    with database.session(write=True) as session:
        yield session


@pytest.fixture
def now() -> datetime:
    return A_MONDAY


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        setting=Setting.TEST,
        issuer="http://localhost",
        secret_key="a secret key that only the tests use",
        var=tmp_path,
        rate_limits=False,
    )


@pytest.fixture(scope="session")
def register_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Registers with a small synthetic population, made once a run."""
    from tests.factories import fill_registers

    path = tmp_path_factory.mktemp("registers") / "registers.db"
    fill_registers(f"sqlite:///{path}")
    return path


@pytest.fixture
def services(
    settings: Settings,
    clock: Clock,
    vault: Vault,
    register_template: Path,
    tmp_path: Path,
) -> Any:
    from identity.registers.embedded import open_registers, open_subscribers
    from portal.services import Services

    path = tmp_path / "registers.db"
    shutil.copyfile(register_template, path)
    population, immigration = open_registers(f"sqlite:///{path}")
    subscribers = open_subscribers(f"sqlite:///{path}")
    return Services(settings, clock, vault, population, immigration, subscribers=subscribers)


@pytest.fixture
def app(settings: Settings, services: Any, database: Database) -> Any:
    from portal.assembly import create_app

    application = create_app(settings, services, database)
    application.testing = True
    application.config["WTF_CSRF_ENABLED"] = False
    return application


@pytest.fixture
def client(app: Any) -> Any:
    return app.test_client()


@pytest.fixture(scope="module")
def app_once(templates: Templates, tmp_path_factory: pytest.TempPathFactory, vault: Vault) -> Iterator[Any]:
    """The whole portal in the demonstration setting, for tests that look at it and change nothing."""
    from identity.registers.embedded import open_registers
    from portal.assembly import create_app
    from portal.services import Services

    folder = tmp_path_factory.mktemp("portal")
    settings = Settings(setting=Setting.DEMONSTRATION, secret_key="s" * 40, var=folder, rate_limits=False)
    url = templates.copy("sqlite", "bare", upgrade)
    opened = connect(url, vault)
    services = Services(settings, Clock(), vault, *open_registers(f"sqlite:///{folder / 'registers.db'}"))
    application = create_app(settings, services, opened)
    yield application
    opened.engine.dispose()
    templates.discard("sqlite", url)
