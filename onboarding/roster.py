"""The trainer's list: ticks, walk-ins with a help code or a slip, mistakes taken back, a room without network."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.audit import Event, record
from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from identity.helping import person_of_help_code
from onboarding.attendance import Attendance, AttendanceWithdrawal, actor_of, count_in, counts
from onboarding.check_in import Method, check_in_rules, doors
from onboarding.learner import Learner, Slip, find_slip, learner_of, make_slip, same_learner
from onboarding.sign_up import list_numbers
from onboarding.team import Membership
from onboarding.training import TrainingSession


def attend_by_roster(
    db: Session, member: Membership, session: TrainingSession, learner_ids: Collection[UUID], *, now: datetime
) -> int:
    """Tick people off a list, also one kept on paper without network; how many were new."""
    check_roster_open(session, now)
    at = min(max(now, session.starts_at), session.ends_at)
    known = db.scalars(select(Learner).where(Learner.id.in_(learner_ids)).order_by(Learner.id)).all()
    return sum(count_in(db, session, learner, Method.ROSTER, actor_of(member), at=at, now=now) for learner in known)


def attend_by_numbers(
    db: Session, member: Membership, session: TrainingSession, ticks: Mapping[int, datetime], *, now: datetime
) -> int:
    """Tick people off by their number on the list, with the moment a phone without network noted; how many were new.

    The phone keeps no name. A moment outside the hours of the session counts as the nearest within.
    """
    check_roster_open(session, now)
    opens, closes = doors(session, now)
    people = {number: learner_id for learner_id, number in list_numbers(db, session.id).items()}
    ticked = {people[number]: min(max(at, opens), closes, now) for number, at in ticks.items() if number in people}
    known = db.scalars(select(Learner).where(Learner.id.in_(ticked)).order_by(Learner.id)).all()
    taken = (count_in(db, session, one, Method.ROSTER, actor_of(member), at=ticked[one.id], now=now) for one in known)
    return sum(taken)


def walk_in_with_help_code(
    db: Session, member: Membership, session: TrainingSession, code: str, *, now: datetime
) -> Refused | None:
    """Somebody with an e-ID who came without signing up. A wrong code is a result that stays counted."""
    check_roster_open(session, now)
    person = person_of_help_code(db, member.account_id, code, now=now)
    if isinstance(person, Refused):
        return person
    count_in(db, session, learner_of(db, person, now=now), Method.ROSTER, actor_of(member), at=now, now=now)
    return None


def walk_in_with_slip(
    db: Session, member: Membership, session: TrainingSession, *, now: datetime, age_band: str | None
) -> Slip:
    """Somebody without e-ID: a slip of today, counted here and now."""
    check_roster_open(session, now)
    made = db.scalar(select(func.count()).where(Attendance.session_id == session.id, Attendance.method == Method.SLIP))
    label = f"{(made or 0) + 1}"
    slip = make_slip(db, actor_of(member), now=now, unit_id=member.unit_id, label=label, age_band=age_band)
    count_in(db, session, db.get_one(Learner, slip.learner_id), Method.SLIP, actor_of(member), at=now, now=now)
    return slip


def walk_in_again(db: Session, member: Membership, session: TrainingSession, code: str, *, now: datetime) -> None:
    """Somebody who got a slip earlier today and comes to another session."""
    check_roster_open(session, now)
    learner = find_slip(db, code, now=now)
    if learner is None:
        raise Refused("slip-unknown", field="slip")
    count_in(db, session, learner, Method.SLIP, actor_of(member), at=now, now=now)


def withdraw_attendance(
    db: Session, member: Membership, session: TrainingSession, learner_id: UUID, *, now: datetime
) -> None:
    """Take back a wrong tick while the list is open; whoever then comes is counted again. Audited."""
    check_roster_open(session, now)
    same = same_learner(db, learner_id)
    query = select(Attendance.id).where(Attendance.session_id == session.id, Attendance.learner_id.in_(same), counts())
    for attendance_id in db.scalars(query).all():
        db.add(AttendanceWithdrawal(attendance_id=attendance_id, by_id=member.account_id, at=now))
        subject = ("learner", learner_id)
        record(
            db, Event.ATTENDANCE_WITHDRAWN, actor_of(member), now=now, subject=subject, attendance=str(attendance_id)
        )
    db.flush()


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
