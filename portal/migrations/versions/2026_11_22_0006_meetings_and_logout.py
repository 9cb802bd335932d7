"""Which services a session has met, and the delivery view over what is sent to services.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TO_SERVICES = sa.text("lane = 'logout'")


def upgrade() -> None:
    op.create_table(
        "client_session",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sid", sa.String(length=43), nullable=False),
        sa.Column("sub", sa.String(length=64), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["relying_party.id"], name=op.f("fk_client_session_client_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sign_in_session.id"], name=op.f("fk_client_session_session_id")),
        sa.PrimaryKeyConstraint("session_id", "client_id", name=op.f("pk_client_session")),
    )
    op.create_index(
        "ix_outbox_message_to_services",
        "outbox_message",
        ["id"],
        sqlite_where=TO_SERVICES,
        postgresql_where=TO_SERVICES,
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_message_to_services", table_name="outbox_message")
    op.drop_table("client_session")
