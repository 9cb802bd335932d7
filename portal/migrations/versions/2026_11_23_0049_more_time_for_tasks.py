"""A task of a campaign may be given more time, and keeps the last day it was first given with.

Revision ID: 0049
Revises: 0048
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("campaign_task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_due_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("asked_due_on", sa.Date(), nullable=True))
    with op.batch_alter_table("campaign_task_change", schema=None) as batch_op:
        batch_op.add_column(sa.Column("step", sa.String(length=10), server_default="moved", nullable=False))
        batch_op.add_column(sa.Column("due_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("campaign_task_change", schema=None) as batch_op:
        batch_op.drop_column("due_on")
        batch_op.drop_column("step")
    with op.batch_alter_table("campaign_task", schema=None) as batch_op:
        batch_op.drop_column("asked_due_on")
        batch_op.drop_column("first_due_on")
