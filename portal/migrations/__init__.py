"""Dated revisions of the database, and the two questions the portal asks about them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

FOLDER = Path(__file__).resolve().parent


def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest revision; all or nothing."""
    configuration = _configuration()
    configuration.attributes["url"] = url
    command.upgrade(configuration, "head")


def is_current(connection: Connection) -> bool:
    """Whether the database stands at the newest revision of this release."""
    there = MigrationContext.configure(connection).get_current_heads()
    return set(there) == set(ScriptDirectory.from_config(_configuration()).get_heads())


def _configuration() -> Config:
    return Config(str(FOLDER / "alembic.ini"))
