"""Witnessed checks: the resident does the task, a member sees it. Nothing else makes anybody skilled.

A check is evidence and is never changed: a correction is a new check that supersedes the old one, and what rested on
the old one falls with it. Members witness neither themselves nor their own family.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, Select, String, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from identity.account import get_account
from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused
from identity.deadlines import rule, today_in_vietnam
from identity.learner_key import learner_key
from onboarding.attendance import actor_of
from onboarding.award import RevokedFor, award_what_is_due, withdraw_what_fell
from onboarding.catalogue import AgeBand
from onboarding.learner import Learner, link_slip, root_of, same_learner
from onboarding.skills import current_skills
from onboarding.team import Membership

ADULTS = (AgeBand.FROM_18, AgeBand.FROM_30, AgeBand.FROM_45, AgeBand.FROM_60)


class SkillCheck(Keyed, Base):
    """What one witness saw one learner do. Unit, team and age band are those of the day."""

    __tablename__ = "skill_check"
    __table_args__ = (Index(None, "unit_id", "seen_at"), Index(None, "seen_at"))

    learner_id: Mapped[UUID] = mapped_column(ForeignKey("learner.id"), index=True)
    skill: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    tasks: Mapped[list[str]] = mapped_column(JSON)
    passed: Mapped[bool]
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("training_session.id"))
    witness_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    age_band: Mapped[str | None] = mapped_column(String(12))
    seen_at: Mapped[datetime]
    received_at: Mapped[datetime]
    supersedes: Mapped[UUID | None] = mapped_column(ForeignKey("skill_check.id"), unique=True)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a witness says. `not_family` is declared each time."""

    learner_id: UUID
    skill: str
    tasks: frozenset[str]
    not_family: bool
    seen_at: datetime
    session_id: UUID | None = None
    supersedes: UUID | None = None


@dataclass(frozen=True, slots=True)
class Skilled:
    """How many adults a witness saw, in each skill and in all five."""

    by_skill: dict[str, int]
    all_five: int


def check_skill(db: Session, member: Membership, seen: Seen, *, now: datetime) -> SkillCheck:
    """Keep what the witness saw, and award what is now due. Audited."""
    skills = current_skills()
    skill = skills.get(seen.skill)
    expected = {task.code for task in skill.tasks}
    if not seen.tasks <= expected:
        raise Refused("task-unknown", field="tasks")
    _check_time(seen, now)
    learner = db.get(Learner, seen.learner_id)
    if learner is None:
        raise Refused("learner-unknown")
    root = db.get_one(Learner, root_of(db, learner.id))
    _check_witness(db, member, root, seen)
    _check_original(db, member, seen)
    row = SkillCheck(
        learner_id=root.id,
        skill=skill.code,
        version=skills.version,
        tasks=sorted(seen.tasks),
        passed=seen.tasks == expected,
        session_id=seen.session_id,
        witness_id=member.account_id,
        team_id=member.team_id,
        unit_id=member.unit_id,
        age_band=root.age_band,
        seen_at=seen.seen_at,
        received_at=now,
        supersedes=seen.supersedes,
    )
    db.add(row)
    db.flush()
    actor = actor_of(member)
    record(db, Event.SKILL_CHECKED, actor, now=now, subject=("learner", root.id), skill=skill.code, passed=row.passed)
    settle_awards(db, root, member, now=now, fell_for=RevokedFor.CORRECTED if seen.supersedes else None)
    return row


def settle_awards(
    db: Session, root: Learner, member: Membership | None, *, now: datetime, fell_for: RevokedFor | None = None
) -> None:
    """Give what the witnessed checks bear, and take back what they no longer bear."""
    held = skills_held(db, root.id)
    if fell_for is not None:
        withdraw_what_fell(db, root.id, set(held), fell_for, now=now)
    newest = max(held.values(), key=lambda check: check.seen_at, default=None)
    if newest is not None and not root.is_slip:
        actor = None if member is None else actor_of(member)
        came = {skill: check.received_at for skill, check in held.items()}
        award_what_is_due(db, root.id, came, newest.team_id, newest.unit_id, actor, now=now)


def take_over_slip(db: Session, learner: Learner, code: str, by: Actor, *, now: datetime) -> None:
    """Link a slip to its holder; what a witness saw under it now counts for them, awards included."""
    link_slip(db, learner, code, by, now=now)
    settle_awards(db, learner, None, now=now)


