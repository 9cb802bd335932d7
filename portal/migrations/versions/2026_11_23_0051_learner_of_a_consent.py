"""Count a person once who was both helped and trained: a consent to help knows its learner, by a pseudonym.

That of older consents is filled by the worker (`onboarding.figures.filling`).

Revision ID: 0051
Revises: 0050
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("help_consent", schema=None) as batch_op:
        batch_op.add_column(sa.Column("learner_pseudonym", sa.LargeBinary(length=32), nullable=True))
        batch_op.create_index(batch_op.f("ix_help_consent_learner_pseudonym"), ["learner_pseudonym"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("help_consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_help_consent_learner_pseudonym"))
        batch_op.drop_column("learner_pseudonym")
