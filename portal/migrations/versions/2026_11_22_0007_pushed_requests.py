"""Pushed requests.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pushed_request",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("request_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("browser_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["relying_party.id"], name=op.f("fk_pushed_request_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pushed_request")),
        sa.UniqueConstraint("digest", name=op.f("uq_pushed_request_digest")),
    )
    op.create_index(op.f("ix_pushed_request_expires_at"), "pushed_request", ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_pushed_request_expires_at"), "pushed_request")
    op.drop_table("pushed_request")
