"""Requests on paper to lock accounts, calls to the hotline, and the breach register.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "breach",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=12), nullable=False),
        sa.Column("categories", sa.String(length=120), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("what_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("measures_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("advice_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("conclusion_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=False),
        sa.Column("notice_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authority_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authority_reference", sa.String(length=60), nullable=True),
        sa.Column("authority_told_by_id", sa.Uuid(), nullable=True),
        sa.Column("everybody_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("named_all_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("telling_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_all_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach")),
        sa.UniqueConstraint("number", name=op.f("uq_breach_number")),
    )
    with op.batch_alter_table("breach", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_breach_closed_at_notice_by"), ["closed_at", "notice_by"], unique=False)

    op.create_table(
        "breach_person",
        sa.Column("breach_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_breach_person_account_id")),
        sa.ForeignKeyConstraint(["breach_id"], ["breach.id"], name=op.f("fk_breach_person_breach_id")),
        sa.PrimaryKeyConstraint("breach_id", "account_id", name=op.f("pk_breach_person")),
    )
    with op.batch_alter_table("breach_person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_breach_person_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_breach_person_breach_id_told_at"), ["breach_id", "told_at"], unique=False)

    op.create_table(
        "hotline_call",
        sa.Column("answered_by_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("found_by", sa.String(length=10), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("questions", sa.String(length=80), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_hotline_call_account_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["account.id"], name=op.f("fk_hotline_call_answered_by_id")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_hotline_call_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotline_call")),
    )
    with op.batch_alter_table("hotline_call", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_hotline_call_account_id_opened_at"), ["account_id", "opened_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_hotline_call_answered_by_id_opened_at"), ["answered_by_id", "opened_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_hotline_call_application_id"), ["application_id"], unique=False)

    op.create_table(
        "lock_request",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("open_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("wish", sa.String(length=8), nullable=False),
        sa.Column("ground", sa.String(length=20), nullable=False),
        sa.Column("ends_source", sa.String(length=40), nullable=True),
        sa.Column("authority_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("paper_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by_id", sa.Uuid(), nullable=True),
        sa.Column("forward_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forwarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forwarded_by_id", sa.Uuid(), nullable=True),
        sa.Column("decide_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_lock_request_account_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_lock_request_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lock_request")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_lock_request_code_digest")),
        sa.UniqueConstraint("number", name=op.f("uq_lock_request_number")),
        sa.UniqueConstraint("open_digest", name=op.f("uq_lock_request_open_digest")),
    )
    with op.batch_alter_table("lock_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lock_request_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lock_request_decided_at"), ["decided_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_lock_request_unit_id_state_decide_by"), ["unit_id", "state", "decide_by"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("lock_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lock_request_unit_id_state_decide_by"))
        batch_op.drop_index(batch_op.f("ix_lock_request_decided_at"))
        batch_op.drop_index(batch_op.f("ix_lock_request_account_id"))

    op.drop_table("lock_request")
    with op.batch_alter_table("hotline_call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hotline_call_application_id"))
        batch_op.drop_index(batch_op.f("ix_hotline_call_answered_by_id_opened_at"))
        batch_op.drop_index(batch_op.f("ix_hotline_call_account_id_opened_at"))

    op.drop_table("hotline_call")
    with op.batch_alter_table("breach_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_breach_person_breach_id_told_at"))
        batch_op.drop_index(batch_op.f("ix_breach_person_account_id"))

    op.drop_table("breach_person")
    with op.batch_alter_table("breach", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_breach_closed_at_notice_by"))

    op.drop_table("breach")
