"""Appointments.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "queue_number",
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_queue_number_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_number")),
        sa.UniqueConstraint("office_id", "day", "number", name=op.f("uq_queue_number_office_id_day_number")),
    )
    op.create_table(
        "appointment",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("open_for", sa.Uuid(), nullable=True),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("seat >= 1", name=op.f("ck_appointment_seat")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_appointment_application_id")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_appointment_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("office_id", "starts_at", "seat", name=op.f("uq_appointment_office_id_starts_at_seat")),
        sa.UniqueConstraint("open_for", name=op.f("uq_appointment_open_for")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appointment_remind_at"), ["remind_at"], unique=False)

    op.create_table(
        "office_closure",
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_office_closure_by_id")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_office_closure_office_id")),
        sa.PrimaryKeyConstraint("office_id", "day", name=op.f("pk_office_closure")),
    )


def downgrade() -> None:
    op.drop_table("office_closure")
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appointment_remind_at"))
        batch_op.drop_index(batch_op.f("ix_appointment_application_id"))

    op.drop_table("appointment")
    op.drop_table("queue_number")
