"""What tokens are bound to, and which resource server they are for.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("access_token", schema=None) as batch_op:
        batch_op.add_column(sa.Column("binding", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("audience", sa.Text(), nullable=True))

    with op.batch_alter_table("oidc_grant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("dpop_jkt", sa.String(length=43), nullable=True))
        batch_op.add_column(sa.Column("resources", sa.Text(), nullable=True))

    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.add_column(sa.Column("binding", sa.String(length=60), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.drop_column("binding")

    with op.batch_alter_table("oidc_grant", schema=None) as batch_op:
        batch_op.drop_column("resources")
        batch_op.drop_column("dpop_jkt")

    with op.batch_alter_table("access_token", schema=None) as batch_op:
        batch_op.drop_column("audience")
        batch_op.drop_column("binding")
