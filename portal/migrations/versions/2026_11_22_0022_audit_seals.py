"""The seal over the audit trail: places in the tree, its inner nodes, signed checkpoints, what was archived.

Revision 0022, after 0021. The rows are append-only as the events themselves (revision 0002).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KEYS = {
    "audit_seal": "position = NEW.position OR event_id = NEW.event_id",
    "audit_node": "level = NEW.level AND place = NEW.place",
    "audit_checkpoint": "size = NEW.size",
    "audit_archive": "first = NEW.first",
}
"""Table → what makes a new row an old one, so that SQLite's INSERT OR REPLACE is refused as well."""


def upgrade() -> None:
    op.create_table(
        "audit_archive",
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("first", name=op.f("pk_audit_archive")),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=600), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "audit_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("level", "place", name=op.f("pk_audit_node")),
    )
    op.create_table(
        "audit_seal",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_seal_event_id")),
    )
    for table in KEYS:
        for statement in _triggers(table):
            op.execute(statement)


def _triggers(table: str) -> list[str]:
    if op.get_bind().dialect.name == "postgresql":
        return [
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        ]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    return [
        f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} {refuse}" for what in ("UPDATE", "DELETE")
    ] + [
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {KEYS[table]}) {refuse}"
    ]


def downgrade() -> None:
    op.drop_table("audit_seal")
    op.drop_table("audit_node")
    op.drop_table("audit_checkpoint")
    op.drop_table("audit_archive")
