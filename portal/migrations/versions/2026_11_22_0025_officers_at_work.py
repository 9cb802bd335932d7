"""Who works on which file, conflicts of interest, second looks and breaking the glass.

Revision 0025, after 0024. Files that an officer received before are that officer's from the beginning.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conflict_of_interest",
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("tie", sa.String(length=12), nullable=False),
        sa.Column("label_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_of_interest")),
        sa.UniqueConstraint("officer_id", "number_index", name=op.f("uq_conflict_of_interest_officer_id_number_index")),
    )
    op.create_index(
        op.f("ix_conflict_of_interest_number_index"), "conflict_of_interest", ["number_index"], unique=False
    )

    op.create_table(
        "break_glass",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("asked_role", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Uuid(), nullable=True),
        sa.Column("is_granted", sa.Boolean(), nullable=True),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_break_glass_application_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_break_glass_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass")),
    )
    op.create_index(op.f("ix_break_glass_application_id"), "break_glass", ["application_id"], unique=False)
    op.create_index(op.f("ix_break_glass_asked_by_id"), "break_glass", ["asked_by_id"], unique=False)
    op.create_index(op.f("ix_break_glass_unit_id_answered_at"), "break_glass", ["unit_id", "answered_at"], unique=False)

    op.create_table(
        "office_task",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=14), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_office_task_application_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_office_task_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_task")),
        sa.UniqueConstraint("application_id", "kind", name=op.f("uq_office_task_application_id_kind")),
    )
    op.create_index(op.f("ix_office_task_application_id"), "office_task", ["application_id"], unique=False)
    op.create_index(
        op.f("ix_office_task_unit_id_done_at_due_at"), "office_task", ["unit_id", "done_at", "due_at"], unique=False
    )

    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_by_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_application_held_by_id"), ["held_by_id"], unique=False)
    op.execute(
        "UPDATE application SET held_by_id = received_by_id, held_at = received_at "
        "WHERE state IN ('received', 'supplement_requested', 'resubmitted', 'captured') AND level = 2"
    )


def downgrade() -> None:
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_application_held_by_id"))
        batch_op.drop_column("warned_at")
        batch_op.drop_column("held_at")
        batch_op.drop_column("held_by_id")

    op.drop_table("office_task")

    op.drop_table("break_glass")

    op.drop_table("conflict_of_interest")
