"""Where invitations of staff go, and who looked at which right in which quarter.

Revision 0023, after 0022.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_record",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invited_by_id", sa.Uuid(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("back_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_staff_record_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_record")),
        sa.UniqueConstraint("account_id", name=op.f("uq_staff_record_account_id")),
    )
    op.create_table(
        "role_review",
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["staff_role.id"], name=op.f("fk_role_review_role_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_review")),
        sa.UniqueConstraint("role_id", "quarter", name=op.f("uq_role_review_role_id_quarter")),
    )


def downgrade() -> None:
    op.drop_table("role_review")
    op.drop_table("staff_record")
