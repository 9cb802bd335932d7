"""Who was there: taken once for each person and session, by screen, spoken code, list, or slip; never changed.

The database refuses UPDATE and DELETE. One person is counted once, also when a slip of the same session becomes theirs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity import once
from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused, new_id
from identity.deadlines import rule, today_in_vietnam
from identity.learner_key import person_of_help_code
from onboarding.check_in import TICKET, Method, check_in_rules, is_open, is_spoken_code
from onboarding.learner import Learner, Slip, find_slip, learner_of, make_slip, same_learner
from onboarding.team import Membership
from onboarding.training import TrainingSession

THEMSELVES = Actor(None, "resident")
"""Learners act without their account's id: the trail, too, must not say who learns."""


class Attendance(Keyed, Base):
    """One learner in one session. `happened_at` is the moment proven, `received_at` the server's."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("session_id", "learner_id"), Index(None, "unit_id", "happened_at"))

    session_id: Mapped[UUID] = mapped_column(ForeignKey("training_session.id"))
    learner_id: Mapped[UUID] = mapped_column(ForeignKey("learner.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    age_band: Mapped[str | None] = mapped_column(String(12))
    method: Mapped[str] = mapped_column(String(10))
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class CheckInMiss(Base):
    """How many wrong spoken codes a learner gave in one session."""

    __tablename__ = "check_in_miss"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("training_session.id"), primary_key=True)
    learner_id: Mapped[UUID] = mapped_column(ForeignKey("learner.id"), primary_key=True)
    count: Mapped[int]


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who was there."""

    learner: Learner
    attendance: Attendance


def attend_by_ticket(db: Session, learner: Learner, ticket: str, *, now: datetime) -> UUID | Refused:
    """Redeem the ticket of a scanned code; the session's id. A ticket counts for one person."""
    redeemed = once.redeem(db, TICKET, ticket, now=now)
    if redeemed is None or redeemed.subject is None:
        return Refused("check-in-again")
    session = db.get_one(TrainingSession, redeemed.subject)
    at = datetime.fromisoformat(str(redeemed.payload["at"]))
    _take(db, session, learner, Method(str(redeemed.payload["method"])), THEMSELVES, at=at, now=now)
    return session.id


def attend_by_spoken_code(
    db: Session, session: TrainingSession, learner: Learner, code: str, *, now: datetime
) -> Refused | None:
    """Check in with the six digits. A wrong code is a result that must be kept, and too many end it."""
    if not is_open(session, now):
        return Refused("check-in-closed")
    misses = db.scalar(
        select(CheckInMiss.count).where(CheckInMiss.session_id == session.id, CheckInMiss.learner_id == learner.id)
    )
    if (misses or 0) >= check_in_rules(now).spoken_misses:
        return Refused("check-in-blocked", field="code")
    if not is_spoken_code(db, session, code, now=now):
        _count_miss(db, session.id, learner.id)
        return Refused("check-in-wrong", field="code")
    _take(db, session, learner, Method.SPOKEN, THEMSELVES, at=now, now=now)
    return None


def attend_by_roster(
    db: Session, member: Membership, session: TrainingSession, learner_ids: Collection[UUID], *, now: datetime
) -> int:
    """Tick people off a list, also one kept on paper without network; how many were new."""
    check_roster_open(session, now)
    at = min(max(now, session.starts_at), session.ends_at)
    known = db.scalars(select(Learner).where(Learner.id.in_(learner_ids)).order_by(Learner.id)).all()
    return sum(_take(db, session, learner, Method.ROSTER, actor_of(member), at=at, now=now) for learner in known)


def walk_in_with_help_code(
    db: Session, member: Membership, session: TrainingSession, code: str, *, now: datetime
) -> Refused | None:
    """Somebody with an e-ID who came without signing up. A wrong code is a result that stays counted."""
    check_roster_open(session, now)
    person = person_of_help_code(db, member.account_id, code, now=now)
    if isinstance(person, Refused):
        return person
    _take(db, session, learner_of(db, person, now=now), Method.ROSTER, actor_of(member), at=now, now=now)
    return None


def walk_in_with_slip(
    db: Session, member: Membership, session: TrainingSession, *, now: datetime, age_band: str | None
) -> Slip:
    """Somebody without e-ID: a slip of today, counted here and now."""
    check_roster_open(session, now)
    made = db.scalar(select(func.count()).where(Attendance.session_id == session.id, Attendance.method == Method.SLIP))
    label = f"{(made or 0) + 1}"
    slip = make_slip(db, actor_of(member), now=now, unit_id=member.unit_id, label=label, age_band=age_band)
    _take(db, session, db.get_one(Learner, slip.learner_id), Method.SLIP, actor_of(member), at=now, now=now)
    return slip


