"""Whom to tell when a training session is cancelled or a place in it became free.

Revision ID: 0041
Revises: 0040
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


TOLD = sa.text("account_sealed IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("sign_up") as batch_op:
        batch_op.add_column(sa.Column("account_sealed", sa.LargeBinary(), nullable=True))
    op.create_index(
        "ix_sign_up_told", "sign_up", ["session_id"], unique=False, sqlite_where=TOLD, postgresql_where=TOLD
    )


def downgrade() -> None:
    op.drop_index("ix_sign_up_told", table_name="sign_up")
    with op.batch_alter_table("sign_up") as batch_op:
        batch_op.drop_column("account_sealed")
