"""Numbers from papers, and indexes for counting first times by day.

Revision ID: 0034
Revises: 0033
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reference_count",
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("vintage", sa.String(length=40), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("measure", "unit_id", "day", "imported_at", name=op.f("pk_reference_count")),
    )
    with op.batch_alter_table("reference_count", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reference_count_current",
            ["measure", "unit_id", "day"],
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )

    with op.batch_alter_table("assistance_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assistance_event_pseudonym"))
        batch_op.create_index(
            batch_op.f("ix_assistance_event_pseudonym_happened_at"), ["pseudonym", "happened_at"], unique=False
        )

    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendance_happened_at"), ["happened_at"], unique=False)

    with op.batch_alter_table("skill_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_skill_check_seen_at"), ["seen_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("skill_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_skill_check_seen_at"))

    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendance_happened_at"))

    with op.batch_alter_table("assistance_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assistance_event_pseudonym_happened_at"))
        batch_op.create_index(batch_op.f("ix_assistance_event_pseudonym"), ["pseudonym"], unique=False)

    with op.batch_alter_table("reference_count", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_reference_count_current",
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )

    op.drop_table("reference_count")
