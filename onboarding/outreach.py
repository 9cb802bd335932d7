"""Calling the people who wait for activation: who is to be called, by whom, and what came of it.

For a backlog of thousands: coordinators share the people out at the desk, page by page; nothing of it is on the phone
of a team. Only people who agreed to be helped are on the list, and each look is recorded where the person sees it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused, new_id
from identity.deadlines import today_in_vietnam
from identity.helping import Waiting, count_waiting, find_waiting, waiting_people

PAGE = 50
AGAIN_AFTER = {"no-answer": 1, "call-later": 3}
"""Days until somebody is called again."""


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
    assigned_to_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    assigned_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    result: Mapped[str | None] = mapped_column(String(20))
    result_at: Mapped[datetime | None]
    again_on: Mapped[date | None]


@dataclass(frozen=True, slots=True)
class ToCall:
    """One line of the list."""

    person: Waiting
    call: OutreachCall | None


@dataclass(frozen=True, slots=True)
class CallList:
    """One page; `total` counts all who agreed and wait."""

    lines: list[ToCall]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def call_list(db: Session, unit_ids: Collection[UUID], by: Actor, *, now: datetime, page: int = 1) -> CallList:
    """The people to call, most pressing first. Each name shown is recorded."""
    page = max(page, 1)
    people = waiting_people(db, unit_ids, by, now=now, limit=PAGE, offset=(page - 1) * PAGE)
    query = select(OutreachCall).where(OutreachCall.pseudonym.in_([person.pseudonym for person in people]))
    calls = {call.pseudonym: call for call in db.scalars(query)}
    return CallList([ToCall(p, calls.get(p.pseudonym)) for p in people], count_waiting(db, unit_ids), page)


def take_over(
    db: Session, handles: Collection[bytes], account_id: UUID, by: Actor, unit_ids: Collection[UUID], *, now: datetime
) -> int:
    """Somebody takes these people to call; who has them already keeps them. How many were taken."""
    taken = 0
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    for handle in sorted(handles):
        person = find_waiting(db, handle, unit_ids, by, now=now)
        if person is None or person.unit_id is None:
            continue
        values = {"id": new_id(), "pseudonym": handle, "unit_id": person.unit_id, "assigned_to_id": account_id}
        statement = dialect.insert(OutreachCall).values(**values, assigned_at=now, tries=0)
        taken += db.execute(statement.on_conflict_do_nothing().returning(OutreachCall.id)).one_or_none() is not None
    if taken:
        record(db, Event.OUTREACH_ASSIGNED, by, now=now, subject=("account", account_id), people=taken)
    return taken


def note_result(db: Session, handle: bytes, result: CallResult, by: Actor, *, now: datetime) -> None:
    """What came of the call; only who has the person notes it. Audited."""
    call = db.scalar(select(OutreachCall).where(OutreachCall.pseudonym == handle).with_for_update())
    if call is None or call.assigned_to_id != by.account_id:
        raise Refused("outreach-not-yours", audited=True)
    days = AGAIN_AFTER.get(result)
    call.tries += 1
    call.result, call.result_at = result, now
    call.again_on = today_in_vietnam(now) + timedelta(days=days) if days else None
    record(db, Event.OUTREACH_RESULT, by, now=now, subject=("outreach", call.id), result=result.value)


def results(db: Session, unit_ids: Collection[UUID]) -> dict[str | None, int]:
    """How many people were called with which last result; None: taken and not yet called."""
    query = select(OutreachCall.result, func.count()).where(OutreachCall.unit_id.in_(unit_ids))
    return {row[0]: row[1] for row in db.execute(query.group_by(OutreachCall.result))}
