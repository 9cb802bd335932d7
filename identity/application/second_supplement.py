"""A second supplement takes a supervisor (enrolment: the application): an officer wishes for it and says why.

A supervisor of the office grants the wish or refuses it and says why; whoever asked is told, and only what was granted
opens the second request. A supervisor needs no wish.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session, aliased

from identity.application.conflicts import not_in_conflict
from identity.application.model import MOVES, Application, check_move, check_version
from identity.application.review import check_not_own, needs_supervisor
from identity.application.supervising import check_supervises
from identity.application.supplement_wish import SupplementWish, last_wish
from identity.application.warnings import tell_officer, tell_supervisors
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import decision_due, rule, today_in_vietnam
from identity.sealed import add
from identity.turns import take_turns

ASKED = "supplement-wish-asked"
"""The letter to whoever may answer."""
GRANTED, TURNED_DOWN = "supplement-wish-granted", "supplement-wish-refused"
"""What whoever asked is told."""
SHORTEST_REASON, LONGEST_REASON = 20, 500

_FILE = aliased(Application)
_STATES = [state.value for state in MOVES["request_supplement"][0]]
_STILL_ASKED = select(_FILE.id).where(
    _FILE.id == SupplementWish.application_id,
    _FILE.supplements == SupplementWish.supplements,
    _FILE.state.in_(_STATES),
)
WAITS: ColumnElement[bool] = and_(SupplementWish.answered_at.is_(None), _STILL_ASKED.exists())
"""Nobody waits for an answer once the file was decided, or a supervisor asked for the supplement."""


def wish(
    db: Session, application: Application, officer: Actor, reason: str, *, now: datetime, version: int | None = None
) -> SupplementWish:
    """Ask the supervisors. Refused "wish-not-needed", "wish-open" while one waits or is granted, "wish-reason"."""
    check_version(application, version)
    check_move(application, "request_supplement")
    check_not_own(db, application, officer)
    if not needs_supervisor(application, now=now):
        raise Refused("wish-not-needed")
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Refused("wish-reason", field="reason", least=SHORTEST_REASON, most=LONGEST_REASON)
    take_turns(db, application.id.bytes)
    known = last_wish(db, application)
    if officer.account_id is None or (known is not None and known.is_granted is not False):
        raise Refused("wish-open")
    days = int(rule("supplement_wish_days", today_in_vietnam(now)))
    row = SupplementWish(
        application_id=application.id,
        unit_id=application.unit_id,
        supplements=application.supplements,
        asked_by_id=officer.account_id,
        asked_at=now,
        due_at=decision_due(now, days),
    )
    record(db, Event.SUPPLEMENT_WISHED, officer, now=now, subject=application.subject)
    tell_supervisors(db, ASKED, {application.unit_id: 1}, now=now)
    return add(db, row, reason=reason)


def check_may_answer(db: Session, row: SupplementWish, application: Application, officer: Actor) -> None:
    """A supervisor, and not the one who asked."""
    check_supervises(officer)
    if row.asked_by_id == officer.account_id:
        raise Refused("wish-own", audited=True)
    check_not_own(db, application, officer)


def answer(db: Session, row: SupplementWish, officer: Actor, words: str, *, granted: bool, now: datetime) -> None:
    """Once; of two who try one wins, the other is "wish-answered". Who refuses says why: "wish-answer-missing"."""
    application = db.get_one(Application, row.application_id)
    check_may_answer(db, row, application, officer)
    check_move(application, "request_supplement")
    words = words.strip()
    if not granted and not words:
        raise Refused("wish-answer-missing", field="answer")
    if len(words) > LONGEST_REASON:
        raise Refused("note-too-long", field="answer", most=LONGEST_REASON)
    won = db.scalar(
        update(SupplementWish)
        .where(SupplementWish.id == row.id, WAITS)
        .values(answered_at=now, answered_by_id=officer.account_id, is_granted=granted)
        .returning(SupplementWish.id)
        .execution_options(synchronize_session=False)
    )
    if won is None:
        raise Refused("wish-answered")
    db.refresh(row)
    row.answer = words or None
    record(db, Event.SUPPLEMENT_WISH_ANSWERED, officer, now=now, subject=application.subject, granted=granted)
    facts = {"dossier_number": application.dossier_number, "case": str(application.id)}
    tell_officer(db, GRANTED if granted else TURNED_DOWN, row.asked_by_id, now=now, **facts)


def waiting_wishes(
    db: Session, units: Collection[UUID], account_id: UUID, *, answered: bool = False, page: int = 1, size: int = 25
) -> tuple[list[tuple[SupplementWish, Application]], int]:
    """What waits in `units`, the most urgent first; or what was answered, the newest first. And how much it is.

    None about somebody to whom the officer is tied.
    """
    which = SupplementWish.answered_at.is_not(None) if answered else WAITS
    waits: tuple[Any, ...] = (SupplementWish.unit_id.in_(units), which, not_in_conflict(account_id))
    about = Application.id == SupplementWish.application_id
    order = SupplementWish.answered_at.desc() if answered else SupplementWish.due_at
    rows = select(SupplementWish, Application).join(Application, about).where(*waits).order_by(order, SupplementWish.id)
    count = select(func.count()).select_from(SupplementWish).join(Application, about).where(*waits)
    found = [(row[0], row[1]) for row in db.execute(rows.limit(size).offset((page - 1) * size))]
    return found, db.scalar(count) or 0
