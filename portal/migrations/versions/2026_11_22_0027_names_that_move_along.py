"""Let two sectors know somebody by one name: a client that moved to a sector of its own took its names along.

Revision 0027, after 0026.
"""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("oidc_subject", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_oidc_subject_sub"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_oidc_subject_sub_sector"), ["sub", "sector"])


def downgrade() -> None:
    """Fails where a client has moved: there is no way back without changing a name."""
    with op.batch_alter_table("oidc_subject", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_oidc_subject_sub_sector"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_oidc_subject_sub"), ["sub"])
