"""A commune at work, written to the database of the app under test, and a browser signed in as one of its people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.account import get_account
from identity.session import open_session
from portal.database import Database


def write(database: Database, act: Callable[[Session], Any]) -> Any:
    """Do something in the database and commit it, as another request would have."""
    with database.session(write=True) as db:
        result = act(db)
        db.commit()
        return result


def sign_in(client: FlaskClient, database: Database, account_id: UUID, *, now: datetime, aal: int = 2) -> None:
    """The browser holds a session of this account from now on."""
    opened = write(
        database, lambda db: open_session(db, get_account(db, account_id), ("pwd", "otp", "mfa"), aal, now=now)
    )
    client.set_cookie("eid_session", opened.token)
