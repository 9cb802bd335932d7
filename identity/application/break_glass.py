"""Breaking the glass: a file outside one's own offices is opened by two people, for a reason, for a while.

One officer asks and says why; a supervisor of the office where the file lies opens it or does not. The
applicant is told when it is opened, every look is recorded as every other, and nothing but looking is possible.
Whoever asked is told what came of it. A wish that nobody answers ends after its last day (`break_glass_answer_days`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Select, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.application.conflicts import check_no_conflict
from identity.application.model import Application
from identity.application.notices import FILE_OPENED, tell
from identity.application.supervising import check_supervises
from identity.application.warnings import tell_officer, tell_supervisors
from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Base, Keyed, Refused
from identity.deadlines import decision_due, rule, today_in_vietnam
from identity.sealed import Sealed, add
from identity.turns import take_turns

WAITS = "glass-asked"
"""The letter to whoever may answer: it is urgent, and nobody looks at that page by chance."""
OPENED, TURNED_DOWN, LAPSED = "glass-opened", "glass-turned-down", "glass-lapsed"
"""What whoever asked is told."""
MISSED = "glass-missed"
"""The letter to the supervisors who did not answer."""
LONGEST_REASON = 500
SHORTEST_REASON = 20


class BreakGlass(Keyed, Base):
    """One wish to open a file, and what came of it."""

    __tablename__ = "break_glass"
    __table_args__ = (Index(None, "unit_id", "answered_at"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    asked_by_id: Mapped[UUID] = mapped_column(index=True)
    asked_role: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[UUID | None]
    is_granted: Mapped[bool | None]
    open_until: Mapped[datetime | None]

    reason = Sealed(str)

    @property
    def answer_by(self) -> datetime:
        """The last moment for an answer, in working days after the day of the wish."""
        return decision_due(self.asked_at, int(rule("break_glass_answer_days", today_in_vietnam(self.asked_at))))

    @property
    def is_lapsed(self) -> bool:
        """Whether it ended without anybody's answer."""
        return self.answered_at is not None and self.answered_by_id is None


def ask(db: Session, dossier_number: str, officer: Actor, reason: str, *, now: datetime) -> BreakGlass:
    """Ask for a file by its number. Refused: "dossier-unknown", "break-glass-reason", "break-glass-open"."""
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Refused("break-glass-reason", field="reason", least=SHORTEST_REASON, most=LONGEST_REASON)
    application = db.scalar(select(Application).where(Application.dossier_number == dossier_number.strip()))
    if application is None:
        raise Refused("dossier-unknown", field="dossier_number", audited=True)
    check_no_conflict(db, application, officer)
    take_turns(db, application.id.bytes)
    mine = select(BreakGlass.id).where(
        BreakGlass.application_id == application.id,
        BreakGlass.asked_by_id == officer.account_id,
        BreakGlass.answered_at.is_(None),
    )
    if officer.account_id is None or db.scalar(mine) is not None:
        raise Refused("break-glass-open", field="dossier_number")
    row = BreakGlass(
        application_id=application.id,
        unit_id=application.unit_id,
        asked_by_id=officer.account_id,
        asked_role=officer.role,
        asked_at=now,
    )
    record(db, Event.GLASS_ASKED, officer, now=now, subject=application.subject)
    tell_supervisors(db, WAITS, {application.unit_id: 1}, now=now)
    return add(db, row, reason=reason)


