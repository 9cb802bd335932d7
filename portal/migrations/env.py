"""What Alembic runs: all models, one transaction, foreign keys off on SQLite while tables are rebuilt.

Batch operations on SQLite copy a table and drop the old one. With `foreign_keys=ON` that drop deletes the child rows
without a word, so the pragma is off while migrating and every reference is checked before the commit.
"""

from __future__ import annotations

import importlib
import os
import pkgutil

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

import identity
import onboarding
from identity.base import Base, UTC_DateTime

MIGRATION_LOCK = 7_364_001
"""Advisory lock on PostgreSQL: two processes that start together do not migrate together."""


def load_models() -> None:
    """Import every module of the domain, so that no table is forgotten when models and database are compared."""
    for package in (identity, onboarding):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write our column type in its plain form, so that an old revision does not depend on today's code."""
    if kind == "type" and isinstance(item, UTC_DateTime):
        return "sa.DateTime(timezone=True)"
    return False


def migrate(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.connection.isolation_level = None  # the transaction below is ours, not the driver's guess
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        transactional_ddl=True,
        compare_type=False,
    )
    context.run_migrations()
    if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
        raise RuntimeError(f"the migration would leave references to nothing: {broken[:5]}")
    if sqlite:
        connection.exec_driver_sql("COMMIT")
    connection.commit()


def database_url() -> str:
    url = context.config.attributes.get("url") or os.environ["DATABASE_URL"]
    return str(url).replace("postgresql://", "postgresql+psycopg://", 1)


if getattr(context.config.cmd_opts, "autogenerate", False) or context.config.attributes.get("compare"):
    load_models()
with create_engine(database_url(), poolclass=NullPool).connect() as opened:
    migrate(opened)
