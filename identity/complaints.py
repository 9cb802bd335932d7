"""Complaints about how one was treated: by anybody with an application's code or an account, answered in time.

Nobody answers a complaint about their own work: whoever had a hand in the file is kept out, and the attempt recorded.
The clock is a dated rule (`complaint_answer_days`, working days); what is late stands on top of the office's list.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.account import Account
from identity.application.conflicts import check_not_own_account
from identity.application.dossier import next_dossier_number
from identity.application.hands import had_a_hand
from identity.application.model import Application
from identity.application.notices import COMPLAINT_ANSWERED, COMPLAINT_MADE
from identity.application.notices import tell as tell_applicant
from identity.application.review import check_not_own
from identity.application.supervising import check_supervises
from identity.audit import VISITOR, Actor, Event, record
from identity.base import Base, Keyed, Refused
from identity.deadlines import decision_due, rule, today_in_vietnam
from identity.person import Person
from identity.places import Office, Unit
from identity.sealed import Sealed, add
from identity.telling import tell as tell_holder
from identity.turns import take_turns

CATEGORIES = ("late", "conduct", "papers", "money", "decision", "portal", "other")
LONGEST_TEXT = 2000
SERIES = "KN"


class Complaint(Keyed, Base):
    """One complaint. In clear stay what it is about, where it belongs and its clock."""

    __tablename__ = "complaint"
    __table_args__ = (Index(None, "unit_id", "answered_at", "due_at"),)

    number: Mapped[str] = mapped_column(String(40), unique=True)
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"), index=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    category: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[UUID | None]

    text = Sealed(str)
    answer = Sealed(str)

    @property
    def subject(self) -> tuple[str, UUID]:
        """How the audit names it."""
        return ("complaint", self.id)


@dataclass(frozen=True, slots=True)
class Complainant:
    """Who complains: the holder of an application's code, or of an account. One of the two is there."""

    application: Application | None = None
    account: Account | None = None

    @property
    def key(self) -> UUID:
        thing = self.application or self.account
        if thing is None:
            raise Refused("complaint-nobody")
        return thing.id


def complain(db: Session, who: Complainant, category: str, text: str, *, now: datetime) -> Complaint:
    """Take it in; the same again while it waits is the same complaint (a second click).

    Refused: "complaint-category", "complaint-empty", "complaint-too-long", "complaints-open", "complaint-nowhere".
    """
    text = text.strip()
    _check(category, text)
    take_turns(db, who.key.bytes)
    waiting = [row for row in complaints_of(db, who) if row.answered_at is None]
    again = next((row for row in waiting if (row.category, row.text) == (category, text)), None)
    if again is not None:
        return again
    day = today_in_vietnam(now)
    if len(waiting) >= int(rule("complaints_open", day)):
        raise Refused("complaints-open")
    row = Complaint(
        number=next_dossier_number(db, SERIES, now=now),
        application_id=who.application.id if who.application else None,
        account_id=who.account.id if who.account else None,
        category=category,
        unit_id=_unit_for(db, who),
        made_at=now,
        due_at=decision_due(now, int(rule("complaint_answer_days", day))),
    )
    add(db, row, text=text)
    actor = Actor(who.account.id, "resident") if who.account else VISITOR
    record(db, Event.COMPLAINT_MADE, actor, now=now, subject=row.subject, category=category)
    _tell(db, row, COMPLAINT_MADE, now=now)
    return row


def complaints_of(db: Session, who: Complainant) -> list[Complaint]:
    """Their complaints, the newest first."""
    mine = []
    if who.application is not None:
        mine.append(Complaint.application_id == who.application.id)
    if who.account is not None:
        mine.append(Complaint.account_id == who.account.id)
    return list(db.scalars(select(Complaint).where(or_(*mine)).order_by(Complaint.made_at.desc()))) if mine else []


def waiting_complaints(
    db: Session, units: Collection[UUID], *, answered: bool = False, page: int = 1, size: int = 25
) -> tuple[list[Complaint], int]:
    """What `units` have to answer, the most urgent first; or have, the newest first. And how many there are."""
    ended = Complaint.answered_at
    waits = (Complaint.unit_id.in_(units), ended.is_not(None) if answered else ended.is_(None))
    order = ended.desc() if answered else Complaint.due_at
    rows = select(Complaint).where(*waits).order_by(order, Complaint.number)
    total = db.scalar(select(func.count()).select_from(Complaint).where(*waits)) or 0
    return list(db.scalars(rows.limit(size).offset((page - 1) * size))), total


