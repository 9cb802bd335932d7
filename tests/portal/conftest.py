"""Every test of a page also keeps a rule of the house: nothing slow while a view's write transaction is open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import has_request_context
from PIL import Image
from qrcode import QRCode
from sqlalchemy import Connection, event

from identity import programs
from identity.credentials.argon_block import Block
from identity.registers.embedded import EmbeddedImmigrationRegister, EmbeddedPopulationRegister
from identity.work import Work
from portal import pages
from portal.database import Database

SLOW = (
    (pages, "render_template"),
    (QRCode, "make_image"),
    (PasswordHasher, "hash"),
    (Block, "verify"),
    (Image, "open"),
    (programs, "run"),
    (EmbeddedPopulationRegister, "confirm"),
    (EmbeddedPopulationRegister, "match_biometrics"),
    (EmbeddedImmigrationRegister, "confirm"),
    (EmbeddedImmigrationRegister, "match_biometrics"),
)


class Writing(set[int]):
    """The threads with a write transaction open."""

    def begun(self, connection: Connection) -> None:
        if connection.get_execution_options().get("write"):
            self.add(threading.get_ident())

    def begun_quickly(self, begin: Callable[..., None]) -> Callable[..., None]:
        def run(work: Work, connection: Any) -> None:
            begin(work, connection)
            self.add(threading.get_ident())

        return run

    def released(self, release: Callable[..., None]) -> Callable[..., None]:
        def run(work: Work) -> None:
            release(work)
            if work.writes:
                self.discard(threading.get_ident())

        return run

    def ended(self, _connection: Connection) -> None:
        self.discard(threading.get_ident())

    def keep_out(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            slow = has_request_context() and threading.get_ident() in self
            assert not slow, f"{work.__qualname__} while a write transaction is open"
            return work(*arguments, **named)

        return run


@pytest.fixture(autouse=True)
def nothing_slow_after_the_first_write(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "database" not in request.fixturenames:
        return
    database: Database = request.getfixturevalue("database")
    writing = Writing()
    event.listen(database.engine, "begin", writing.begun)
    event.listen(database.engine, "commit", writing.ended)
    event.listen(database.engine, "rollback", writing.ended)
    monkeypatch.setattr(Work, "begin_on", writing.begun_quickly(Work.begin_on))
    monkeypatch.setattr(Work, "release", writing.released(Work.release))
    for owner, name in SLOW:
        monkeypatch.setattr(owner, name, writing.keep_out(getattr(owner, name)))
