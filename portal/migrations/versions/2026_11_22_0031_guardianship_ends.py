"""Why a guardianship ended before its day, by whom, and on what paper.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("guardianship", schema=None) as table:
        table.add_column(sa.Column("ended_for", sa.String(length=10), nullable=True))
        table.add_column(sa.Column("ended_by_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("ended_paper_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("guardianship", schema=None) as table:
        table.drop_column("ended_paper_sealed")
        table.drop_column("ended_by_id")
        table.drop_column("ended_for")
