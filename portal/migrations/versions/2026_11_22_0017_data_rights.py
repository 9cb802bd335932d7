"""Data rights.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retention_report",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rule", sa.String(length=30), nullable=False),
        sa.Column("before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purged", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_report")),
        sa.UniqueConstraint("day", "rule", name=op.f("uq_retention_report_day_rule")),
    )
    op.create_table(
        "data_export",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("pending_for", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_data_export_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_export")),
        sa.UniqueConstraint("pending_for", name=op.f("uq_data_export_pending_for")),
    )
    with op.batch_alter_table("data_export", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_data_export_account_id_asked_at"), ["account_id", "asked_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_data_export_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "purpose_consent",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=30), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_purpose_consent_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purpose_consent")),
    )
    with op.batch_alter_table("purpose_consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purpose_consent_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "uq_purpose_consent_standing",
            ["account_id", "purpose"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "restriction",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_restriction_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction")),
    )
    with op.batch_alter_table("restriction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_restriction_account_id"), ["account_id"], unique=False)

    op.create_table(
        "rights_request",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("open_for", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_rights_request_account_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_rights_request_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_request")),
    )
    with op.batch_alter_table("rights_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rights_request_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_rights_request_answered_at"), ["answered_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_rights_request_unit_id_state_due_at"), ["unit_id", "state", "due_at"], unique=False
        )
        batch_op.create_index("uq_rights_request_open", ["open_for", "kind"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("rights_request", schema=None) as batch_op:
        batch_op.drop_index("uq_rights_request_open")
        batch_op.drop_index(batch_op.f("ix_rights_request_unit_id_state_due_at"))
        batch_op.drop_index(batch_op.f("ix_rights_request_answered_at"))
        batch_op.drop_index(batch_op.f("ix_rights_request_account_id"))

    op.drop_table("rights_request")
    with op.batch_alter_table("restriction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_restriction_account_id"))

    op.drop_table("restriction")
    with op.batch_alter_table("purpose_consent", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_purpose_consent_standing",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_purpose_consent_account_id"))

    op.drop_table("purpose_consent")
    with op.batch_alter_table("data_export", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_data_export_expires_at"))
        batch_op.drop_index(batch_op.f("ix_data_export_account_id_asked_at"))

    op.drop_table("data_export")
    op.drop_table("retention_report")
