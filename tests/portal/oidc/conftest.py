"""One resident, one service."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.database import Database
from tests.identity.oidc.making import a_resident, a_service, agreed
from tests.portal.oidc.browsing import browser


@pytest.fixture
def world(database: Database, now: datetime) -> Any:
    with database.transaction() as db:
        account, client = a_resident(db, now=now), a_service(db, now=now)
        return SimpleNamespace(account=account, client=client)


@pytest.fixture
def resident(app: Flask, database: Database, world: Any, now: datetime) -> FlaskClient:
    """A browser in which the resident has signed in."""
    return browser(app, database, world.account, now)


@pytest.fixture
def friend(resident: FlaskClient, database: Database, world: Any, now: datetime) -> FlaskClient:
    """The same, and everything was agreed before."""
    with database.transaction() as db:
        agreed(db, world.account, world.client, now=now)
    return resident
