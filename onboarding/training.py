"""Courses and their sessions: where, when, by whom, for how many. A session belongs to a team and a unit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused
from identity.sealed import Sealed
from onboarding.skills import current_skills
from onboarding.team import Membership

TOLD = "account_sealed IS NOT NULL"
"""Those who can be told: of sessions that are not over."""


class TargetGroup(StrEnum):
    """For whom a session is meant; anybody may come."""

    ANYBODY = "anybody"
    OLDER = "older"
    WOMEN = "women"
    FARMERS = "farmers"
    TRADERS = "traders"
    YOUTH = "youth"
    DISABILITY = "disability"
    MINORITY = "minority"
    FOREIGNERS = "foreigners"


class Language(StrEnum):
    """The language that is spoken in a session."""

    VI = "vi"
    EN = "en"
    ZH = "zh"
    KO = "ko"
    JA = "ja"
    TAY = "tay"
    KHMER = "khm"
    HMONG = "hmn"
    EDE = "rad"
    OTHER = "other"


class Standing(StrEnum):
    """What became of a sign-up."""

    COMING = "coming"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"


class Course(Keyed, Base):
    """What a team teaches: one or several of the five skills."""

    __tablename__ = "course"

    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    skills: Mapped[list[str]] = mapped_column(JSON)
    made_at: Mapped[datetime]


class TrainingSession(Keyed, Base):
    """One meeting. `late_proof` is on where the trainer says that the room had no network."""

    __tablename__ = "training_session"
    __table_args__ = (Index(None, "unit_id", "starts_at"), Index(None, "team_id", "starts_at"))

    course_id: Mapped[UUID] = mapped_column(ForeignKey("course.id"))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    trainer_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    place: Mapped[str] = mapped_column(String(160))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]
    language: Mapped[str] = mapped_column(String(8))
    groups: Mapped[list[str]] = mapped_column(JSON)
    late_proof: Mapped[bool] = mapped_column(default=False)
    cancelled_at: Mapped[datetime | None]


class SignUp(Keyed, Base):
    """A learner's place in a session, or in its queue; the order is that of `at`.

    `account` is whom to tell when the session is cancelled or a place became free; it goes with the session's end.
    """

    __tablename__ = "sign_up"
    __table_args__ = (
        UniqueConstraint("session_id", "learner_id"),
        Index("ix_sign_up_told", "session_id", sqlite_where=text(TOLD), postgresql_where=text(TOLD)),
    )

    session_id: Mapped[UUID] = mapped_column(ForeignKey("training_session.id"))
    learner_id: Mapped[UUID] = mapped_column(ForeignKey("learner.id"), index=True)
    standing: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]
    account_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    account = Sealed(str)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a trainer fills in for a session."""

    course_id: UUID
    place: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    language: Language
    groups: tuple[TargetGroup, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A session with its course and how many places are taken and waited for."""

    session: TrainingSession
    course: Course
    coming: int
    waiting: int

    @property
    def is_full(self) -> bool:
        return self.coming >= self.session.capacity


def add_course(db: Session, member: Membership, name: str, skills: Collection[str], *, now: datetime) -> Course:
    """A course of the member's team."""
    known = current_skills()
    if not skills:
        raise Refused("course-without-skill", field="skills")
    course = Course(team_id=member.team_id, name=name, skills=[known.get(code).code for code in skills], made_at=now)
    db.add(course)
    return course


def courses_of(db: Session, team_id: UUID) -> list[Course]:
    """What a team teaches."""
    return list(db.scalars(select(Course).where(Course.team_id == team_id).order_by(Course.made_at, Course.id)))


def plan_session(db: Session, member: Membership, plan: Plan, *, now: datetime) -> TrainingSession:
    """Plan a session in the member's unit, with the member as trainer. Audited."""
    course = db.get(Course, plan.course_id)
    if course is None or course.team_id != member.team_id:
        raise Refused("course-not-yours", field="course")
    if plan.ends_at <= plan.starts_at:
        raise Refused("session-ends-before", field="ends")
    if plan.ends_at <= now:
        raise Refused("session-in-past", field="day")
    session = TrainingSession(
        course_id=course.id,
        team_id=member.team_id,
        unit_id=member.unit_id,
        trainer_id=member.account_id,
        place=plan.place,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        capacity=plan.capacity,
        language=plan.language.value,
        groups=[group.value for group in plan.groups],
        late_proof=False,
    )
    db.add(session)
    record(db, Event.TRAINING_PLANNED, actor_of(member), now=now, subject=("training-session", session.id))
    return session


def get_session(db: Session, session_id: UUID) -> TrainingSession:
    """A session that anybody may know of."""
    session = db.get(TrainingSession, session_id)
    if session is None:
        raise Refused("session-unknown")
    return session


def get_team_session(db: Session, member: Membership, session_id: UUID) -> TrainingSession:
    """A session of the member's own team; another team's is refused, and the attempt recorded."""
    session = get_session(db, session_id)
    if session.team_id != member.team_id:
        raise Refused("session-not-yours", audited=True)
    return session


def sessions_of_team(db: Session, team_id: UUID, *, limit: int = 50) -> list[Listed]:
    """A team's sessions, the latest first."""
    return _listed(db, (TrainingSession.team_id == team_id,), limit, newest_first=True)


def sessions_in(db: Session, unit_ids: Collection[UUID], *, now: datetime, limit: int = 50) -> list[Listed]:
    """Sessions to come, and those that run now, in these units."""
    wanted = (
        TrainingSession.unit_id.in_(unit_ids),
        TrainingSession.ends_at > now,
        TrainingSession.cancelled_at.is_(None),
    )
    return _listed(db, wanted, limit)


def sessions_of_learners(db: Session, learner_ids: Collection[UUID]) -> list[tuple[Listed, Standing]]:
    """What a learner signed up for, the latest first."""
    rows = db.execute(
        select(SignUp.session_id, SignUp.standing)
        .where(SignUp.learner_id.in_(learner_ids), SignUp.standing != Standing.WITHDRAWN)
        .order_by(SignUp.at.desc())
        .limit(50)
    ).all()
    listed = {one.session.id: one for one in _listed(db, (TrainingSession.id.in_([row[0] for row in rows]),), 50)}
    return [(listed[session_id], Standing(standing)) for session_id, standing in rows if session_id in listed]


def _listed(db: Session, wanted: tuple[object, ...], limit: int, *, newest_first: bool = False) -> list[Listed]:
    order = TrainingSession.starts_at.desc() if newest_first else TrainingSession.starts_at
    query = select(TrainingSession, Course).join(Course, Course.id == TrainingSession.course_id)
    rows = db.execute(query.where(*wanted).order_by(order, TrainingSession.id).limit(limit)).all()  # type: ignore[arg-type]
    counted = db.execute(
        select(SignUp.session_id, SignUp.standing, func.count())
        .where(SignUp.session_id.in_([row[0].id for row in rows]))
        .group_by(SignUp.session_id, SignUp.standing)
    ).all()
    counts = {(session_id, standing): number for session_id, standing, number in counted}
    return [
        Listed(row[0], row[1], counts.get((row[0].id, "coming"), 0), counts.get((row[0].id, "waiting"), 0))
        for row in rows
    ]


def actor_of(member: Membership) -> Actor:
    """As whom the member plans and cancels."""
    return Actor(member.account_id, "lead" if member.is_lead else "member")
