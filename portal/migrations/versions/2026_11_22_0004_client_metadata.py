"""Client metadata, the token of a registration, and signing keys counted by algorithm.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("relying_party", schema=None) as batch_op:
        batch_op.add_column(sa.Column("details", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
        batch_op.add_column(sa.Column("registration_token_digest", sa.LargeBinary(length=32), nullable=True))
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_signing_key_number"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_signing_key_algorithm_number"), ["algorithm", "number"])


def downgrade() -> None:
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_signing_key_algorithm_number"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_signing_key_number"), ["number"])
    with op.batch_alter_table("relying_party", schema=None) as batch_op:
        batch_op.drop_column("registration_token_digest")
        batch_op.drop_column("details")
