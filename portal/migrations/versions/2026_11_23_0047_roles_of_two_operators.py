"""A role that decides, supervises, operates or audits counts after a second operator has confirmed it.

Roles given before count from when they were given: whoever works today goes on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("staff_role", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_by_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE staff_role SET confirmed_at = given_at")


def downgrade() -> None:
    op.execute("UPDATE staff_role SET valid_to = valid_from WHERE confirmed_at IS NULL")
    with op.batch_alter_table("staff_role", schema=None) as batch_op:
        batch_op.drop_column("confirmed_at")
        batch_op.drop_column("confirmed_by_id")
