"""What waits at the lock desk of some units, by deadline, the late first; and one request for an officer's eyes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.lock_requests.decide import code_digest
from identity.lock_requests.model import OPEN, LockRequest, RequestState
from identity.paging import count_pages
from identity.paper_key import sign_paper

A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Desk:
    """One page."""

    rows: list[LockRequest]
    open: int
    late: int
    pages: int


def desk(db: Session, units: Collection[UUID], *, now: datetime, decided: bool = False, page: int = 1) -> Desk:
    """What these units have to do, or what they have decided, the newest first."""
    mine = LockRequest.unit_id.in_(units)
    waits = LockRequest.state.in_([state.value for state in OPEN])
    shown = and_(mine, ~waits if decided else waits)
    order: list[Any] = [LockRequest.decided_at.desc()] if decided else [_clock(), LockRequest.number]
    query = select(LockRequest).where(shown).order_by(*order).limit(A_PAGE).offset((page - 1) * A_PAGE)
    late = and_(mine, waits, _clock() < now)
    return Desk(
        list(db.scalars(query)),
        _count(db, and_(mine, waits)),
        _count(db, late),
        count_pages(_count(db, shown), A_PAGE),
    )


def view(db: Session, row: LockRequest, officer: Actor, *, now: datetime) -> None:
    """Each look is recorded, and the holder sees it."""
    facts = {"number": row.number}
    record(db, Event.LOCK_REQUEST_VIEWED, officer, now=now, subject=("account", row.account_id), **facts)


def requests_about(db: Session, account_id: UUID) -> list[LockRequest]:
    """Every request about this account, the newest first."""
    query = select(LockRequest).where(LockRequest.account_id == account_id)
    return list(db.scalars(query.order_by(LockRequest.received_at.desc(), LockRequest.id.desc()).limit(50)))


def find_decision(db: Session, code: str) -> LockRequest | None:
    """The decision of a code on paper. The caller limits the tries."""
    return db.scalar(select(LockRequest).where(LockRequest.code_digest == code_digest(db, code)))


def signed(db: Session, row: LockRequest, issuer: str) -> str:
    """The decision as a compact JWS, for the QR code: enough to trust the paper, nothing about the person."""
    facts = {
        "iss": issuer,
        "jti": row.code,
        "request": row.number,
        "wish": row.wish,
        "outcome": row.state,
        "reason": row.reason,
        "at": row.decided_at.isoformat() if row.decided_at else None,
    }
    return sign_paper(db, {name: value for name, value in facts.items() if value is not None}) or ""


def _clock() -> ColumnElement[Any]:
    received = LockRequest.state == RequestState.RECEIVED.value
    return case((received, LockRequest.forward_by), else_=LockRequest.decide_by)


def _count(db: Session, which: ColumnElement[bool]) -> int:
    return db.scalar(select(func.count()).select_from(LockRequest).where(which)) or 0
