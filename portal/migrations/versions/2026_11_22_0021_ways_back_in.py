"""Ways back in.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "qr_sign_in",
        sa.Column("browser_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=300), nullable=True),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("user_agent_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amr", sa.String(length=40), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by"], ["account.id"], name=op.f("fk_qr_sign_in_approved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qr_sign_in")),
        sa.UniqueConstraint("browser_digest", name=op.f("uq_qr_sign_in_browser_digest")),
    )
    with op.batch_alter_table("qr_sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qr_sign_in_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "recovery",
        sa.Column("rung", sa.String(length=10), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("return_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("word_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_wanted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("challenge_id", sa.Uuid(), nullable=True),
        sa.Column("phone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_account_id", sa.Uuid(), nullable=True),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=True),
        sa.Column("sheet_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "finished_at IS NULL OR (opens_at IS NOT NULL AND finished_at >= opens_at)", name=op.f("ck_recovery_waited")
        ),
        sa.CheckConstraint("finished_at IS NULL OR cancelled_at IS NULL", name=op.f("ck_recovery_one_end")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
        sa.UniqueConstraint("return_digest", name=op.f("uq_recovery_return_digest")),
    )
    with op.batch_alter_table("recovery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_account_id_begun_at"), ["account_id", "begun_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_recovery_code_wanted_at"), ["code_wanted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_recovery_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_recovery_word_digest"), ["word_digest"], unique=False)

    op.create_table(
        "sms_factor",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sms_factor_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_sms_factor")),
    )
    op.create_table(
        "trusted_contact",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("contact_account_id", sa.Uuid(), nullable=True),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_trusted_contact_account_id")),
        sa.ForeignKeyConstraint(
            ["contact_account_id"], ["account.id"], name=op.f("fk_trusted_contact_contact_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trusted_contact")),
    )
    with op.batch_alter_table("trusted_contact", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_trusted_contact_account_id_ended_at"), ["account_id", "ended_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_trusted_contact_contact_account_id_ended_at"),
            ["contact_account_id", "ended_at"],
            unique=False,
        )

    op.create_table(
        "recovery_co_signature",
        sa.Column("recovery_id", sa.Uuid(), nullable=False),
        sa.Column("contact_account_id", sa.Uuid(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_account_id"], ["account.id"], name=op.f("fk_recovery_co_signature_contact_account_id")
        ),
        sa.ForeignKeyConstraint(["recovery_id"], ["recovery.id"], name=op.f("fk_recovery_co_signature_recovery_id")),
        sa.PrimaryKeyConstraint("recovery_id", "contact_account_id", name=op.f("pk_recovery_co_signature")),
    )


def downgrade() -> None:
    op.drop_table("recovery_co_signature")
    with op.batch_alter_table("trusted_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trusted_contact_contact_account_id_ended_at"))
        batch_op.drop_index(batch_op.f("ix_trusted_contact_account_id_ended_at"))

    op.drop_table("trusted_contact")
    op.drop_table("sms_factor")
    with op.batch_alter_table("recovery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_word_digest"))
        batch_op.drop_index(batch_op.f("ix_recovery_expires_at"))
        batch_op.drop_index(batch_op.f("ix_recovery_code_wanted_at"))
        batch_op.drop_index(batch_op.f("ix_recovery_account_id_begun_at"))

    op.drop_table("recovery")
    with op.batch_alter_table("qr_sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qr_sign_in_expires_at"))

    op.drop_table("qr_sign_in")
