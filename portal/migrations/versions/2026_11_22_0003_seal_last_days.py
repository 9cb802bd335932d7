"""Seal the last days of documents, evidence and planted locks: a citizen's card ends on a birthday (invariant 6).

Revision 0003, after 0002. What lies in clear is sealed while the columns change, so rows need the keys: `flask migrate`
has them. Planted locks become a sealed note on the account. Audit events written before tell the day still; they cannot
be changed.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import context, op

from identity.deadlines import VIETNAM
from identity.vault import Vault

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PAPERS = ("citizen_card", "passport", "residence_card")
MOVES = (("document", "expires_on", "expires_on_sealed"), ("evidence", "expires_at", "ends_on_sealed"))


def upgrade() -> None:
    op.add_column("account", sa.Column("papers_end_sealed", sa.LargeBinary(), nullable=True))
    for table, _clear, sealed in MOVES:
        op.add_column(table, sa.Column(sealed, sa.LargeBinary(), nullable=True))
    for table, clear, sealed in MOVES:
        _seal(table, clear, sealed)
    _seal_planted()
    for table, clear, _sealed in MOVES:
        with op.batch_alter_table(table) as batch:
            batch.drop_column(clear)


def _seal(table: str, clear: str, sealed: str) -> None:
    kind = sa.Date() if clear == "expires_on" else sa.DateTime(timezone=True)
    rows = sa.table(table, sa.column("id", sa.Uuid()), sa.column(clear, kind), sa.column(sealed, sa.LargeBinary()))
    database = op.get_bind()
    for row in database.execute(sa.select(rows.c.id, rows.c[clear]).where(rows.c[clear].is_not(None))).all():
        closed = _vault().seal(f"{table}.{sealed}", row.id, _day(row[1]).isoformat().encode())
        database.execute(rows.update().where(rows.c.id == row.id).values({sealed: closed}))


def _seal_planted() -> None:
    """Planted grounds of one account become one note."""
    account = sa.table("account", sa.column("id", sa.Uuid()), sa.column("papers_end_sealed", sa.LargeBinary()))
    ground = sa.table(
        "lock_ground",
        *(sa.column("id", sa.Uuid()), sa.column("account_id", sa.Uuid()), sa.column("ground"), sa.column("source")),
        *(sa.column("since", sa.DateTime(timezone=True)), sa.column("ended_at", sa.DateTime(timezone=True))),
    )
    planted = ground.c.source.in_(PAPERS) & ground.c.ended_at.is_(None)
    database, notes = op.get_bind(), {}
    for row in database.execute(sa.select(ground).where(planted)).all():
        notes.setdefault(row.account_id, {})[row.source] = [row.ground, _day(row.since).isoformat()]
    for account_id, note in notes.items():
        closed = _vault().seal("account.papers_end_sealed", account_id, json.dumps(note).encode())
        database.execute(account.update().where(account.c.id == account_id).values(papers_end_sealed=closed))
    database.execute(ground.delete().where(planted))


def _day(value: date | datetime) -> date:
    """The last day in Vietnam; SQLite gives moments without their zone."""
    if not isinstance(value, datetime):
        return value
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(VIETNAM).date()


def _vault() -> Vault:
    vault: Vault | None = context.config.attributes.get("vault")
    if vault is None:
        raise RuntimeError("this database holds rows that must be sealed; run `flask migrate`, which has the keys")
    return vault
