"""Places in a session: taken, waited for, given back.

Capacity holds however many press at once; who steps back makes room for the first who waits.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.base import Refused
from onboarding.training import SignUp, Standing, TrainingSession


def sign_up(db: Session, session_id: UUID, learner_id: UUID, *, now: datetime) -> Standing:
    """Take a place, or the next one in the queue. Signing up twice changes nothing."""
    session = _locked(db, session_id)
    if session.cancelled_at is not None or session.ends_at <= now:
        raise Refused("training-session-over")
    row = _row(db, session_id, learner_id)
    if row is not None and row.standing != Standing.WITHDRAWN:
        return Standing(row.standing)
    standing = Standing.COMING if _count(db, session_id, Standing.COMING) < session.capacity else Standing.WAITING
    if row is None:
        db.add(SignUp(session_id=session_id, learner_id=learner_id, standing=standing.value, at=now))
    else:
        row.standing, row.at = standing.value, now
    db.flush()
    return standing


def step_back(db: Session, session_id: UUID, learner_id: UUID) -> None:
    """Give the place up; the first who waits gets it."""
    session = _locked(db, session_id)
    row = _row(db, session_id, learner_id)
    if row is None or row.standing == Standing.WITHDRAWN:
        return
    row.standing = Standing.WITHDRAWN.value
    db.flush()
    first = select(SignUp).where(SignUp.session_id == session_id, SignUp.standing == Standing.WAITING)
    following = db.scalar(first.order_by(SignUp.at, SignUp.id).limit(1))
    if following is not None and _count(db, session_id, Standing.COMING) < session.capacity:
        following.standing = Standing.COMING.value


def sign_ups(db: Session, session_id: UUID) -> list[SignUp]:
    """Who comes and who waits, in the order of the queue."""
    query = select(SignUp).where(SignUp.session_id == session_id, SignUp.standing != Standing.WITHDRAWN)
    return list(db.scalars(query.order_by(SignUp.standing, SignUp.at, SignUp.id)))


def list_numbers(db: Session, session_id: UUID) -> dict[UUID, int]:
    """The number that each who signed up has on the list, for good: those who stepped back keep theirs."""
    query = select(SignUp.learner_id).where(SignUp.session_id == session_id).order_by(SignUp.id)
    return {learner_id: number for number, learner_id in enumerate(db.scalars(query), 1)}


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
