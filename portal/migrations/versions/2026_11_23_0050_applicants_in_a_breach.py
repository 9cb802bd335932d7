"""A breach names people who have an application and no account.

Revision 0050, after 0049.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

TABLE = "breach_applicant"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("breach_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f(f"fk_{TABLE}_application_id")),
        sa.ForeignKeyConstraint(["breach_id"], ["breach.id"], name=op.f(f"fk_{TABLE}_breach_id")),
        sa.PrimaryKeyConstraint("breach_id", "application_id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(op.f(f"ix_{TABLE}_application_id"), TABLE, ["application_id"], unique=False)
    op.create_index(op.f(f"ix_{TABLE}_breach_id_told_at"), TABLE, ["breach_id", "told_at"], unique=False)


def downgrade() -> None:
    op.drop_table(TABLE)
