"""Places in a session: taken, waited for, given back, and lost when it is cancelled.

Capacity holds however many press at once; who steps back makes room for the first who waits. Whoever has or waits for a
place is told what becomes of it without asking: nobody walks to a house that is shut. Whom to tell is known until then,
sealed; the learner's own key leads to no one (`identity.learner_key`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from identity.account import Account
from identity.audit import Event, record
from identity.base import Refused
from identity.sealed import add
from identity.telling import tell
from onboarding.team import Membership
from onboarding.training import Course, SignUp, Standing, TrainingSession, actor_of

CANCELLED, PLACE = "training-cancelled", "training-place"
"""What is told: it will not take place; a place became free and is yours."""


def sign_up(
    db: Session, session_id: UUID, learner_id: UUID, *, now: datetime, account_id: UUID | None = None
) -> Standing:
    """Take a place, or the next one in the queue, and say whom to tell of it. Signing up twice changes nothing."""
    session = _locked(db, session_id)
    if session.cancelled_at is not None or session.ends_at <= now:
        raise Refused("training-session-over")
    row = _row(db, session_id, learner_id)
    if row is not None and row.standing != Standing.WITHDRAWN:
        return Standing(row.standing)
    standing = Standing.COMING if _count(db, session_id, Standing.COMING) < session.capacity else Standing.WAITING
    if row is None:
        row = add(db, SignUp(session_id=session_id, learner_id=learner_id, standing=standing.value, at=now))
    row.standing, row.at = standing.value, now
    row.account = str(account_id) if account_id else None
    db.flush()
    return standing


def step_back(db: Session, session_id: UUID, learner_id: UUID, *, now: datetime) -> None:
    """Give the place up; the first who waits gets it, and is told."""
    session = _locked(db, session_id)
    row = _row(db, session_id, learner_id)
    if row is None or row.standing == Standing.WITHDRAWN:
        return
    row.standing, row.account = Standing.WITHDRAWN.value, None
    db.flush()
    if session.cancelled_at is not None or session.ends_at <= now:
        return
    first = select(SignUp).where(SignUp.session_id == session_id, SignUp.standing == Standing.WAITING)
    following = db.scalar(first.order_by(SignUp.at, SignUp.id).limit(1))
    if following is not None and _count(db, session_id, Standing.COMING) < session.capacity:
        following.standing = Standing.COMING.value
        _tell(db, session, [following], PLACE, now)


def cancel_session(db: Session, member: Membership, session: TrainingSession, *, now: datetime) -> None:
    """Cancel a session that has not begun; who has or waits for a place is told. Audited; twice changes nothing."""
    session = _locked(db, session.id)
    if session.starts_at <= now:
        raise Refused("session-begun")
    if session.cancelled_at is not None:
        return
    session.cancelled_at = now
    record(db, Event.TRAINING_CANCELLED, actor_of(member), now=now, subject=("training-session", session.id))
    told = sign_ups(db, session.id)
    _tell(db, session, told, CANCELLED, now)
    for row in told:
        row.account = None


def forget_who_came(db: Session, *, now: datetime) -> int:
    """Whom to tell goes when there is nothing left to tell; returns how many."""
    over = select(TrainingSession.id).where(TrainingSession.ends_at <= now)
    gone = update(SignUp).where(SignUp.account_sealed.is_not(None), SignUp.session_id.in_(over))
    gone = gone.values(account_sealed=None).execution_options(synchronize_session=False)
    return len(db.scalars(gone.returning(SignUp.id)).all())


def sign_ups(db: Session, session_id: UUID) -> list[SignUp]:
    """Who comes and who waits, in the order of the queue."""
    query = select(SignUp).where(SignUp.session_id == session_id, SignUp.standing != Standing.WITHDRAWN)
    return list(db.scalars(query.order_by(SignUp.standing, SignUp.at, SignUp.id)))


def list_numbers(db: Session, session_id: UUID) -> dict[UUID, int]:
    """The number that each who signed up has on the list, for good: those who stepped back keep theirs."""
    query = select(SignUp.learner_id).where(SignUp.session_id == session_id).order_by(SignUp.id)
    return {learner_id: number for number, learner_id in enumerate(db.scalars(query), 1)}


def _tell(db: Session, session: TrainingSession, rows: Sequence[SignUp], notice: str, now: datetime) -> None:
    course = db.get_one(Course, session.course_id)
    facts: dict[str, Any] = {"course": course.name, "place": session.place, "starts_at": session.starts_at.isoformat()}
    for row in rows:
        account = db.get(Account, UUID(row.account)) if row.account else None
        if account is not None:
            tell(db, account, notice, now=now, **facts)


def _locked(db: Session, session_id: UUID) -> TrainingSession:
    """The session, with everybody else who wants a place in it waiting."""
    query = select(TrainingSession).where(TrainingSession.id == session_id).with_for_update()
    session = db.scalar(query.execution_options(populate_existing=True))
    if session is None:
        raise Refused("session-unknown")
    return session


def _row(db: Session, session_id: UUID, learner_id: UUID) -> SignUp | None:
    return db.scalar(select(SignUp).where(SignUp.session_id == session_id, SignUp.learner_id == learner_id))


def _count(db: Session, session_id: UUID, standing: Standing) -> int:
    query = select(func.count()).where(SignUp.session_id == session_id, SignUp.standing == standing)
    return db.scalar(query.select_from(SignUp)) or 0
