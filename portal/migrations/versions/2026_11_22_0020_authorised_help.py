"""Help on somebody's behalf names its authorisation; people to call are given back.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No batch operation: SQLite would copy the table and lose the triggers that make it append-only.
    target = sa.ForeignKey("delegation.id", name="fk_assistance_event_delegation_id")
    op.add_column("assistance_event", sa.Column("delegation_id", sa.Uuid(), target), inline_references=True)
    op.create_index("ix_assistance_event_delegation_id", "assistance_event", ["delegation_id"])
    with op.batch_alter_table("outreach_call", schema=None) as batch_op:
        batch_op.alter_column("assigned_to_id", existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM outreach_call WHERE assigned_to_id IS NULL")
    with op.batch_alter_table("outreach_call", schema=None) as batch_op:
        batch_op.alter_column("assigned_to_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_index("ix_assistance_event_delegation_id", "assistance_event")
    op.drop_column("assistance_event", "delegation_id")