def check_may_answer(db: Session, complaint: Complaint, officer: Actor) -> None:
    """A supervisor who had no hand in the file, and neither made the complaint nor is tied to who did."""
    check_supervises(officer)
    application = _file_of(db, complaint)
    if application is not None and _is_about(db, application, officer):
        raise Refused("complaint-own-work", audited=True)
    _check_no_tie(db, complaint, application, officer)


def view_complaint(db: Session, complaint_id: UUID, officer: Actor, *, now: datetime) -> Complaint:
    """One complaint for an officer's eyes; each look is recorded. Of somebody they are tied to it stays shut."""
    row = db.get(Complaint, complaint_id)
    if row is None:
        raise Refused("complaint-unknown")
    _check_no_tie(db, row, _file_of(db, row), officer)
    record(db, Event.COMPLAINT_VIEWED, officer, now=now, subject=row.subject)
    return row


def answer_complaint(db: Session, complaint: Complaint, officer: Actor, answer: str, *, now: datetime) -> None:
    """Answer it once; of two who try one wins, the other is "complaint-answered-already"."""
    check_may_answer(db, complaint, officer)
    answer = answer.strip()
    if not answer:
        raise Refused("complaint-answer-empty", field="answer")
    if len(answer) > LONGEST_TEXT:
        raise Refused("complaint-too-long", field="answer", most=LONGEST_TEXT)
    won = db.execute(
        update(Complaint)
        .where(Complaint.id == complaint.id, Complaint.answered_at.is_(None))
        .values(answered_at=now, answered_by_id=officer.account_id)
        .returning(Complaint.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if won is None:
        raise Refused("complaint-answered-already")
    db.refresh(complaint)
    complaint.answer = answer
    late = now > complaint.due_at
    record(db, Event.COMPLAINT_ANSWERED, officer, now=now, subject=complaint.subject, late=late)
    _tell(db, complaint, COMPLAINT_ANSWERED, now=now)


def _check(category: str, text: str) -> None:
    if category not in CATEGORIES:
        raise Refused("complaint-category", field="category")
    if not text:
        raise Refused("complaint-empty", field="text")
    if len(text) > LONGEST_TEXT:
        raise Refused("complaint-too-long", field="text", most=LONGEST_TEXT)


def _unit_for(db: Session, who: Complainant) -> UUID:
    """Where the file lies; for an account the holder's home, if it has an office, else any above it."""
    if who.application is not None:
        return who.application.unit_id
    person = db.get(Person, who.account.person_id) if who.account and who.account.person_id else None
    unit_id = person.unit_id if person else None
    if unit_id is None:
        last = select(Application.unit_id).where(Application.person_id == (person.id if person else None))
        unit_id = db.scalar(last.order_by(Application.submitted_at.desc()).limit(1))
    if unit_id is None or db.get(Unit, unit_id) is None:
        unit_id = db.scalar(select(Office.unit_id).order_by(Office.search_folded).limit(1))
    if unit_id is None:
        raise Refused("complaint-nowhere")
    return unit_id


def _file_of(db: Session, complaint: Complaint) -> Application | None:
    return db.get(Application, complaint.application_id) if complaint.application_id else None


def _check_no_tie(db: Session, complaint: Complaint, application: Application | None, officer: Actor) -> None:
    if application is not None:
        check_not_own(db, application, officer)
    if complaint.account_id is not None:
        check_not_own_account(db, officer, db.get_one(Account, complaint.account_id))


def _is_about(db: Session, application: Application, officer: Actor) -> bool:
    named = (application.received_by_id, application.captured_by_id, application.decided_by_id)
    return officer.account_id in named or had_a_hand(db, application, officer.account_id)


def _tell(db: Session, complaint: Complaint, kind: str, *, now: datetime) -> None:
    facts: dict[str, Any] = {"number": complaint.number, "answer_due_at": complaint.due_at.isoformat()}
    application = _file_of(db, complaint)
    account = db.get(Account, complaint.account_id) if complaint.account_id else None
    if application is not None:
        tell_applicant(db, application, kind, now=now, **facts)
    elif account is not None:
        tell_holder(db, account, kind, now=now, **facts)
