"""A task of a campaign may be handed over, and its history keeps who had it before.

Revision ID: 0053
Revises: 0052
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("campaign_task_change", schema=None) as batch_op:
        batch_op.add_column(sa.Column("before_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("campaign_task_change", schema=None) as batch_op:
        batch_op.drop_column("before_id")
