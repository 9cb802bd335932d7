"""Dated revisions of the database, and the two questions the portal asks about them.

Alembic is imported when it is asked for: a web process needs it for `/readyz` only, and not at every start.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

    from identity.vault import Vault

FOLDER = Path(__file__).resolve().parent


def upgrade(url: str, vault: Vault | None = None, revision: str = "head") -> None:
    """Bring the database at `url` to the newest revision, or to `revision`; all or nothing.

    A revision that seals what lay in clear needs the `vault`, unless there are no rows.
    """
    from alembic import command

    configuration = _configuration()
    configuration.attributes["url"] = url
    configuration.attributes["vault"] = vault
    command.upgrade(configuration, revision)


def is_current(connection: Connection) -> bool:
    """Whether the database stands at the newest revision of this release."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [newest()]


def newest() -> str:
    """The newest revision of this release, by the dated names of the files."""
    last = sorted(path.name for path in (FOLDER / "versions").glob("*_*.py"))[-1]
    return last.split("_")[3]


def _configuration() -> Config:
    from alembic.config import Config

    return Config(str(FOLDER / "alembic.ini"))
