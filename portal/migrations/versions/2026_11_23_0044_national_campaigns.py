"""Campaigns, targets and tasks of the whole country.

Revision ID: 0044
Revises: 0043
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_national", sa.Boolean(), server_default=sa.false(), nullable=False))
    for table in ("campaign_target", "campaign_task"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("unit_id", existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    """What is of the whole country cannot be kept: neither its campaigns nor what they aimed at in single units."""
    national = "(SELECT id FROM campaign WHERE is_national)"
    for table, column, of in (
        ("campaign_result", "target_id", "campaign_target"),
        ("campaign_task_change", "task_id", "campaign_task"),
    ):
        op.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM {of} WHERE campaign_id IN {national})")
    for table in ("campaign_target", "campaign_task", "campaign_group"):
        op.execute(f"DELETE FROM {table} WHERE campaign_id IN {national}")
    op.execute("DELETE FROM campaign WHERE is_national")
    for table in ("campaign_target", "campaign_task"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("unit_id", existing_type=sa.Uuid(), nullable=False)
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_column("is_national")
