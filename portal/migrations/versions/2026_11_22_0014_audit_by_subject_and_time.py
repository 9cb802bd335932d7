"""Read what concerns somebody along an index, the newest first: a person's history grows for five years.

Revision 0014, after 0013.
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_audit_event_subject_id_at"), "audit_event", ["subject_id", "at"])
    op.drop_index(op.f("ix_audit_event_subject_id"), "audit_event")


def downgrade() -> None:
    op.create_index(op.f("ix_audit_event_subject_id"), "audit_event", ["subject_id"])
    op.drop_index(op.f("ix_audit_event_subject_id_at"), "audit_event")