def walk_in_again(db: Session, member: Membership, session: TrainingSession, code: str, *, now: datetime) -> None:
    """Somebody who got a slip earlier today and comes to another session."""
    check_roster_open(session, now)
    learner = find_slip(db, code, now=now)
    if learner is None:
        raise Refused("slip-unknown", field="slip")
    _take(db, session, learner, Method.SLIP, actor_of(member), at=now, now=now)


def check_roster_open(session: TrainingSession, now: datetime) -> None:
    """A list is open from the session's doors until some days later."""
    until = session.ends_at + timedelta(days=rule("roster_days", today_in_vietnam(now)))
    if session.cancelled_at is not None or now < session.starts_at - check_in_rules(now).opens_before or now > until:
        raise Refused("roster-closed")


def allow_late_proof(db: Session, member: Membership, session: TrainingSession, *, now: datetime) -> None:
    """The trainer says that the room had no network: codes scanned then may arrive later. Audited."""
    if not session.late_proof:
        session.late_proof = True
        record(db, Event.LATE_PROOF_ALLOWED, actor_of(member), now=now, subject=("training-session", session.id))


def present_in(db: Session, session_id: UUID) -> list[Present]:
    """Who was there, in the order of arrival; a slip that became a learner's is shown as that learner, once."""
    rows = db.execute(
        select(Attendance, Learner)
        .join(Learner, Learner.id == Attendance.learner_id)
        .where(Attendance.session_id == session_id)
        .order_by(Attendance.received_at, Attendance.id)
    ).all()
    roots = {row[1].linked_to for row in rows if row[1].linked_to}
    people = {learner.id: learner for learner in db.scalars(select(Learner).where(Learner.id.in_(roots)))}
    found: dict[UUID, Present] = {}
    for attendance, learner in rows:
        root = people.get(learner.linked_to, learner) if learner.linked_to else learner
        found.setdefault(root.id, Present(root, attendance))
    return list(found.values())


def count_present(db: Session, session_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many people were in each session; one person is one, with or without a slip."""
    person = func.coalesce(Learner.linked_to, Learner.id)
    query = (
        select(Attendance.session_id, func.count(person.distinct()))
        .join(Learner, Learner.id == Attendance.learner_id)
        .where(Attendance.session_id.in_(session_ids))
        .group_by(Attendance.session_id)
    )
    return dict(db.execute(query).all())


def count_reached(
    db: Session, unit_ids: Collection[UUID], *, since: datetime, until: datetime
) -> dict[str | None, int]:
    """How many people were trained in these units, by age band of the day; one person is one, in their first band."""
    person = func.coalesce(Learner.linked_to, Learner.id)
    first = (
        select(person.label("person"), func.min(Attendance.age_band).label("age_band"))
        .join(Learner, Learner.id == Attendance.learner_id)
        .where(Attendance.unit_id.in_(unit_ids), Attendance.happened_at >= since, Attendance.happened_at < until)
        .group_by(person)
        .subquery()
    )
    return dict(db.execute(select(first.c.age_band, func.count()).group_by(first.c.age_band)).all())


def attended(db: Session, learner_ids: Collection[UUID]) -> list[TrainingSession]:
    """The sessions that a learner was in, the latest first."""
    query = select(TrainingSession).where(
        TrainingSession.id.in_(select(Attendance.session_id).where(Attendance.learner_id.in_(learner_ids)))
    )
    return list(db.scalars(query.order_by(TrainingSession.starts_at.desc(), TrainingSession.id)))


def actor_of(member: Membership) -> Actor:
    """A member as the audit trail names them."""
    return Actor(member.account_id, "lead" if member.is_lead else "member")


def _take(
    db: Session,
    session: TrainingSession,
    learner: Learner,
    method: Method,
    by: Actor,
    *,
    at: datetime,
    now: datetime,
) -> bool:
    """Count the learner; False when they are counted already."""
    if session.cancelled_at is not None:
        raise Refused("training-session-over")
    same = same_learner(db, learner.id)
    there = select(Attendance.id).where(Attendance.session_id == session.id, Attendance.learner_id.in_(same))
    if db.scalar(there.limit(1)) is not None:
        return False
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    values = {
        "id": new_id(),
        "session_id": session.id,
        "learner_id": learner.id,
        "unit_id": session.unit_id,
        "age_band": learner.age_band,
        "method": method.value,
        "happened_at": at,
        "received_at": now,
        "by_id": by.account_id,
    }
    statement = dialect.insert(Attendance).values(**values).on_conflict_do_nothing().returning(Attendance.id)
    if db.execute(statement).one_or_none() is None:
        return False
    record(db, Event.ATTENDANCE_TAKEN, by, now=now, subject=("learner", learner.id), method=method.value)
    return True


def _count_miss(db: Session, session_id: UUID, learner_id: UUID) -> None:
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(CheckInMiss).values(session_id=session_id, learner_id=learner_id, count=1)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=[CheckInMiss.session_id, CheckInMiss.learner_id], set_={"count": CheckInMiss.count + 1}
        )
    )
