"""`flask keys …`: a newer key is made and takes over; one that is used is not dropped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from identity import rotation
from identity.key_check import keys_fit, remember_keys
from identity.paper_key import PaperKey, ensure_paper_key
from identity.vault import Keys, Vault
from portal.assembly import create_app
from portal.database import Database
from portal.gateways.keys import save
from portal.services import Services
from portal.settings import Settings
from tests.fakes import Clock
from tests.rotation.office_hours import open_process


@pytest.fixture
def opened(
    settings: Settings, database: Database, database_url: str, vault: Vault, services: Services
) -> Iterator[Flask]:
    """The portal with keys in a folder of its own."""
    save(settings.var / "keys", vault.keys)
    with database.transaction() as db:
        remember_keys(db)
    process = open_process(database_url, settings.var / "keys")
    yield create_app(settings, replace(services, vault=process.vault), process)
    process.engine.dispose()


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["keys", *arguments])


def test_a_pepper_is_turned_and_the_older_one_dropped(opened: Flask, settings: Settings, clock: Clock) -> None:
    told = run(opened, "rotate", "pepper")
    assert (told.exit_code, told.output.split()[0]) == (0, "token-pepper-2")
    assert (settings.var / "keys" / "token-pepper-2.key").exists()
    assert "token-pepper both    version 1 writes, 2 counts besides" in run(opened, "list").output
    again = run(opened, "rotate", "pepper")
    assert (again.exit_code, "turned already" in again.output) == (1, True)
    assert not (settings.var / "keys" / "token-pepper-3.key").exists(), "no key is made in vain"
    assert "still writes or counts" in run(opened, "drop", "token-pepper", "--yes").output
    for _ in range(2):
        clock.now += rotation.SETTLE
        with opened.extensions["database"].transaction() as db:
            rotation.go_on(db, now=clock.now)
    assert "token-pepper waiting version 2 writes, 1 counts besides" in run(opened, "list").output
    dropped = run(opened, "drop", "token-pepper", "--yes")
    assert dropped.exit_code == 0, dropped.output
    assert not (settings.var / "keys" / "token-pepper.key").exists()
    assert (settings.var / "keys" / "lasting.key").exists()
    process = open_process(str(opened.extensions["database"].engine.url), settings.var / "keys")
    with process.session(write=False) as db:
        assert keys_fit(db)
    process.engine.dispose()


@pytest.mark.parametrize("command", ["worker", "serve"])
def test_with_other_keys_nothing_starts(
    settings: Settings, database: Database, services: Services, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """A worker would seal for nobody and sign checkpoints that nothing vouches for."""
    started: list[str] = []
    monkeypatch.setattr("portal.worker.serve", lambda _app: started.append("worker"))
    monkeypatch.setattr("portal.commands.os.execve", lambda *_given: started.append("serve"))
    with database.transaction() as db:
        remember_keys(db)
    stranger = Database(database.engine, database.reading, database.writing, Vault(Keys.generate()))
    for which in (stranger, database):
        told = create_app(settings, services, which).test_cli_runner().invoke(args=[command])
        assert ("not the keys that this database was made with" in told.output) == (which is stranger), told.output
    assert started == [command]


def test_the_key_of_decisions_is_renewed_and_the_earlier_one_stays(opened: Flask, clock: Clock) -> None:
    with opened.extensions["database"].transaction() as db:
        ensure_paper_key(db, now=clock.now)
    assert "signs from now on" in run(opened, "rotate", "decisions").output
    with opened.extensions["database"].session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(PaperKey)) == 2


def test_what_is_no_key_is_not_dropped(opened: Flask) -> None:
    for name in ("../secret", "encryption-9", "lasting"):
        assert run(opened, "drop", name, "--yes").exit_code == 1, name
