"""Asking about one's own data, and the desk that answers: acknowledged within 2 working days, answered within
10, 15 or 20 days by kind (Decree 356/2025/ND-CP; `rules.json`). Late ones rise to the top of the desk.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from identity.account import Account, get_account
from identity.application import Application
from identity.application.conflicts import check_not_own_account
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import calendar, end_of_day, rule, today_in_vietnam
from identity.paging import count_pages
from identity.person import Person
from identity.rights.effects import EFFECTS
from identity.rights.model import ANSWERS, OPEN, REASONS, RequestState, RightKind, RightsRequest
from identity.sealed import add
from identity.telling import tell
from identity.turns import take_turns

A_PAGE = 20
LONGEST = 2000


def ask(
    db: Session,
    account: Account,
    kind: RightKind,
    actor: Actor,
    *,
    about: str = "",
    words: str = "",
    now: datetime,
    **facts: str,
) -> RightsRequest:
    """A new request, with its clocks; the receipt goes out at once. Refused "rights-already-open" for a second one.

    `facts` stand in the trail: who asked at a counter.
    """
    take_turns(db, account.id.bytes)
    if db.scalar(select(RightsRequest.id).where(RightsRequest.open_for == account.id, RightsRequest.kind == kind)):
        raise Refused("rights-already-open")
    today = today_in_vietnam(now)
    row = RightsRequest(
        account_id=account.id,
        unit_id=_unit_of(db, account),
        open_for=account.id,
        kind=kind.value,
        about=about[:40],
        state=RequestState.OPEN.value,
        made_at=now,
        acknowledge_by=end_of_day(
            calendar().add_working_days(today, int(rule("rights_acknowledge_working_days", today)))
        ),
        due_at=end_of_day(today + timedelta(days=int(rule("rights_answer_days", today)[kind.value]))),
    )
    add(db, row, words=words[:LONGEST] or None)
    record(db, Event.RIGHTS_REQUESTED, actor, now=now, subject=("account", account.id), kind=kind.value, **facts)
    tell(db, account, "rights-received", now=now, due_on=today_in_vietnam(row.due_at))
    return row


def take_back(db: Session, account_id: UUID, request_id: UUID, actor: Actor, *, now: datetime) -> None:
    """The person no longer asks. Refused "rights-over" once it was answered."""
    row = find_own(db, account_id, request_id)
    if row is None or not row.is_open:
        raise Refused("rights-over")
    _close(row, RequestState.TAKEN_BACK, now)
    record(db, Event.RIGHTS_TAKEN_BACK, actor, now=now, subject=("account", account_id), kind=row.kind)


def take(db: Session, row: RightsRequest, officer: Actor, *, now: datetime) -> None:
    """An officer takes it on: that is the acknowledgement, and the person is told. Refused "rights-taken"."""
    check_not_own_account(db, officer, get_account(db, row.account_id))
    if row.state != RequestState.OPEN:
        raise Refused("rights-taken")
    account = get_account(db, row.account_id)
    row.state, row.taken_at, row.taken_by_id = RequestState.TAKEN.value, now, officer.account_id
    record(db, Event.RIGHTS_TAKEN, officer, now=now, subject=("account", account.id), kind=row.kind)
    tell(db, account, "rights-taken", now=now, due_on=today_in_vietnam(row.due_at))


def answer(
    db: Session,
    row: RightsRequest,
    officer: Actor,
    outcome: RequestState,
    reason: str,
    words: str,
    *,
    now: datetime,
) -> None:
    """The answer, with its reason; what was granted happens in the same transaction. Refused "rights-over"."""
    check_not_own_account(db, officer, get_account(db, row.account_id))
    if not row.is_open:
        raise Refused("rights-over")
    if outcome not in ANSWERS or reason not in REASONS[outcome]:
        raise Refused("rights-reason", field="reason")
    account = get_account(db, row.account_id)
    row.answer, row.reason, row.answered_by_id = words[:LONGEST] or None, reason, officer.account_id
    row.taken_at = row.taken_at or now
    late = now > row.due_at
    _close(row, outcome, now)
    facts = {"kind": row.kind, "outcome": outcome.value, "reason": reason, "late": late}
    record(db, Event.RIGHTS_ANSWERED, officer, now=now, subject=("account", account.id), **facts)
    if outcome is not RequestState.REFUSED:
        EFFECTS[RightKind(row.kind)](db, account, row.about, officer, now=now)
    tell(db, account, "rights-answered", now=now)


def requests_of(db: Session, account_id: UUID) -> list[RightsRequest]:
    """Every request of this account, the newest first."""
    query = select(RightsRequest).where(RightsRequest.account_id == account_id)
    return list(db.scalars(query.order_by(RightsRequest.made_at.desc(), RightsRequest.id.desc())))


def find_own(db: Session, account_id: UUID, request_id: UUID) -> RightsRequest | None:
    """The person's own request; somebody else's is none."""
    row = db.get(RightsRequest, request_id)
    return row if row is not None and row.account_id == account_id else None


@dataclass(frozen=True, slots=True)
class Desk:
    """One page of what waits, the late first and then by deadline."""

    rows: list[RightsRequest]
    open: int
    late: int
    pages: int


def desk(db: Session, units: Collection[UUID] | None, *, now: datetime, answered: bool = False, page: int = 1) -> Desk:
    """What the desk of these units has to do (`units` None: of every unit), or what it answered."""
    mine: ColumnElement[bool] = true() if units is None else RightsRequest.unit_id.in_(units)
    waits = RightsRequest.state.in_([state.value for state in OPEN])
    shown = and_(mine, ~waits if answered else waits)
    order = [RightsRequest.answered_at.desc()] if answered else [case((_late(now), 0), else_=1), RightsRequest.due_at]
    query = select(RightsRequest).where(shown).order_by(*order, RightsRequest.id)
    rows = list(db.scalars(query.limit(A_PAGE).offset((page - 1) * A_PAGE)))
    total = _count(db, shown)
    return Desk(rows, _count(db, and_(mine, waits)), _count(db, and_(mine, _late(now))), count_pages(total, A_PAGE))


def _late(now: datetime) -> ColumnElement[bool]:
    unseen = and_(RightsRequest.state == RequestState.OPEN.value, RightsRequest.acknowledge_by < now)
    waits = RightsRequest.state.in_([state.value for state in OPEN])
    return or_(unseen, and_(waits, RightsRequest.due_at < now))


def _count(db: Session, which: ColumnElement[bool]) -> int:
    return cast(int, db.scalar(select(func.count()).select_from(RightsRequest).where(which)))


def _close(row: RightsRequest, state: RequestState, now: datetime) -> None:
    row.state, row.open_for, row.answered_at = state.value, None, now


def _unit_of(db: Session, account: Account) -> UUID | None:
    """The unit whose office looks after this account: where the last application was, else where the person lives."""
    if account.person_id is None:
        return None
    last = select(Application.unit_id).where(Application.person_id == account.person_id)
    unit = db.scalar(last.order_by(Application.submitted_at.desc()).limit(1))
    person = db.get(Person, account.person_id)
    return unit or (person.unit_id if person else None)
