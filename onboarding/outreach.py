"""Calling the people who wait for activation: who is to be called, by whom, and what came of it.

For a backlog of thousands: coordinators share the people out at the desk, page by page; nothing of it is on the phone
of a team. Only people who agreed to be helped are on the list, and each look is recorded where the person sees it. The
number is shown to the one who calls, one person at a time. Whoever is not called within days can be taken by others.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, Select, String, and_, func, or_, select, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused, new_id
from identity.deadlines import rule, today_in_vietnam
from identity.helping import (
    HelpConsent,
    Waiting,
    count_waiting,
    find_waiting,
    outcomes,
    phone_of_waiting,
    waiting_people,
)
from identity.paging import count_pages
from identity.writing import insert_into

PAGE = 50
AGAIN_AFTER = {"no-answer": 1, "call-later": 3}
"""Days until somebody is called again."""
ENDED = frozenset({"not-wanted", "wrong-number"})
"""Results after which nobody calls again."""


class CallResult(StrEnum):
    """What came of a call."""

    NO_ANSWER = "no-answer"
    CALL_LATER = "call-later"
    APPOINTMENT = "appointment"
    WILL_DO_IT = "will-do-it"
    NOT_WANTED = "not-wanted"
    WRONG_NUMBER = "wrong-number"


class OutreachCall(Keyed, Base):
    """Who calls one person, known by the pseudonym of their consent, and the last result."""

    __tablename__ = "outreach_call"
    __table_args__ = (Index(None, "unit_id", "assigned_to_id"),)

    pseudonym: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    assigned_to_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    """NULL: given back, free to be taken again."""
    assigned_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    result: Mapped[str | None] = mapped_column(String(20))
    result_at: Mapped[datetime | None]
    again_on: Mapped[date | None]


class Choice(StrEnum):
    """Which of the people who wait are shown."""

    ALL = "all"
    FREE = "free"
    MINE = "mine"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the calling has come. `waiting`: people who agreed and wait; `activated`: called, and did it since."""

    waiting: int
    taken: int
    called: int
    activated: int


@dataclass(frozen=True, slots=True)
class ToCall:
    """One line of the list."""

    person: Waiting
    call: OutreachCall | None


@dataclass(frozen=True, slots=True)
class CallList:
    """One page; `total` counts all people of the choice who agreed and wait."""

    lines: list[ToCall]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return count_pages(self.total, PAGE)


def call_list(
    db: Session,
    unit_ids: Collection[UUID],
    by: Actor,
    *,
    now: datetime,
    choice: Choice = Choice.ALL,
    page: int = 1,
    only: ColumnElement[bool] | None = None,
) -> CallList:
    """The people to call, most pressing first. Each name shown is recorded. `only`: a further condition.

    A page behind the last is the last: what was taken, called or activated meanwhile makes the list shorter.
    """
    among = and_(_among(choice, by, now), true() if only is None else only)
    total = count_waiting(db, unit_ids, among=among)
    page = min(max(page, 1), count_pages(total, PAGE))
    people = waiting_people(db, unit_ids, by, now=now, limit=PAGE, offset=(page - 1) * PAGE, among=among)
    query = select(OutreachCall).where(OutreachCall.pseudonym.in_([person.pseudonym for person in people]))
    calls = {call.pseudonym: call for call in db.scalars(query)}
    return CallList([ToCall(p, calls.get(p.pseudonym)) for p in people], total, page)


def is_free(call: OutreachCall | None, *, now: datetime) -> bool:
    """Whether anybody may take this person: nobody has them, or who has them has let the days of the rule go by."""
    if call is None:
        return True
    if call.result in ENDED:
        return False
    return call.assigned_to_id is None or (call.result_at or call.assigned_at) < _stale_before(now)


def take_over(
    db: Session, handles: Collection[bytes], account_id: UUID, by: Actor, unit_ids: Collection[UUID], *, now: datetime
) -> int:
    """Somebody takes these people to call; who has them already keeps them. How many were taken."""
    taken = 0
    for handle in sorted(handles):
        person = find_waiting(db, handle, unit_ids, by, now=now)
        if person is None or person.unit_id is None:
            continue
        values = {"id": new_id(), "pseudonym": handle, "unit_id": person.unit_id, "assigned_to_id": account_id}
        statement = insert_into(db, OutreachCall).values(**values, assigned_at=now, tries=0)
        again = statement.on_conflict_do_update(
            index_elements=[OutreachCall.pseudonym],
            set_={"assigned_to_id": account_id, "assigned_at": now},
            where=_free(now),
        )
        taken += db.execute(again.returning(OutreachCall.id)).one_or_none() is not None
    if taken:
        record(db, Event.OUTREACH_ASSIGNED, by, now=now, subject=("account", account_id), people=taken)
    return taken


