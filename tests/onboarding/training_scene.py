"""A team that trains: a member, a course of all five skills, a session today, and people who learn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from onboarding.learner import learner_of
from onboarding.skill_check import Seen, SkillCheck, check_skill
from onboarding.skills import current_skills
from onboarding.team import Membership
from onboarding.training import Language, Plan, TargetGroup, TrainingSession, add_course, plan_session
from tests.onboarding.scene import communes, member_of, resident, team_in


@dataclass
class Room:
    """Ids, so that other transactions can look."""

    member: Membership
    colleague: Membership
    outsider: Membership
    session_id: UUID
    course_id: UUID
    person_id: UUID
    learner_id: UUID
    unit_id: UUID


def room(db: Session, *, now: datetime, capacity: int = 20) -> Room:
    """A session that began an hour ago and goes on for another."""
    here, beside, _far = communes(db)
    team = team_in(db, here, now=now)
    member, colleague = member_of(db, team, now=now), member_of(db, team, now=now)
    outsider = member_of(db, team_in(db, beside, now=now, name="Tổ khác"), now=now)
    course = add_course(db, member, "Kỹ năng số cơ bản", [s.code for s in current_skills().skills], now=now)
    db.flush()
    session = session_of(db, member, course.id, now=now, capacity=capacity)
    person = resident(db, here, now=now)
    learner = learner_of(db, person.id, now=now)
    return Room(member, colleague, outsider, session.id, course.id, person.id, learner.id, here.id)


def session_of(
    db: Session, member: Membership, course_id: UUID, *, now: datetime, capacity: int = 20, starts_in: float = -1
) -> TrainingSession:
    starts_at = now + timedelta(hours=starts_in)
    plan = Plan(
        course_id,
        "Nhà văn hoá tổ 3",
        starts_at,
        starts_at + timedelta(hours=2),
        capacity,
        Language.VI,
        (TargetGroup.OLDER,),
    )
    session = plan_session(db, member, plan, now=now)
    db.flush()
    return session


def seen(skill: str, learner_id: UUID, now: datetime, *, leave_out: int = 0, **changes: object) -> Seen:
    """All tasks of a skill but the last `leave_out`, seen a minute ago."""
    tasks = [task.code for task in current_skills().get(skill).tasks]
    values: dict[str, object] = {
        "learner_id": learner_id,
        "skill": skill,
        "tasks": frozenset(tasks[: len(tasks) - leave_out]),
        "not_family": True,
        "seen_at": now - timedelta(minutes=1),
    }
    return Seen(**{**values, **changes})  # type: ignore[arg-type]


def pass_all(db: Session, place: Room, *, now: datetime, learner_id: UUID | None = None) -> list[SkillCheck]:
    """All five skills, witnessed."""
    codes = [skill.code for skill in current_skills().skills]
    return [check_skill(db, place.member, seen(code, learner_id or place.learner_id, now), now=now) for code in codes]
