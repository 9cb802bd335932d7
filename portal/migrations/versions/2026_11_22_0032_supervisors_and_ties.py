"""Make supervising a role of its own, know the guardian's ties, and count by group without opening a file.

Who approved supervised, too; so whoever holds the one role gets the other, for the same unit and days, and the next
review of rights looks at it. The new columns of older files are filled by the worker (`identity.application.filling`).

Revision 0032, after 0031.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from identity.base import new_id

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

ROLE = sa.table(
    "staff_role",
    sa.column("id", sa.Uuid()),
    sa.column("account_id", sa.Uuid()),
    sa.column("role", sa.String()),
    sa.column("unit_id", sa.Uuid()),
    sa.column("valid_from", sa.Date()),
    sa.column("valid_to", sa.Date()),
    sa.column("given_by_id", sa.Uuid()),
    sa.column("given_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.add_column(sa.Column("age_band", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("nationality", sa.String(length=3), nullable=True))
        batch_op.add_column(sa.Column("guardian_index", sa.LargeBinary(length=32), nullable=True))
        batch_op.create_index(batch_op.f("ix_application_guardian_index"), ["guardian_index"], unique=False)
    with op.batch_alter_table("conflict_of_interest", schema=None) as batch_op:
        batch_op.add_column(sa.Column("number_sealed", sa.LargeBinary(), nullable=True))
    approving = sa.select(ROLE).where(ROLE.c.role == "approving_officer")
    held = [dict(row) for row in op.get_bind().execute(approving).mappings()]
    if held:
        op.bulk_insert(ROLE, [row | {"id": new_id(), "role": "supervisor"} for row in held])


def downgrade() -> None:
    """Reviews of the role go with it."""
    reviews = sa.table("role_review", sa.column("role_id", sa.Uuid()))
    supervising = sa.select(ROLE.c.id).where(ROLE.c.role == "supervisor")
    op.execute(sa.delete(reviews).where(reviews.c.role_id.in_(supervising)))
    op.execute(sa.delete(ROLE).where(ROLE.c.role == "supervisor"))
    with op.batch_alter_table("conflict_of_interest", schema=None) as batch_op:
        batch_op.drop_column("number_sealed")
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_application_guardian_index"))
        batch_op.drop_column("guardian_index")
        batch_op.drop_column("nationality")
        batch_op.drop_column("age_band")
