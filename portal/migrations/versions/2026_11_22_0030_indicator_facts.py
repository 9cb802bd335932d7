"""Indicator facts.

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "figure_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_event", sa.Uuid(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_clock")),
    )
    op.create_table(
        "figure_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_figure_day")),
    )
    op.create_table(
        "indicator_fact",
        sa.Column("indicator", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("numerator", sa.Integer(), nullable=False),
        sa.Column("denominator", sa.Integer(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("indicator", "unit_id", "kind", "starts", "as_of", name=op.f("pk_indicator_fact")),
    )
    with op.batch_alter_table("indicator_fact", schema=None) as batch_op:
        batch_op.create_index(
            "ix_indicator_fact_current",
            ["indicator", "unit_id", "kind", "starts"],
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_indicator_fact_kind_starts"), ["kind", "starts"], unique=False)

    op.create_table(
        "published_span",
        sa.Column("family", sa.String(length=20), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("boundaries", sa.JSON(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("family", "unit_id", name=op.f("pk_published_span")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_activated_at"), ["activated_at"], unique=False)

    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_application_closed_at"), ["closed_at"], unique=False)

    with op.batch_alter_table("assistance_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assistance_event_happened_at"), ["happened_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("assistance_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assistance_event_happened_at"))

    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_application_closed_at"))

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_activated_at"))

    op.drop_table("published_span")
    with op.batch_alter_table("indicator_fact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_indicator_fact_kind_starts"))
        batch_op.drop_index(
            "ix_indicator_fact_current",
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )

    op.drop_table("indicator_fact")
    op.drop_table("figure_day")
    op.drop_table("figure_clock")
