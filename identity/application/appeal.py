"""An appeal against a refusal: a supervisor who had no hand in the file looks at it again, in time.

Law on Complaints 02/2011/QH13: the applicant has 90 days (Art. 9); the answer takes at most 30 (Art. 28). Both are
dated rules. An overturned refusal decides nothing by itself: the file is open again and goes through four eyes anew,
without the officer who refused it. One appeal a refusal; an upheld one names the court.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, and_, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.application import clocks, notices
from identity.application.conflicts import not_in_conflict
from identity.application.decision_paper import DecisionPaper, Outcome, make_paper, paper_of
from identity.application.hands import had_a_hand
from identity.application.model import Application, State, check_move, check_version, move, way_on
from identity.application.review import check_not_own
from identity.application.supervising import check_supervises
from identity.audit import VISITOR, Actor, Event, record
from identity.base import Base, Keyed, Refused
from identity.deadlines import end_of_day, end_of_term, rule, today_in_vietnam
from identity.sealed import Sealed, add

LONGEST_TEXT = 2000
TAKEN_BACK = "taken-back"
DECEASED = "deceased"


class Appeal(Keyed, Base):
    """What the applicant says against a refusal, and what came of it."""

    __tablename__ = "appeal"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    paper_id: Mapped[UUID] = mapped_column(ForeignKey("decision_paper.id"), unique=True)
    """The refusal: there is one appeal against each."""
    text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    filed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(12))
    """upheld, overturned, taken-back or deceased; none while it is open."""
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    ended_at: Mapped[datetime | None]
    heard_by_id: Mapped[UUID | None]

    text = Sealed(str)
    answer = Sealed(str)


def appeal_until(paper: DecisionPaper) -> datetime:
    """The last moment for an appeal: the day of the decision is not counted."""
    day = today_in_vietnam(paper.decided_at)
    return end_of_term(day, int(rule("appeal_days", day)))


def may_appeal(db: Session, application: Application, *, now: datetime) -> bool:
    """Whether a refusal stands, its clock runs, and nobody has appealed against it."""
    paper = paper_of(db, application)
    if application.state != State.REFUSED or paper is None or paper.outcome != Outcome.REFUSED:
        return False
    taken = db.scalar(select(Appeal.id).where(Appeal.paper_id == paper.id))
    return taken is None and now <= appeal_until(paper)


def appeal(
    db: Session,
    application: Application,
    text: str,
    *,
    now: datetime,
    actor: Actor = VISITOR,
    version: int | None = None,
) -> Appeal:
    """The applicant does not agree.

    Refused: "appeal-empty", "appeal-too-long", "appeal-late", "application-open-beside".
    """
    check_version(application, version)
    check_move(application, "appeal")
    text = text.strip()
    if not text:
        raise Refused("appeal-empty", field="text")
    if len(text) > LONGEST_TEXT:
        raise Refused("appeal-too-long", field="text", most=LONGEST_TEXT)
    paper = paper_of(db, application)
    if paper is None or not may_appeal(db, application, now=now):
        raise Refused("appeal-late")
    _open_again(db, application, "appeal")
    day = today_in_vietnam(now)
    due = end_of_day(day + timedelta(days=int(rule("appeal_answer_days", day))))
    row = Appeal(application_id=application.id, paper_id=paper.id, filed_at=now, due_at=due)
    application.due_at, application.closed_at = due, None
    record(db, Event.APPEAL_FILED, actor, now=now, subject=application.subject)
    notices.tell(db, application, notices.APPEALED, now=now, answer_due_at=due)
    return add(db, row, text=text)


def take_back_appeal(
    db: Session, application: Application, *, now: datetime, actor: Actor = VISITOR, version: int | None = None
) -> None:
    """The applicant lets the refusal stand after all."""
    check_version(application, version)
    move(db, application, "uphold")
    _end(open_appeal(db, application), TAKEN_BACK, now=now)
    clocks.end(application, now=now)
    record(db, Event.APPEAL_TAKEN_BACK, actor, now=now, subject=application.subject)


def end_for_death(db: Session, application: Application, *, now: datetime) -> None:
    """Nobody is left to be answered; the refusal stands."""
    _end(open_appeal(db, application), DECEASED, now=now)


def check_may_hear(db: Session, application: Application, officer: Actor) -> None:
    """A supervisor; whoever received, captured, decided or heard this file before is not the one who hears it."""
    check_supervises(officer)
    named = (application.received_by_id, application.captured_by_id, application.decided_by_id)
    if officer.account_id in named or had_a_hand(db, application, officer.account_id):
        raise Refused("appeal-four-eyes", audited=True)
    check_not_own(db, application, officer)


def decide_appeal(
    db: Session,
    application: Application,
    officer: Actor,
    outcome: str,
    answer: str,
    *,
    now: datetime,
    version: int | None = None,
) -> None:
    """`outcome` is "upheld" or "overturned"; `answer` says why, in words for the applicant."""
    check_version(application, version)
    check_move(application, "uphold")
    check_may_hear(db, application, officer)
    answer = answer.strip()
    if not answer:
        raise Refused("appeal-answer-empty", field="answer")
    if len(answer) > LONGEST_TEXT:
        raise Refused("appeal-too-long", field="answer", most=LONGEST_TEXT)
    row = open_appeal(db, application)
    settle = {Outcome.UPHELD: _uphold, Outcome.OVERTURNED: _overturn}[Outcome(outcome)]
    settle(db, application, officer, now=now)  # first, because it has one winner
    row.answer, row.heard_by_id = answer, officer.account_id
    _end(row, outcome, now=now)


def open_appeal(db: Session, application: Application) -> Appeal:
    """The one that waits. Refused "application-state" when none does."""
    row = db.scalar(select(Appeal).where(Appeal.application_id == application.id, Appeal.outcome.is_(None)))
    if row is None:
        raise Refused("application-state")
    return row


def appeals_of(db: Session, application: Application) -> list[Appeal]:
    """All appeals in this file, the newest first."""
    return list(
        db.scalars(select(Appeal).where(Appeal.application_id == application.id).order_by(Appeal.filed_at.desc()))
    )


def waiting_appeals(
    db: Session, units: Collection[UUID], account_id: UUID, *, answered: bool = False, page: int = 1, size: int = 25
) -> tuple[list[tuple[Appeal, Application]], int]:
    """Appeals to hear in `units`, the most urgent first; or those heard, the newest first. And how many there are.

    None about somebody to whom the officer is tied.
    """
    open_ones = and_(Application.state == State.APPEALED.value, Appeal.outcome.is_(None))
    which = Appeal.heard_by_id.is_not(None) if answered else open_ones
    waits = (Application.unit_id.in_(units), which, not_in_conflict(account_id))
    rows = (
        select(Appeal, Application)
        .join(Application, Application.id == Appeal.application_id)
        .where(*waits)
        .order_by(Appeal.ended_at.desc() if answered else Appeal.due_at, Appeal.filed_at, Appeal.id)
    )
    count = select(func.count()).select_from(Appeal).join(Application, Application.id == Appeal.application_id)
    found = [(row[0], row[1]) for row in db.execute(rows.limit(size).offset((page - 1) * size))]
    return found, db.scalar(count.where(*waits)) or 0


def _uphold(db: Session, application: Application, officer: Actor, *, now: datetime) -> None:
    move(db, application, "uphold")
    clocks.end(application, now=now)
    make_paper(db, application, Outcome.UPHELD, now=now, reason=application.refusal_reason)
    record(db, Event.APPEAL_UPHELD, officer, now=now, subject=application.subject)
    notices.tell(db, application, notices.APPEAL_UPHELD, now=now)


def _overturn(db: Session, application: Application, officer: Actor, *, now: datetime) -> None:
    """The refusal falls and the file goes on where that leads to another decision, with a whole decision clock.

    Whoever was not recognised, or never came, comes to the counter (again).
    """
    move(db, application, _way_on(application))
    application.received_at = application.received_at or now
    make_paper(db, application, Outcome.OVERTURNED, now=now)
    application.decided_at = application.decided_by_id = application.refusal_reason = None
    application.days_left = None
    clocks.start(application, now=now)
    record(db, Event.APPEAL_OVERTURNED, officer, now=now, subject=application.subject)
    due = application.decision_due_at
    notices.tell(db, application, notices.APPEAL_OVERTURNED, now=now, decision_due_at=due)


def _way_on(application: Application) -> str:
    online = application.level == 1 and application.matched
    return "overturn-matched" if online else way_on(application, "overturn")


def _open_again(db: Session, application: Application, verb: str) -> None:
    """Nobody has two open files: a new application must be withdrawn before an appeal about the old one."""
    try:
        with db.begin_nested():
            move(db, application, verb)
            db.flush()
    except IntegrityError:
        raise Refused("application-open-beside") from None


def _end(row: Appeal, outcome: str, *, now: datetime) -> None:
    row.outcome, row.ended_at = outcome, now