def give_back(db: Session, handle: bytes, by: Actor, *, now: datetime) -> None:
    """Somebody else may take this person; what came of calls so far stays. Audited."""
    call = _own_call(db, handle, by)
    call.assigned_to_id = None
    record(db, Event.OUTREACH_GIVEN_BACK, by, now=now, subject=("outreach", call.id))


def show_phone(db: Session, handle: bytes, by: Actor, unit_ids: Collection[UUID], *, now: datetime) -> str:
    """The number of one person, for the one who has them to call. Recorded where the person sees it."""
    _own_call(db, handle, by)
    phone = phone_of_waiting(db, handle, unit_ids, by, now=now)
    if phone is None:
        raise Refused("nobody-waits-here")
    return phone


def note_result(db: Session, handle: bytes, result: CallResult, by: Actor, *, now: datetime) -> None:
    """What came of the call; only who has the person notes it. Audited."""
    call = _own_call(db, handle, by)
    days = AGAIN_AFTER.get(result)
    call.tries += 1
    call.result, call.result_at = result, now
    call.again_on = today_in_vietnam(now) + timedelta(days=days) if days else None
    record(db, Event.OUTREACH_RESULT, by, now=now, subject=("outreach", call.id), result=result.value)


def progress(db: Session, unit_ids: Collection[UUID], *, now: datetime) -> Progress:
    """How far the calling has come in these units. Activated by themselves after a call: the system sees it."""
    known = outcomes()
    in_units = OutreachCall.unit_id.in_(unit_ids)
    taken, called = db.execute(
        select(func.count(), func.count(OutreachCall.result)).where(in_units, OutreachCall.assigned_to_id.is_not(None))
    ).one()
    since = and_(known.c.pseudonym == OutreachCall.pseudonym, known.c.activated_at >= OutreachCall.assigned_at)
    activated = select(func.count()).select_from(OutreachCall).join(known, since)
    done = db.scalar(activated.where(in_units, OutreachCall.tries > 0))
    return Progress(count_waiting(db, unit_ids), taken, called, done or 0)


def results(db: Session, unit_ids: Collection[UUID]) -> dict[str | None, int]:
    """How many people were called with which last result; None: taken and not yet called."""
    query = select(OutreachCall.result, func.count()).where(OutreachCall.unit_id.in_(unit_ids))
    return {row[0]: row[1] for row in db.execute(query.group_by(OutreachCall.result))}


def is_due(on: date) -> ColumnElement[bool]:
    """Condition: to be called on that day, or never called yet. What ended the calling names no day (`note_result`)."""
    return or_(OutreachCall.result.is_(None), OutreachCall.again_on <= on)


def _own_call(db: Session, handle: bytes, by: Actor) -> OutreachCall:
    call = db.scalar(select(OutreachCall).where(OutreachCall.pseudonym == handle).with_for_update())
    if call is None or call.assigned_to_id is None or call.assigned_to_id != by.account_id:
        raise Refused("outreach-not-yours", audited=True)
    return call


def _stale_before(now: datetime) -> datetime:
    return now - timedelta(days=rule("outreach_days", today_in_vietnam(now)))


def _free(now: datetime) -> ColumnElement[bool]:
    """Condition of `is_free`, for a row that exists."""
    last = func.coalesce(OutreachCall.result_at, OutreachCall.assigned_at)
    open_one = or_(OutreachCall.result.is_(None), OutreachCall.result.not_in(ENDED))
    return and_(open_one, or_(OutreachCall.assigned_to_id.is_(None), last < _stale_before(now)))


def _among(choice: Choice, by: Actor, now: datetime) -> ColumnElement[bool]:
    """Whom the choice leaves, as a condition on consents."""
    calls: Select[bytes] = select(OutreachCall.pseudonym)
    mine = calls.where(OutreachCall.assigned_to_id == by.account_id)
    if choice is Choice.MINE:
        return HelpConsent.pseudonym.in_(mine)
    if choice is Choice.DUE:
        return HelpConsent.pseudonym.in_(mine.where(is_due(today_in_vietnam(now))))
    return HelpConsent.pseudonym.not_in(calls.where(~_free(now))) if choice is Choice.FREE else true()
