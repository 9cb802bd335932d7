"""Requests about personal data go by an application, too, for those who have no account.

Revision ID: 0043
Revises: 0042
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("rights_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("application_id", sa.Uuid(), nullable=True))
        batch_op.alter_column("account_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.create_index(batch_op.f("ix_rights_request_application_id"), ["application_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_rights_request_application_id_application"), "application", ["application_id"], ["id"]
        )


def downgrade() -> None:
    """Requests of those who have no account cannot be kept."""
    op.execute("DELETE FROM rights_request WHERE account_id IS NULL")
    with op.batch_alter_table("rights_request", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_rights_request_application_id_application"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_rights_request_application_id"))
        batch_op.alter_column("account_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column("application_id")
