"""The officer's first look: a receipt, or a request for a supplement, within 8 working hours; and the answer to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, or_, select
from sqlalchemy.orm import Session

from identity.account import Account
from identity.application import clocks, notices
from identity.application.model import Application, Desk, State, check_move, check_version, desk_of, may, move, way_on
from identity.application.reasons import SUPPLEMENT_REASONS
from identity.application.refusing import possible_supplements
from identity.application.supervising import SUPERVISOR
from identity.application.supplement_wish import is_granted
from identity.application.ties import tied_to
from identity.audit import SYSTEM, VISITOR, Actor, Event, record
from identity.base import Refused
from identity.deadlines import decision_due, end_of_term, receipt_due, rule, today_in_vietnam
from identity.person import find_person_by_number
from identity.statements import Prepared

NOTE_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Given:
    """What the applicant gives for one thing that was asked for: words, ids of stored pictures, or both."""

    text: str = ""
    files: tuple[str, ...] = ()


def acknowledge(
    db: Session, application: Application, officer: Actor, *, now: datetime, version: int | None = None
) -> None:
    """Tell the applicant that the file is complete, at once or with what was asked for; the decision is the next date.

    A visit that was there before the supplement counts. The officer holds the file while it is to be received.
    """
    check_version(application, version)
    check_not_own(db, application, officer)
    move(db, application, way_on(application, "acknowledge"))
    application.received_at = application.received_at or now
    application.received_by_id = officer.account_id
    if desk_of(application.level, application.state) == Desk.RECEIVE:
        application.held_by_id = application.held_by_id or officer.account_id
    clocks.receive(application, now=now)
    record(db, Event.APPLICATION_RECEIVED, officer, now=now, subject=application.subject)
    awaits_visit = application.level == 2 and application.state == State.RECEIVED
    notice = notices.RECEIVED if awaits_visit else notices.COMPLETE
    notices.tell(db, application, notice, now=now, decision_due_at=application.decision_due_at)


def request_supplement(
    db: Session,
    application: Application,
    officer: Actor,
    reasons: Sequence[str],
    note: str,
    *,
    now: datetime,
    version: int | None = None,
) -> None:
    """Ask for what is missing, all at once; the decision clock stops. A second request takes a supervisor, who makes
    it or grants it (`second_supplement`)."""
    check_version(application, version)
    check_move(application, "request_supplement")
    check_not_own(db, application, officer)
    _check_request(db, application, officer, reasons, note, now=now)
    move(db, application, "request_supplement")
    day = today_in_vietnam(now)
    application.received_by_id = application.received_by_id or officer.account_id
    application.supplements += 1
    application.supplement_due_at = end_of_term(day, int(rule("supplement_open_days", day)))
    asked = {"reasons": list(reasons), "note": note.strip(), "asked_at": now.isoformat()}
    application.supplement = {**asked, "earlier": supplements_of(application)}
    clocks.stop(application, now=now)
    record(
        db,
        Event.APPLICATION_SUPPLEMENT_REQUESTED,
        officer,
        now=now,
        subject=application.subject,
        reasons=list(reasons),
    )
    notices.tell(
        db,
        application,
        notices.SUPPLEMENT_REQUESTED,
        now=now,
        reasons=list(reasons),
        note=note.strip(),
        supplement_due_at=application.supplement_due_at,
    )


def supplements_of(application: Application) -> list[dict[str, Any]]:
    """What was asked for each time, with the answers, the first time first: a later one takes nothing away."""
    newest = dict(application.supplement or {})
    earlier = newest.pop("earlier", [])
    return [*earlier, newest] if newest else []


def resubmit(
    db: Session,
    application: Application,
    answers: Mapping[str, Given],
    *,
    now: datetime,
    actor: Actor = VISITOR,
    version: int | None = None,
) -> None:
    """The applicant's answer, one for each thing that was asked for. The rest of the clock runs again, and where no
    receipt was given one is owed; of what was sent online the decision is.

    Whoever brings it to the counter is answered for by the officer, as `actor`. Refused "supplement-incomplete" at the
    first that has neither words nor a picture.
    """
    check_version(application, version)
    check_move(application, "resubmit")
    check_not_own(db, application, actor)
    asked = application.supplement or {}
    given = {reason: answers.get(reason, Given()) for reason in asked.get("reasons", ())}
    for reason, answer in given.items():
        if not answer.text.strip() and not answer.files:
            raise Refused("supplement-incomplete", field=reason)
    move(db, application, "resubmit")
    application.supplement = {**asked, "answers": _kept(given), "answered_at": now.isoformat()}
    application.supplement_due_at = None
    clocks.start(application, now=now)
    if application.received_at is None and may(application, "acknowledge"):
        application.due_at = receipt_due(now)
    files = sum(len(answer.files) for answer in given.values())
    record(db, Event.APPLICATION_RESUBMITTED, actor, now=now, subject=application.subject, files=files)
    notices.tell(db, application, notices.RESUBMITTED, now=now, decision_due_at=application.decision_due_at)


def _kept(given: Mapping[str, Given]) -> dict[str, dict[str, Any]]:
    return {reason: {"text": answer.text.strip(), "files": list(answer.files)} for reason, answer in given.items()}


def abandon_unanswered(db: Session, *, now: datetime) -> int:
    """Close files whose supplement never came (dated rule `supplement_open_days`); run by the worker."""
    late = (
        select(Application).where(Application.supplement_due_at < now, Application.open_index.is_not(None)).limit(100)
    )
    rows = list(db.scalars(late))
    for application in rows:
        move(db, application, "abandon")
        clocks.end(application, now=now)
        record(db, Event.APPLICATION_ABANDONED, SYSTEM, now=now, subject=application.subject)
        notices.tell(db, application, notices.ABANDONED, now=now)
    return len(rows)


def apologise_when_late(db: Session, *, now: datetime) -> int:
    """A missed date: an apology with the new one (one-stop mechanism, Decree 118/2025/ND-CP), and it is counted.

    The file stays overdue for the officers: `due_at` keeps the date that was missed. A new date that is missed as well
    brings another apology. Where a receipt is late and the decision's date is still to come, that one is given.
    """
    late = select(Application).where(
        Application.due_at < now, or_(Application.promised_at.is_(None), Application.promised_at < now)
    )
    rows = list(db.scalars(late.limit(100)))
    for application in rows:
        application.apologised_at = now
        standing = application.decision_due_at
        new_date = standing if standing and standing > now else decision_due(now, application.decision_days)
        application.promised_at = new_date
        record(db, Event.APPLICATION_OVERDUE, SYSTEM, now=now, subject=application.subject)
        notices.tell(db, application, notices.OVERDUE, now=now, decision_due_at=new_date)
    return len(rows)


def check_not_own(db: Session, application: Application, officer: Actor) -> None:
    """No officer acts on their own file (Decree 45/2020: no official under somebody else's identity), nor on one of
    somebody they declared to be tied to."""
    number, guardian = application.tied_by
    row = _HOLDER.one(db, account=officer.account_id, number=number, guardian=guardian) if officer.account_id else None
    if row is not None and row.is_tied:
        raise Refused("conflict-declared", audited=True)
    holder = row.person_id if row else None
    if holder is None:
        return
    if holder == application.guardian_id:
        raise Refused("own-file", audited=True)
    person = find_person_by_number(db, application.number or "")
    if holder == application.person_id or (person is not None and person.id == holder):
        raise Refused("own-file", audited=True)


def needs_supervisor(application: Application, *, now: datetime) -> bool:
    """Whether one more supplement takes a supervisor: everything is asked for at once, or answered for."""
    return application.supplements >= int(rule("supplements_without_supervisor", today_in_vietnam(now)))


def check_may_ask(db: Session, application: Application, officer: Actor, *, now: datetime) -> None:
    """Refused "supplement-needs-supervisor" where another officer asks one more time and no supervisor granted it."""
    alone = needs_supervisor(application, now=now) and officer.role != SUPERVISOR
    if alone and not is_granted(db, application):
        raise Refused("supplement-needs-supervisor", audited=True)


def _check_request(
    db: Session, application: Application, officer: Actor, reasons: Sequence[str], note: str, *, now: datetime
) -> None:
    if not reasons or not set(reasons) <= set(SUPPLEMENT_REASONS):
        raise Refused("reason-missing", field="reasons")
    if not set(reasons) <= set(possible_supplements(application)):
        raise Refused("reason-does-not-fit", field="reasons")
    if len(note) > NOTE_LENGTH:
        raise Refused("note-too-long", field="note", most=NOTE_LENGTH)
    check_may_ask(db, application, officer, now=now)


_OFFICER: BindParameter[UUID] = bindparam("account")
_HOLDER = Prepared(
    select(Account.person_id, tied_to(_OFFICER, bindparam("number"), bindparam("guardian")).label("is_tied")).where(
        Account.id == _OFFICER
    )
)
