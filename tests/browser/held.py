"""A session that was opened before the test begins: for tests of what comes after signing in.

Signing in itself is walked elsewhere; each one waits for a fresh code of the authenticator, up to half a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from identity.account import find_account
from identity.session import open_session
from identity.vault import Vault
from portal.database import Database, connect
from portal.gateways.keys import read_keys
from portal.settings import Setting, Settings
from tests.browser.conftest import Demo
from tests.browser.visitor import Visitor

FACTORS = ("pwd", "otp", "mfa")


def hold_session(visitor: Visitor, demo: Demo, person: dict[str, Any]) -> Visitor:
    """The browser is signed in as this person from now on."""
    visitor.context.add_cookies([{"name": "eid_session", "value": token_of(demo, person), "url": visitor.portal}])
    return visitor


def token_of(demo: Demo, person: dict[str, Any]) -> str:
    """Of a session of this person's."""

    def open_one(db: Session) -> str:
        account = find_account(db, person["login"])
        assert account is not None, person["login"]
        return open_session(db, account, FACTORS, 2, now=datetime.now(UTC)).token

    return str(in_database(demo, open_one))


def in_database(demo: Demo, act: Callable[[Session], Any]) -> Any:
    """Do something in the demonstration's database, as another process of it would."""
    with _database(demo) as database, database.transaction() as db:
        return act(db)


@contextmanager
def _database(demo: Demo) -> Any:
    settings = Settings(setting=Setting.DEMONSTRATION, secret_key="x" * 40, var=demo.folder)
    database: Database = connect(demo.known["database_url"], Vault(read_keys(settings)))
    try:
        yield database
    finally:
        database.engine.dispose()
