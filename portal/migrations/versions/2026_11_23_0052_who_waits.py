"""Who waits, by an index that holds all that is asked: the state with the person, instead of the day of issue.

Revision ID: 0052
Revises: 0051
"""

from __future__ import annotations

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_state_issued_at"))
        batch_op.create_index(batch_op.f("ix_account_state_kind_person_id"), ["state", "kind", "person_id"])


def downgrade() -> None:
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_state_kind_person_id"))
        batch_op.create_index(batch_op.f("ix_account_state_issued_at"), ["state", "issued_at"])
