"""Training: learners, courses, sessions, attendance, witnessed checks, awards.

Attendance and checks are evidence: the database refuses to change or delete them.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APPEND_ONLY = ("attendance", "skill_check")


def upgrade() -> None:
    op.create_table(
        "award_key",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("private_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("public", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_key")),
        sa.UniqueConstraint("kid", name=op.f("uq_award_key_kid")),
        sa.UniqueConstraint("number", name=op.f("uq_award_key_number")),
    )
    op.create_table(
        "learner",
        sa.Column("key", sa.LargeBinary(length=32), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("slip_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("slip_day", sa.Date(), nullable=True),
        sa.Column("slip_label", sa.String(length=20), nullable=True),
        sa.Column("linked_to", sa.Uuid(), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("age_band", sa.String(length=12), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["linked_to"], ["learner.id"], name=op.f("fk_learner_linked_to")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_learner_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learner")),
        sa.UniqueConstraint("key", name=op.f("uq_learner_key")),
        sa.UniqueConstraint("slip_digest", name=op.f("uq_learner_slip_digest")),
    )
    with op.batch_alter_table("learner", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_learner_linked_to"), ["linked_to"], unique=False)

    op.create_table(
        "award",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("learner_id", sa.Uuid(), nullable=False),
        sa.Column("achievement", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("shows_name", sa.Boolean(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_for", sa.String(length=12), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_award_learner_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_award_team_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_award_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        sa.UniqueConstraint("code", name=op.f("uq_award_code")),
        sa.UniqueConstraint("status_index", name=op.f("uq_award_status_index")),
    )
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_award_learner_id"), ["learner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_team_id"), ["team_id"], unique=False)
        batch_op.create_index(
            "uq_award_open",
            ["learner_id", "achievement"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "course",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_course_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
    )
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_team_id"), ["team_id"], unique=False)

    op.create_table(
        "lesson_done",
        sa.Column("learner_id", sa.Uuid(), nullable=False),
        sa.Column("lesson", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_lesson_done_learner_id")),
        sa.PrimaryKeyConstraint("learner_id", "lesson", name=op.f("pk_lesson_done")),
    )
    op.create_table(
        "local_platform",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("set_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["set_by_id"], ["account.id"], name=op.f("fk_local_platform_set_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_local_platform_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_platform")),
    )
    with op.batch_alter_table("local_platform", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_local_platform_unit_id_valid_from"), ["unit_id", "valid_from"], unique=False
        )

    op.create_table(
        "training_session",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("late_proof", sa.Boolean(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_training_session_course_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_training_session_team_id")),
        sa.ForeignKeyConstraint(["trainer_id"], ["account.id"], name=op.f("fk_training_session_trainer_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_training_session_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_session")),
    )
    with op.batch_alter_table("training_session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_training_session_team_id_starts_at"), ["team_id", "starts_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_training_session_unit_id_starts_at"), ["unit_id", "starts_at"], unique=False
        )

    op.create_table(
        "attendance",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("learner_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("age_band", sa.String(length=12), nullable=True),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_attendance_by_id")),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_attendance_learner_id")),
        sa.ForeignKeyConstraint(["session_id"], ["training_session.id"], name=op.f("fk_attendance_session_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_attendance_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("session_id", "learner_id", name=op.f("uq_attendance_session_id_learner_id")),
    )
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendance_learner_id"), ["learner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attendance_unit_id_happened_at"), ["unit_id", "happened_at"], unique=False)

    op.create_table(
        "check_in_miss",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("learner_id", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_check_in_miss_learner_id")),
        sa.ForeignKeyConstraint(["session_id"], ["training_session.id"], name=op.f("fk_check_in_miss_session_id")),
        sa.PrimaryKeyConstraint("session_id", "learner_id", name=op.f("pk_check_in_miss")),
    )
    op.create_table(
        "sign_up",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("learner_id", sa.Uuid(), nullable=False),
        sa.Column("standing", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_sign_up_learner_id")),
        sa.ForeignKeyConstraint(["session_id"], ["training_session.id"], name=op.f("fk_sign_up_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_up")),
        sa.UniqueConstraint("session_id", "learner_id", name=op.f("uq_sign_up_session_id_learner_id")),
    )
    with op.batch_alter_table("sign_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_up_learner_id"), ["learner_id"], unique=False)

    op.create_table(
        "skill_check",
        sa.Column("learner_id", sa.Uuid(), nullable=False),
        sa.Column("skill", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tasks", sa.JSON(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("witness_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("age_band", sa.String(length=12), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("supersedes", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_skill_check_learner_id")),
        sa.ForeignKeyConstraint(["session_id"], ["training_session.id"], name=op.f("fk_skill_check_session_id")),
        sa.ForeignKeyConstraint(["supersedes"], ["skill_check.id"], name=op.f("fk_skill_check_supersedes")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_skill_check_team_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_skill_check_unit_id")),
        sa.ForeignKeyConstraint(["witness_id"], ["account.id"], name=op.f("fk_skill_check_witness_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill_check")),
        sa.UniqueConstraint("supersedes", name=op.f("uq_skill_check_supersedes")),
    )
    with op.batch_alter_table("skill_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_skill_check_learner_id"), ["learner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_skill_check_unit_id_seen_at"), ["unit_id", "seen_at"], unique=False)
    for table in APPEND_ONLY:
        for statement in _triggers(table):
            op.execute(statement)


def _triggers(table: str) -> list[str]:
    """As for audit events (revision 0002)."""
    if op.get_bind().dialect.name == "postgresql":
        return [
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        ]
    return [
        f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for what in ("UPDATE", "DELETE")
    ] + [
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN SELECT RAISE(IGNORE); END"
    ]


def downgrade() -> None:
    with op.batch_alter_table("skill_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_skill_check_unit_id_seen_at"))
        batch_op.drop_index(batch_op.f("ix_skill_check_learner_id"))

    op.drop_table("skill_check")
    with op.batch_alter_table("sign_up", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_up_learner_id"))

    op.drop_table("sign_up")
    op.drop_table("check_in_miss")
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendance_unit_id_happened_at"))
        batch_op.drop_index(batch_op.f("ix_attendance_learner_id"))

    op.drop_table("attendance")
    with op.batch_alter_table("training_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_session_unit_id_starts_at"))
        batch_op.drop_index(batch_op.f("ix_training_session_team_id_starts_at"))

    op.drop_table("training_session")
    with op.batch_alter_table("local_platform", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_local_platform_unit_id_valid_from"))

    op.drop_table("local_platform")
    op.drop_table("lesson_done")
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_team_id"))

    op.drop_table("course")
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_award_open", sqlite_where=sa.text("revoked_at IS NULL"), postgresql_where=sa.text("revoked_at IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_award_team_id"))
        batch_op.drop_index(batch_op.f("ix_award_learner_id"))

    op.drop_table("award")
    with op.batch_alter_table("learner", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_learner_linked_to"))

    op.drop_table("learner")
    op.drop_table("award_key")
