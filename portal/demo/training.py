"""Training in the demonstration's ward: a course, sessions of last week, today and next week, checks and awards."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from identity.account import find_account
from identity.audit import Actor
from identity.deadlines import today_in_vietnam
from onboarding.learner import Learner, learner_of
from onboarding.lessons import lessons_of, note_result
from onboarding.roster import attend_by_roster, walk_in_with_slip
from onboarding.sign_up import sign_up
from onboarding.skill_check import Seen, check_skill
from onboarding.skills import current_skills, set_local_platform
from onboarding.team import Membership, get_membership
from onboarding.training import Course, Language, Plan, TargetGroup, TrainingSession, add_course, plan_session

COURSES = (
    ("Năm kỹ năng số cơ bản", ("public-services", "shopping", "payment", "safety", "local-platforms")),
    ("Trả tiền và tránh lừa đảo", ("payment", "safety")),
)
PLATFORM = "iHanoi"


def train(db: Session, accounts: dict[str, UUID], logins: Collection[str], *, now: datetime) -> None:
    """Everything, by the verbs that the portal itself calls; `logins` are the residents who learn."""
    member = get_membership(db, accounts["tocongnghe"], on=today_in_vietnam(now))
    lead = Actor(accounts["totruong"], "lead")
    set_local_platform(db, member.unit_id, PLATFORM, "", lead, now=now)
    basics, money = (add_course(db, member, name, skills, now=now) for name, skills in COURSES)
    db.flush()
    people = _learners(db, logins, now)
    _last_week(db, member, basics, people, now=now - timedelta(days=7))
    today = _session(db, member, money, starts_at=now - timedelta(minutes=30), hours=6, now=now)
    for learner in people[:3]:
        sign_up(db, today.id, learner.id, now=now)
    attend_by_roster(db, member, today, [people[0].id], now=now)
    walk_in_with_slip(db, member, today, now=now, age_band="60-and-over")
    _session(db, member, basics, starts_at=now + timedelta(days=7), hours=2, now=now)


def _last_week(db: Session, member: Membership, course: Course, people: Collection[Learner], *, now: datetime) -> None:
    """The first person learned everything and has every award; the second one skill."""
    session = _session(db, member, course, starts_at=now - timedelta(hours=1), hours=3, now=now)
    attend_by_roster(db, member, session, [learner.id for learner in people], now=now)
    codes = [skill.code for skill in current_skills().skills]
    for learner, skills in zip(people, (codes, codes[:1]), strict=False):
        for code in skills:
            _learn(db, member, learner, code, session.id, now)


def _learn(db: Session, member: Membership, learner: Learner, code: str, session_id: UUID, now: datetime) -> None:
    for lesson in lessons_of(code, "vi"):
        note_result(db, learner.id, lesson, 3, now=now)
    tasks = frozenset(task.code for task in current_skills().get(code).tasks)
    seen = Seen(learner.id, code, tasks, not_family=True, seen_at=now, session_id=session_id)
    check_skill(db, member, seen, now=now)


def _session(
    db: Session, member: Membership, course: Course, *, starts_at: datetime, hours: int, now: datetime
) -> TrainingSession:
    start = starts_at.replace(second=0, microsecond=0)
    groups = (TargetGroup.OLDER, TargetGroup.TRADERS)
    end = start + timedelta(hours=hours)
    plan = Plan(course.id, "Nhà văn hoá phường Ba Đình", start, end, 20, Language.VI, groups)
    session = plan_session(db, member, plan, now=now)
    db.flush()
    return session


def _learners(db: Session, logins: Collection[str], now: datetime) -> list[Learner]:
    found = [find_account(db, login) for login in logins]
    return [learner_of(db, account.person_id, now=now) for account in found if account and account.person_id]
