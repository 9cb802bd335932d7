"""Level 1 online and guardians.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guardianship",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("guardian_id", sa.Uuid(), nullable=False),
        sa.Column("basis", sa.String(length=10), nullable=False),
        sa.Column("ends_on_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_account_id", sa.Uuid(), nullable=True),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["guardian_id"], ["person.id"], name=op.f("fk_guardianship_guardian_id")),
        sa.ForeignKeyConstraint(["ward_id"], ["person.id"], name=op.f("fk_guardianship_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardianship")),
    )
    with op.batch_alter_table("guardianship", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guardianship_guardian_id"), ["guardian_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_guardianship_ward_id"), ["ward_id"], unique=False)

    op.create_table(
        "guardian_confirmation",
        sa.Column("ward_account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("bound_to", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_confirmed", sa.Boolean(), nullable=True),
        sa.Column("by_account_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number BETWEEN 10 AND 99", name=op.f("ck_guardian_confirmation_number")),
        sa.ForeignKeyConstraint(
            ["ward_account_id"], ["account.id"], name=op.f("fk_guardian_confirmation_ward_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian_confirmation")),
    )
    with op.batch_alter_table("guardian_confirmation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_guardian_confirmation_ward_account_id_asked_at"),
            ["ward_account_id", "asked_at"],
            unique=False,
        )

    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.add_column(sa.Column("guardian_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("guardian_basis", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("officer_reasons", sa.String(length=200), nullable=True))
        batch_op.create_index(batch_op.f("ix_application_guardian_id"), ["guardian_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_application_guardian_id"), "person", ["guardian_id"], ["id"])

    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("issued_on_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_column("issued_on_sealed")

    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_application_guardian_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_application_guardian_id"))
        batch_op.drop_column("officer_reasons")
        batch_op.drop_column("guardian_basis")
        batch_op.drop_column("guardian_id")

    with op.batch_alter_table("guardian_confirmation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guardian_confirmation_ward_account_id_asked_at"))

    op.drop_table("guardian_confirmation")
    with op.batch_alter_table("guardianship", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guardianship_ward_id"))
        batch_op.drop_index(batch_op.f("ix_guardianship_guardian_id"))

    op.drop_table("guardianship")
