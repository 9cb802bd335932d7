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

from identity.account import Account
from identity.application import Application
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import calendar, end_of_day, rule, today_in_vietnam
from identity.paging import count_pages
from identity.person import Person
from identity.rights.effects import check_may_grant, grant
from identity.rights.model import ANSWERS, OPEN, REASONS, RequestState, RightKind, RightsRequest
from identity.rights.owner import Owner, check_not_own_data, owner_of, subject_of, tell_owner
from identity.sealed import add
from identity.turns import take_turns

A_PAGE = 20
LONGEST = 2000


def ask(
    db: Session,
    owner: Owner,
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
    take_turns(db, owner.id.bytes)
    if db.scalar(select(RightsRequest.id).where(RightsRequest.open_for == owner.id, RightsRequest.kind == kind)):
        raise Refused("rights-already-open")
    today = today_in_vietnam(now)
    row = RightsRequest(
        account_id=None if isinstance(owner, Application) else owner.id,
        application_id=owner.id if isinstance(owner, Application) else None,
        unit_id=_unit_of(db, owner),
        open_for=owner.id,
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
    record(db, Event.RIGHTS_REQUESTED, actor, now=now, subject=subject_of(owner), kind=kind.value, **facts)
    tell_owner(db, owner, "rights-received", now=now, due_on=today_in_vietnam(row.due_at).isoformat())
    return row


def take_back(db: Session, owner_id: UUID, request_id: UUID, actor: Actor, *, now: datetime) -> None:
    """The person no longer asks. Refused "rights-over" once it was answered."""
    row = find_own(db, owner_id, request_id)
    if row is None or not row.is_open:
        raise Refused("rights-over")
    _close(row, RequestState.TAKEN_BACK, now)
    record(db, Event.RIGHTS_TAKEN_BACK, actor, now=now, subject=subject_of(owner_of(db, row)), kind=row.kind)


def take(db: Session, row: RightsRequest, officer: Actor, *, now: datetime) -> None:
    """An officer takes it on: that is the acknowledgement, and the person is told. Refused "rights-taken"."""
    owner = owner_of(db, row)
    check_not_own_data(db, officer, owner)
    if row.state != RequestState.OPEN:
        raise Refused("rights-taken")
    row.state, row.taken_at, row.taken_by_id = RequestState.TAKEN.value, now, officer.account_id
    record(db, Event.RIGHTS_TAKEN, officer, now=now, subject=subject_of(owner), kind=row.kind)
    tell_owner(db, owner, "rights-taken", now=now, due_on=today_in_vietnam(row.due_at).isoformat())


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
    """The answer, with its reason; what was granted happens in the same transaction.

    Refused "rights-over", "rights-reason", "rights-nothing-may-go".
    """
    owner = owner_of(db, row)
    check_not_own_data(db, officer, owner)
    if not row.is_open:
        raise Refused("rights-over")
    if outcome not in ANSWERS or reason not in REASONS[outcome]:
        raise Refused("rights-reason", field="reason")
    if outcome is not RequestState.REFUSED:
        check_may_grant(owner, RightKind(row.kind), now=now)
    row.answer, row.reason, row.answered_by_id = words[:LONGEST] or None, reason, officer.account_id
    row.taken_at = row.taken_at or now
    late = now > row.due_at
    _close(row, outcome, now)
    facts = {"kind": row.kind, "outcome": outcome.value, "reason": reason, "late": late}
    record(db, Event.RIGHTS_ANSWERED, officer, now=now, subject=subject_of(owner), **facts)
    if isinstance(owner, Application):  # first, because an erased file has no phone any more
        erased = row.kind == RightKind.ERASE and outcome is not RequestState.REFUSED
        tell_owner(db, owner, "data-erased" if erased else "rights-answered", now=now)
    if outcome is not RequestState.REFUSED:
        grant(db, owner, RightKind(row.kind), row.about, officer, now=now)
    if isinstance(owner, Account):  # last, because the inbox is erased
        tell_owner(db, owner, "rights-answered", now=now)


def requests_of(db: Session, owner_id: UUID) -> list[RightsRequest]:
    """Every request of this account, or of this application, the newest first."""
    mine = or_(RightsRequest.account_id == owner_id, RightsRequest.application_id == owner_id)
    return list(
        db.scalars(select(RightsRequest).where(mine).order_by(RightsRequest.made_at.desc(), RightsRequest.id.desc()))
    )


def find_own(db: Session, owner_id: UUID, request_id: UUID) -> RightsRequest | None:
    """The person's own request; somebody else's is none."""
    row = db.get(RightsRequest, request_id)
    return row if row is not None and owner_id in {row.account_id, row.application_id} else None


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


def _unit_of(db: Session, owner: Owner) -> UUID | None:
    """The unit whose office answers: where the (last) application is, else where the person lives."""
    if isinstance(owner, Application):
        return owner.unit_id
    if owner.person_id is None:
        return None
    last = select(Application.unit_id).where(Application.person_id == owner.person_id)
    unit = db.scalar(last.order_by(Application.submitted_at.desc()).limit(1))
    person = db.get(Person, owner.person_id)
    return unit or (person.unit_id if person else None)
