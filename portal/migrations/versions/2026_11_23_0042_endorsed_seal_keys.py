"""A retired seal key carries the signature of the key that took over.

Revision ID: 0042
Revises: 0041
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("audit_retired_key", schema=None) as batch_op:
        batch_op.add_column(sa.Column("endorsed", sa.LargeBinary(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("audit_retired_key", schema=None) as batch_op:
        batch_op.drop_column("endorsed")