def skills_held(db: Session, learner_id: UUID) -> dict[str, SkillCheck]:
    """The skills that a witness confirmed, with the newest check of each that stands."""
    found = db.scalars(_HELD, {"learners": list(same_learner(db, learner_id))})
    return {check.skill: check for check in found}


def skills_of_group(db: Session, learner_ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """The skills held by each of a group, in one look."""
    person = func.coalesce(Learner.linked_to, Learner.id)
    query = _standing().with_only_columns(person, SkillCheck.skill).join(Learner, Learner.id == SkillCheck.learner_id)
    found: dict[UUID, set[str]] = {learner_id: set() for learner_id in learner_ids}
    for learner_id, skill in db.execute(query.where(SkillCheck.passed, person.in_(learner_ids))):
        found[learner_id].add(skill)
    return found


def checks_of(db: Session, learner_id: UUID) -> list[SkillCheck]:
    """All checks of a learner that stand, the newest first."""
    query = _standing().where(SkillCheck.learner_id.in_(same_learner(db, learner_id)))
    return list(db.scalars(query.order_by(SkillCheck.seen_at.desc(), SkillCheck.id.desc())))


def get_check(db: Session, member: Membership, check_id: UUID) -> SkillCheck:
    """A check of the member's own team."""
    check = db.get(SkillCheck, check_id)
    if check is None or check.team_id != member.team_id:
        raise Refused("check-not-yours", audited=check is not None)
    return check


def count_skilled(db: Session, unit_ids: Collection[UUID], *, until: datetime) -> Skilled:
    """Adults with witnessed skills in these units until a moment; one person is one."""
    person = func.coalesce(Learner.linked_to, Learner.id)
    standing = (
        _standing(until)
        .with_only_columns(SkillCheck.skill, person.label("person"))
        .join(Learner, Learner.id == SkillCheck.learner_id)
        .where(SkillCheck.passed, SkillCheck.unit_id.in_(unit_ids), SkillCheck.age_band.in_(ADULTS))
        .where(SkillCheck.received_at <= until)
        .distinct()
        .subquery()
    )
    by_skill = db.execute(select(standing.c.skill, func.count()).group_by(standing.c.skill)).all()
    complete = (
        select(standing.c.person).group_by(standing.c.person).having(func.count() == len(current_skills().skills))
    )
    all_five = db.scalar(select(func.count()).select_from(complete.subquery())) or 0
    return Skilled(dict(by_skill), all_five)


def _standing(until: datetime | None = None) -> Select[SkillCheck]:
    """Checks that no later one supersedes."""
    later = aliased(SkillCheck)
    superseded = select(later.id).where(later.supersedes == SkillCheck.id)
    if until is not None:
        superseded = superseded.where(later.received_at <= until)
    return select(SkillCheck).where(~superseded.exists())


def _check_time(seen: Seen, now: datetime) -> None:
    day = today_in_vietnam(now)
    if seen.seen_at > now + timedelta(minutes=rule("clock_ahead_minutes", day)):
        raise Refused("assistance-in-future", field="seen_on")
    days = rule("skill_check_late_days", day)
    if seen.seen_at < now - timedelta(days=days):
        raise Refused("check-too-late", field="seen_on", days=days)


def _check_witness(db: Session, member: Membership, root: Learner, seen: Seen) -> None:
    if not seen.not_family:
        raise Refused("check-family", field="not_family")
    person_id = get_account(db, member.account_id).person_id
    if person_id is not None and learner_key(db, person_id) == root.key:
        raise Refused("check-own", audited=True)


def _check_original(db: Session, member: Membership, seen: Seen) -> None:
    if seen.supersedes is None:
        return
    original = get_check(db, member, seen.supersedes)
    if original.skill != seen.skill or original.learner_id not in same_learner(db, seen.learner_id):
        raise Refused("check-not-yours")
    if db.scalar(select(SkillCheck.id).where(SkillCheck.supersedes == original.id)) is not None:
        raise Refused("check-superseded")


_HELD = (
    _standing()
    .where(SkillCheck.learner_id.in_(bindparam("learners", expanding=True)), SkillCheck.passed)
    .order_by(SkillCheck.seen_at, SkillCheck.id)
)
