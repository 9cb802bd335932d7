"""Find a foreign resident's file by the passport without its country and by the residence card, as they are printed.

The new columns of older files are filled by the worker (`identity.application.filling`).

Revision 0046, after 0045.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


COLUMNS = ("passport_index", "residence_index")


def upgrade() -> None:
    with op.batch_alter_table("application", schema=None) as batch_op:
        for column in COLUMNS:
            batch_op.add_column(sa.Column(column, sa.LargeBinary(length=32), nullable=True))
            batch_op.create_index(batch_op.f(f"ix_application_{column}"), [column], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("application", schema=None) as batch_op:
        for column in COLUMNS:
            batch_op.drop_index(batch_op.f(f"ix_application_{column}"))
            batch_op.drop_column(column)
