"""Who was there: taken once for each person and session, by screen, spoken code, list, or slip; never changed.

The database refuses UPDATE and DELETE. One person is counted once, also when a slip of the same session becomes theirs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity import once
from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused, new_id
from identity.sealed import vault
from identity.writing import insert_into
from onboarding.check_in import TICKET, Method, check_in_rules, check_spoken, check_token, is_open, takes_late_proof
from onboarding.learner import Learner, same_learner
from onboarding.team import Membership
from onboarding.training import TrainingSession

THEMSELVES = Actor(None, "resident")
"""Learners act without their account's id: the trail, too, must not say who learns."""


class Attendance(Keyed, Base):
    """One learner in one session. `happened_at` is the moment proven, `received_at` the server's."""

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("session_id", "learner_id"),
        Index(None, "unit_id", "happened_at"),
        Index(None, "happened_at"),
    )

    session_id: Mapped[UUID] = mapped_column(ForeignKey("training_session.id"))
    learner_id: Mapped[UUID] = mapped_column(ForeignKey("learner.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    age_band: Mapped[str | None] = mapped_column(String(12))
    method: Mapped[str] = mapped_column(String(10))
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class AttendanceWithdrawal(Base):
    """A trainer's mistake taken back: the attendance stays written and does not count."""

    __tablename__ = "attendance_withdrawal"

    attendance_id: Mapped[UUID] = mapped_column(ForeignKey("attendance.id"), primary_key=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


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
    count_in(db, session, learner, Method(str(redeemed.payload["method"])), THEMSELVES, at=at, now=now)
    return session.id


def attend_by_spoken_code(
    db: Session,
    session: TrainingSession,
    learner: Learner,
    code: str,
    *,
    now: datetime,
    heard_at: datetime | None = None,
) -> Refused | None:
    """Check in with the six digits, late too (`check_spoken`). A wrong code is a result that must be kept, and too many
    end it."""
    if not (is_open(session, now) or takes_late_proof(session, now)):
        return Refused("check-in-closed")
    misses = db.scalar(
        select(CheckInMiss.count).where(CheckInMiss.session_id == session.id, CheckInMiss.learner_id == learner.id)
    )
    if (misses or 0) >= check_in_rules(now).spoken_misses:
        return Refused("check-in-blocked", field="code")
    proof = check_spoken(db, session, code, now=now, heard_at=heard_at)
    if proof is None:
        _count_miss(db, session.id, learner.id)
        return Refused("check-in-wrong", field="code")
    method, at = proof
    if method is Method.LATE and not takes_late_proof(session, now):
        return Refused("check-in-not-late", field="code")
    count_in(db, session, learner, method, THEMSELVES, at=at, now=now)
    return None


def attend_by_kept_scan(
    db: Session, session: TrainingSession, learner: Learner, token: str, *, scanned_at: datetime, now: datetime
) -> None:
    """Count a scan that a phone kept while it could reach nobody."""
    method, at = check_token(db, session, token, now=now, scanned_at=scanned_at)
    count_in(db, session, learner, method, THEMSELVES, at=at, now=now)


def present_in(db: Session, session_id: UUID) -> list[Present]:
    """Who was there, in the order of arrival; a slip that became a learner's is shown as that learner, once."""
    rows = db.execute(
        select(Attendance, Learner)
        .join(Learner, Learner.id == Attendance.learner_id)
        .where(Attendance.session_id == session_id, counts())
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
        .where(Attendance.session_id.in_(session_ids), counts())
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
        .where(counts())
        .group_by(person)
        .subquery()
    )
    return dict(db.execute(select(first.c.age_band, func.count()).group_by(first.c.age_band)).all())


def attended(db: Session, learner_ids: Collection[UUID]) -> list[TrainingSession]:
    """The sessions that a learner was in, the latest first."""
    query = select(TrainingSession).where(
        TrainingSession.id.in_(select(Attendance.session_id).where(Attendance.learner_id.in_(learner_ids), counts()))
    )
    return list(db.scalars(query.order_by(TrainingSession.starts_at.desc(), TrainingSession.id)))


def actor_of(member: Membership) -> Actor:
    """A member as the audit trail names them."""
    return Actor(member.account_id, "lead" if member.is_lead else "member")


def count_in(
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
    if db.scalar(there.where(counts()).limit(1)) is not None:
        return False
    if _comes_again(db, db.scalar(there.limit(1))):
        record(db, Event.ATTENDANCE_TAKEN, by, now=now, subject=("learner", learner.id), method=method.value)
        return True
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
    statement = insert_into(db, Attendance).values(**values).on_conflict_do_nothing().returning(Attendance.id)
    if db.execute(statement).one_or_none() is None:
        return False
    record(db, Event.ATTENDANCE_TAKEN, by, now=now, subject=("learner", learner.id), method=method.value)
    return True


def _comes_again(db: Session, attendance_id: UUID | None) -> bool:
    """Whether an attendance that was taken back counts again."""
    if attendance_id is None:
        return False
    gone = delete(AttendanceWithdrawal).where(AttendanceWithdrawal.attendance_id == attendance_id)
    return db.scalar(gone.returning(AttendanceWithdrawal.attendance_id)) is not None


def keeper_tag(db: Session, session_id: UUID) -> str:
    """The name under which a phone keeps what it scanned in this sign-in session; it says nothing about the person.

    Of the session, not the account: after signing out nobody can tell any more who held the phone.
    """
    return vault(db).derive("check-in-keeper", session_id.bytes).hex()[:24]


def counts() -> ColumnElement[bool]:
    """Condition: the attendance was not taken back."""
    return ~select(AttendanceWithdrawal.at).where(AttendanceWithdrawal.attendance_id == Attendance.id).exists()


def _count_miss(db: Session, session_id: UUID, learner_id: UUID) -> None:
    statement = insert_into(db, CheckInMiss).values(session_id=session_id, learner_id=learner_id, count=1)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=[CheckInMiss.session_id, CheckInMiss.learner_id], set_={"count": CheckInMiss.count + 1}
        )
    )