def answer(db: Session, row: BreakGlass, officer: Actor, *, granted: bool, now: datetime) -> None:
    """The second person says yes or no, once.

    Refused: "supervisor-only", "glass-own", "glass-answered", or "glass-over" when nobody had answered in time.
    """
    check_supervises(officer)
    if row.asked_by_id == officer.account_id:
        raise Refused("glass-own", audited=True)
    application = db.get_one(Application, row.application_id)
    check_no_conflict(db, application, officer)
    minutes = int(rule("break_glass_minutes", today_in_vietnam(now)))
    until = now + timedelta(minutes=minutes) if granted else None
    won = db.scalar(
        update(BreakGlass)
        .where(BreakGlass.id == row.id, BreakGlass.answered_at.is_(None))
        .values(answered_at=now, answered_by_id=officer.account_id, is_granted=granted, open_until=until)
        .returning(BreakGlass.id)
        .execution_options(synchronize_session=False)
    )
    if won is None:
        db.refresh(row)
        raise Refused("glass-over" if row.is_lapsed else "glass-answered")
    db.refresh(row)
    record(db, Event.GLASS_ANSWERED, officer, now=now, subject=application.subject, granted=granted)
    _tell_asker(db, row, application, OPENED if granted else TURNED_DOWN, now=now)
    if granted:
        tell(db, application, FILE_OPENED, now=now, until_at=until)


def end_unanswered(db: Session, *, now: datetime) -> int:
    """Wishes past their last day end, and both sides are told; whoever still has to see the file asks anew.

    Run by the worker. Returns how many ended.
    """
    waiting = select(BreakGlass).where(BreakGlass.answered_at.is_(None)).order_by(BreakGlass.asked_at).limit(100)
    late = [row for row in db.scalars(waiting.with_for_update(skip_locked=True)) if row.answer_by < now]
    for row in late:
        row.answered_at, row.is_granted = now, False
        application = db.get_one(Application, row.application_id)
        record(db, Event.GLASS_LAPSED, SYSTEM, now=now, subject=application.subject)
        _tell_asker(db, row, application, LAPSED, now=now)
        tell_supervisors(db, MISSED, {row.unit_id: 1}, now=now)
    return len(late)


def opened(db: Session, glass_id: UUID, officer: Actor, *, now: datetime) -> Application:
    """The file, for whoever asked, as long as it is open; the look is recorded. Refused "glass-shut"."""
    row = db.get(BreakGlass, glass_id)
    if row is None or row.asked_by_id != officer.account_id or row.open_until is None or now > row.open_until:
        raise Refused("glass-shut", audited=True)
    application = db.get_one(Application, row.application_id)
    check_no_conflict(db, application, officer)
    record(db, Event.APPLICATION_VIEWED, officer, now=now, subject=application.subject, part="break-glass")
    return application


def asked_by(db: Session, account_id: UUID, *, most: int = 20) -> list[tuple[BreakGlass, str]]:
    """What this officer asked for, the newest first, with the number of the file."""
    mine = _WISHES.where(BreakGlass.asked_by_id == account_id)
    return _found(db, mine.order_by(BreakGlass.asked_at.desc(), BreakGlass.id.desc()), most)


def to_answer(db: Session, units: Collection[UUID], *, most: int = 50) -> list[tuple[BreakGlass, str]]:
    """What waits for an answer of `units`, the oldest first."""
    waits = _WISHES.where(BreakGlass.unit_id.in_(units), BreakGlass.answered_at.is_(None))
    return _found(db, waits.order_by(BreakGlass.asked_at, BreakGlass.id), most)


def answered_in(db: Session, units: Collection[UUID], *, most: int = 20) -> list[tuple[BreakGlass, str]]:
    """What was answered in `units`, or ended unanswered, the newest first."""
    over = _WISHES.where(BreakGlass.unit_id.in_(units), BreakGlass.answered_at.is_not(None))
    return _found(db, over.order_by(BreakGlass.answered_at.desc(), BreakGlass.id.desc()), most)


def _found(db: Session, wishes: Select[BreakGlass, str], most: int) -> list[tuple[BreakGlass, str]]:
    return [(row[0], row[1]) for row in db.execute(wishes.limit(most))]


def _tell_asker(db: Session, row: BreakGlass, application: Application, message: str, *, now: datetime) -> None:
    tell_officer(db, message, row.asked_by_id, now=now, dossier_number=application.dossier_number)


_WISHES = select(BreakGlass, Application.dossier_number).join(Application, Application.id == BreakGlass.application_id)
