"""Wishes to pause an account, for known and unknown numbers alike, until the worker has seen them.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pause_wish",
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pause_wish_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause_wish")),
    )


def downgrade() -> None:
    op.drop_table("pause_wish")
