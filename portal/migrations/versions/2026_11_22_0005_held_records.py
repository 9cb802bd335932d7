"""Records of help that wait (corrections before their original, former members'), the village, the phone's clock.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assistance_held",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("held_for", sa.String(length=20), nullable=False),
        sa.Column("waits_for", sa.Uuid(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_skew", sa.Integer(), nullable=True),
        sa.Column("pseudonym", sa.LargeBinary(length=32), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_as", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_assistance_held_account_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_assistance_held_team_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assistance_held_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistance_held")),
    )
    with op.batch_alter_table("assistance_held", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assistance_held_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_assistance_held_unit_id_settled_at"), ["unit_id", "settled_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_assistance_held_waits_for"), ["waits_for"], unique=False)

    # No batch operation: SQLite would copy the table and lose the triggers that make it append-only.
    village = sa.Column("village_id", sa.Uuid(), sa.ForeignKey("unit.id", name="fk_assistance_event_village_id"))
    op.add_column("assistance_event", village, inline_references=True)
    op.add_column("assistance_event", sa.Column("clock_skew", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("assistance_event", "clock_skew")
    op.drop_column("assistance_event", "village_id")
    with op.batch_alter_table("assistance_held", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assistance_held_waits_for"))
        batch_op.drop_index(batch_op.f("ix_assistance_held_unit_id_settled_at"))
        batch_op.drop_index(batch_op.f("ix_assistance_held_account_id"))

    op.drop_table("assistance_held")
