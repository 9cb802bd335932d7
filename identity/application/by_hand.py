"""The manual route of the match: while operators say that a register is not asked, two officers compare by hand.

The first has the person and the original of the paper before them, types its number and compares the face; a supervisor
sees both as well and confirms; whoever decides is a third. What is approved so carries level 2 for some days only
(dated rule `hand_match_days`). As soon as the register answers again it is asked about each (`portal/hand_checks.py`):
recognised, the proof lasts; not recognised, an undecided file cannot be approved, and an account is held at once, sinks
to level 1 and is looked at by another officer. Whoever was compared is told, then and when the register has answered.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.account import Ground, find_account_of
from identity.application import notices
from identity.application.model import Application, State, check_move, check_version, move
from identity.application.registered import bare, from_facts, reference_of
from identity.application.review import check_not_own
from identity.application.supervising import check_supervises
from identity.application.tasks import Kind, held_by, open_task
from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Base, Refused
from identity.deadlines import rule, today_in_vietnam
from identity.evidence import EvidenceKind, Proof, add_proofs, end_evidence
from identity.gateways import CitizenRecord, MatchResult
from identity.locks import lock
from identity.operation.routes import Register, manual

WAITING = (State.MATCHED.value, State.ISSUED.value)
"""In these states the register is asked afterwards; a file that ended otherwise gives nothing to anybody."""


class HandMatch(Base):
    """The comparison of a file's last visit. A new visit begins without one; the trail keeps what was."""

    __tablename__ = "hand_match"
    __table_args__ = (Index(None, "checked_at", "confirmed_at"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    register: Mapped[str] = mapped_column(String(20))
    compared_by_id: Mapped[UUID]
    compared_at: Mapped[datetime]
    confirmed_by_id: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    recognised: Mapped[bool | None]


@dataclass(frozen=True, slots=True)
class Unchecked:
    """What the register is to be asked: about which file, and under what it knows the capture."""

    application_id: UUID
    register: Register
    reference: str
    capture_reference: str


def register_of(application: Application) -> Register:
    """Which register knows the applicant."""
    return Register.POPULATION if application.person_kind == "citizen" else Register.IMMIGRATION


def is_by_hand(db: Session, application: Application) -> bool:
    """Whether operators have taken the manual route for the register of this applicant."""
    return register_of(application) in manual(db)


def hand_match_of(db: Session, application: Application) -> HandMatch | None:
    """The comparison by hand of the last visit, as long as the register has not answered."""
    is_open = application.captured_at is not None and application.matched is None
    return db.get(HandMatch, application.id) if is_open else None


def compare_by_hand(
    db: Session,
    application: Application,
    officer: Actor,
    paper_number: str,
    *,
    now: datetime,
    version: int | None = None,
) -> HandMatch:
    """The first officer, with the original in hand. The file waits for the second person.

    Refused "hand-route" while the register is asked, "hand-paper" when the number is not that of a valid paper of the
    record, "hand-compared" when somebody compared already.
    """
    check_version(application, version)
    check_move(application, "match_by_hand")
    check_not_own(db, application, officer)
    _check_route(db, application)
    if bare(paper_number) not in _papers(application, today_in_vietnam(now)):
        raise Refused("hand-paper", field="paper_number", audited=True)
    if hand_match_of(db, application) is not None:
        raise Refused("hand-compared")
    move(db, application, "compare_by_hand")
    assert officer.account_id is not None
    row = HandMatch(
        application_id=application.id,
        register=register_of(application).value,
        compared_by_id=officer.account_id,
        compared_at=now,
    )
    db.add(row)
    record(db, Event.COMPARED_BY_HAND, officer, now=now, subject=application.subject, register=row.register)
    return row


def confirm_by_hand(
    db: Session, application: Application, officer: Actor, *, now: datetime, version: int | None = None
) -> None:
    """The second person, a supervisor who saw person and paper as well; the file goes on to be decided.

    Refused "hand-second-person" for whoever compared or captured, "hand-route" when the register is asked again.
    """
    check_version(application, version)
    check_move(application, "match_by_hand")
    row = hand_match_of(db, application)
    if row is None:
        raise Refused("application-state")
    check_supervises(officer)
    _check_second(row, application, officer)
    check_not_own(db, application, officer)
    _check_route(db, application)
    move(db, application, "match_by_hand")
    row.confirmed_by_id, row.confirmed_at = officer.account_id, now
    record(db, Event.HAND_MATCH_CONFIRMED, officer, now=now, subject=application.subject, register=row.register)
    notices.tell(db, application, notices.BY_HAND, now=now, days=_days(now))


def check_matched(db: Session, application: Application) -> None:
    """No level 2 without a match: of the register, or by hand on two people's word while it is away.

    Refused "not-matched", or "hand-register-back" while the register is being asked about what was compared by hand.
    """
    if application.level != 2 or application.matched:
        return
    row = hand_match_of(db, application)
    if row is None or row.confirmed_at is None:
        raise Refused("not-matched")
    if not is_by_hand(db, application):
        raise Refused("hand-register-back")


def proof_ends_on(db: Session, application: Application, *, now: datetime) -> date | None:
    """Until when the match proves something; None: a register's match does not end."""
    if hand_match_of(db, application) is None:
        return None
    return today_in_vietnam(now) + timedelta(days=_days(now))


def forget(db: Session, application: Application) -> None:
    """A new visit is compared anew."""
    db.execute(delete(HandMatch).where(HandMatch.application_id == application.id))


def unchecked(db: Session, most: int) -> list[Unchecked]:
    """The oldest that the register has not answered yet, of registers that are asked."""
    asked = [register.value for register in Register if register not in manual(db)]
    query = (
        select(Application)
        .join(HandMatch, HandMatch.application_id == Application.id)
        .where(HandMatch.checked_at.is_(None), HandMatch.confirmed_at.is_not(None))
        .where(HandMatch.register.in_(asked), Application.state.in_(WAITING))
        .order_by(HandMatch.confirmed_at)
    )
    return [_unchecked(application) for application in db.scalars(query.limit(most))] if asked else []


def keep_check(db: Session, application_id: UUID, result: MatchResult, *, now: datetime) -> bool:
    """What the register said afterwards, once; False when another worker was first or the file has ended.

    Refused "application-changed" when an officer acts at the same moment: it is asked again.
    """
    application = db.get_one(Application, application_id)
    if application.state not in WAITING or not _win(db, application_id, result.matched, now=now):
        return False
    if application.state == State.MATCHED:
        move(db, application, "check_hand")
    application.match_score, application.matched, application.matched_at = result.score, result.matched, now
    facts = {"matched": result.matched}
    record(db, Event.HAND_MATCH_CHECKED, SYSTEM, now=now, subject=application.subject, **facts)
    if application.state == State.ISSUED:
        settle = _lasting if result.matched else _taken_back
        settle(db, application, now=now)
    return True


def _lasting(db: Session, application: Application, *, now: datetime) -> None:
    assert application.person_id is not None
    seen = Proof(EvidenceKind.BIOMETRICS, by_account_id=application.captured_by_id)
    add_proofs(db, application.person_id, [seen], now=now, application_id=application.id)
    notices.tell(db, application, notices.HAND_MATCH_RIGHT, now=now)


def _taken_back(db: Session, application: Application, *, now: datetime) -> None:
    """Nobody may act in an account that may be somebody else's: it is held, and another officer looks."""
    assert application.person_id is not None
    end_evidence(db, application.person_id, EvidenceKind.BIOMETRICS, application.id, now=now)
    account = find_account_of(db, application.person_id)
    if account is not None:
        lock(db, account, Ground.HOLD, held_by(application), SYSTEM, now=now)
    open_task(db, application, Kind.NOT_RECOGNISED, now=now)
    notices.tell(db, application, notices.HAND_MATCH_WRONG, now=now)


def _win(db: Session, application_id: UUID, recognised: bool, *, now: datetime) -> bool:
    won = db.scalar(
        update(HandMatch)
        .where(HandMatch.application_id == application_id, HandMatch.checked_at.is_(None))
        .where(HandMatch.confirmed_at.is_not(None))
        .values(checked_at=now, recognised=recognised)
        .returning(HandMatch.application_id)
    )
    return won is not None


def _check_second(row: HandMatch, application: Application, officer: Actor) -> None:
    if officer.account_id in (row.compared_by_id, application.captured_by_id):
        raise Refused("hand-second-person", audited=True)


def _check_route(db: Session, application: Application) -> None:
    if not is_by_hand(db, application):
        raise Refused("hand-route")


def _papers(application: Application, today: date) -> Collection[str]:
    """Numbers of the papers that the record names and that have not ended."""
    held = from_facts(application.record or {})
    if isinstance(held, CitizenRecord):
        papers = [(held.card_number, held.card_expires_on)]
    else:
        papers = [(held.passport_number, held.passport_expires_on)]
    return {bare(number) for number, ends_on in papers if ends_on is None or ends_on >= today}


def _days(now: datetime) -> int:
    return int(rule("hand_match_days", today_in_vietnam(now)))


def _unchecked(application: Application) -> Unchecked:
    reference = reference_of(application.record or {})
    return Unchecked(application.id, register_of(application), reference, application.capture_reference or "")
