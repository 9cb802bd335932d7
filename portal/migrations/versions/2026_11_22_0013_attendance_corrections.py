"""Attendance corrections.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attendance_withdrawal",
        sa.Column("attendance_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attendance_id"], ["attendance.id"], name=op.f("fk_attendance_withdrawal_attendance_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_attendance_withdrawal_by_id")),
        sa.PrimaryKeyConstraint("attendance_id", name=op.f("pk_attendance_withdrawal")),
    )


def downgrade() -> None:
    op.drop_table("attendance_withdrawal")
