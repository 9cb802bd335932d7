"""Who works on which file: the most urgent one is handed out, nobody picks the easy ones.

A file that nobody took is opened by taking the next, or by the officer before whom the applicant stands with the paper;
a supervisor opens every file of the office. What somebody else works on stays closed. Of those who take the next at the
same moment each gets another file. What somebody left behind who is no longer at work there is nobody's.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from identity.application.conflicts import check_no_conflict, not_in_conflict
from identity.application.decide import check_may_decide
from identity.application.hands import RECEIVING, had_a_hand
from identity.application.model import RECEIVED_ONLINE, Application, Desk, State, desk_of
from identity.application.queue import numbered
from identity.application.registered import bare
from identity.application.supervising import SUPERVISOR, check_supervises
from identity.application.tasks import SETTLES, has_open_task
from identity.audit import Actor, AuditEvent, Event, record
from identity.base import Refused
from identity.deadlines import end_of_day, today_in_vietnam
from identity.places import Unit
from identity.staff.model import Role, RoleName
from identity.staff.roles import at_work_on
from identity.turns import take_turns

S = State
ONLINE = and_(Application.level == 1, Application.state.in_([state.value for state in RECEIVED_ONLINE]))
TO_RECEIVE: ColumnElement[bool] = and_(
    Application.state.in_([S.SUBMITTED.value, S.RECEIVED.value, S.RESUBMITTED.value, S.CAPTURED.value]), ~ONLINE
)
"""Where a receiving officer acts."""
TO_DECIDE: ColumnElement[bool] = or_(Application.state == S.MATCHED.value, ONLINE)
"""Where an approving officer acts."""
UNTOUCHED = frozenset({S.SUBMITTED, S.RESUBMITTED, S.MATCHED})
"""Nobody but the officer can take the next step: such a file is finished or handed back before another is taken."""
FOR_A_REGISTER = frozenset({S.CAPTURED})
"""The officer has done what there was to do: a register that is away, or the second person by hand, has the next step.
Such a file keeps nobody from the others, and comes back when nothing else waits."""
HAND_BACK_REASONS = ("leaving", "language", "not-for-me", "too-much")
LAST_SIGNS = 4


def take_next(
    db: Session, units: Collection[UUID], officer: Actor, *, to_decide: bool = False, now: datetime
) -> Application | None:
    """The most urgent free file, taken. First what the officer took and did not touch, last what waits for a register.

    None when nothing waits.
    """
    take_turns(db, officer.account_id.bytes if officer.account_id else None)
    own = _own(db, units, officer, or_(_in(UNTOUCHED), ONLINE), to_decide=to_decide)
    if own is not None:
        return own
    is_free = or_(Application.held_by_id.is_(None), ~_holder_is_at_work(to_decide, now))
    free = (
        select(Application.id)
        .where(Application.unit_id.in_(units), is_free, *_for(officer, to_decide))
        .where(not_in_conflict(officer.account_id), ~_handed_back_today(officer, now))
        .order_by(Application.due_at, Application.submitted_at, Application.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = db.scalar(
        update(Application)
        .where(Application.id == free.scalar_subquery(), is_free)
        .values(held_by_id=officer.account_id, held_at=now)
        .returning(Application.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        return _own(db, units, officer, _in(FOR_A_REGISTER), to_decide=to_decide)
    application = db.get_one(Application, taken, populate_existing=True)
    record(db, Event.CASE_TAKEN, officer, now=now, subject=application.subject, way="next")
    return application


def take_here(db: Session, application: Application, officer: Actor, shown: str, *, now: datetime) -> None:
    """The applicant stands at the counter: `shown` are the last four signs of the paper in their hand.

    Refused "paper-not-of-file" when they are not those of the file: the queue does not show them, so that nobody
    chooses from it in this way; "past-the-counter" when others have the next step.
    """
    check_no_conflict(db, application, officer)
    if desk_of(application.level, application.state) != Desk.RECEIVE:
        raise Refused("past-the-counter")
    typed = bare(shown)
    if len(typed) != LAST_SIGNS or not (application.number or "").upper().endswith(typed):
        raise Refused("paper-not-of-file", field="shown", audited=True)
    _hold(db, application, officer, "applicant-here", now=now)


def find_at_counter(db: Session, units: Collection[UUID], number: str) -> Application:
    """The open file of whoever shows this paper. Refused "nobody-with-number", and the attempt is recorded."""
    shown = numbered(db, number)
    open_files = select(Application).where(Application.unit_id.in_(units), Application.open_index.is_not(None))
    newest = open_files.where(or_(*shown)).order_by(Application.submitted_at.desc()).limit(1) if shown else None
    found = None if newest is None else db.scalar(newest)
    if found is None:
        raise Refused("nobody-with-number", field="number", audited=True)
    return found


def take_to_decide(
    db: Session, application: Application, officer: Actor, roles: Collection[str], *, now: datetime
) -> None:
    """Before a decision: the file was handed out to this officer, or the officer supervises and the record says how.

    Whoever may not decide is refused by the decision (`check_may_decide`).
    """
    if desk_of(application.level, application.state) != Desk.DECIDE or application.held_by_id == officer.account_id:
        return
    check_may_decide(db, application, officer)
    check_handed_out(application, officer, roles)
    _hold(db, application, officer, "supervisor", now=now)


def check_handed_out(application: Application, officer: Actor, roles: Collection[str]) -> None:
    """Who decides was given the file, or supervises and finds it free.

    Refused "case-not-taken", and the attempt is recorded; "case-held" while somebody else works on it.
    """
    if desk_of(application.level, application.state) != Desk.DECIDE or application.held_by_id == officer.account_id:
        return
    if SUPERVISOR not in roles:
        raise Refused("case-not-taken", audited=True)
    if application.held_by_id is not None:
        raise Refused("case-held")


def hand_back(db: Session, application: Application, officer: Actor, reason: str, *, now: datetime) -> None:
    """Somebody else takes it; the same officer is not given it again that day. Refused "not-holding"."""
    if reason not in HAND_BACK_REASONS:
        raise Refused("reason-missing", field="reason")
    freed = db.scalar(
        update(Application)
        .where(Application.id == application.id, Application.held_by_id == officer.account_id)
        .values(held_by_id=None, held_at=None)
        .returning(Application.id)
        .execution_options(synchronize_session=False)
    )
    if freed is None:
        raise Refused("not-holding")
    db.refresh(application)
    record(db, Event.CASE_HANDED_BACK, officer, now=now, subject=application.subject, reason=reason)


def free_from(db: Session, application: Application, supervisor: Actor, *, now: datetime) -> None:
    """A supervisor takes a file from an absent officer, so that the next one gets it."""
    check_supervises(supervisor)
    if application.held_by_id is None:
        raise Refused("not-holding")
    application.held_by_id = application.held_at = None
    record(db, Event.CASE_HANDED_BACK, supervisor, now=now, subject=application.subject, reason="supervisor")


def check_may_open(
    db: Session, application: Application, officer: Actor, roles: Collection[str], *, now: datetime
) -> None:
    """Refused "conflict-declared" or "case-not-taken", and the attempt is recorded.

    What nobody has to work on (decided, withdrawn, under appeal) is open to the office; so is a file to whoever had a
    hand in it, and one with an open task to those who settle it.
    """
    check_no_conflict(db, application, officer)
    if desk_of(application.level, application.state) == Desk.NONE or application.held_by_id == officer.account_id:
        return
    if SUPERVISOR in roles or had_a_hand(db, application, officer.account_id):
        return
    if SETTLES in roles and has_open_task(db, application):
        return
    raise Refused("case-not-taken", audited=True)


def _for(officer: Actor, to_decide: bool) -> tuple[ColumnElement[bool], ...]:
    """Files for this officer: who received, took the portrait or handed over a slip does not decide."""
    if not to_decide:
        return (TO_RECEIVE,)
    mine = select(AuditEvent.id).where(
        AuditEvent.subject_id == Application.id,
        AuditEvent.actor_id == officer.account_id,
        AuditEvent.name.in_([event.value for event in (*RECEIVING, Event.APPLICATION_REFUSED)]),
    )
    return (TO_DECIDE, Application.received_by_id.is_distinct_from(officer.account_id), ~mine.exists())


def _holder_is_at_work(to_decide: bool, now: datetime) -> ColumnElement[bool]:
    """Whoever works on the file can sign in and has the role for it there: in its unit, or in the province around it.

    An officer who was suspended, is idle or lost the role would keep a file that nobody hears of until it is late.
    """
    above = select(Unit.parent_id).where(Unit.id == Application.unit_id).scalar_subquery()
    role = RoleName.APPROVING_OFFICER if to_decide else RoleName.RECEIVING_OFFICER
    return (
        exists()
        .where(Role.account_id == Application.held_by_id, Role.role == role.value)
        .where(or_(Role.unit_id == Application.unit_id, Role.unit_id == above), at_work_on(today_in_vietnam(now)))
    )


def _own(
    db: Session, units: Collection[UUID], officer: Actor, which: ColumnElement[bool], *, to_decide: bool
) -> Application | None:
    """The most urgent of `which` that the officer holds."""
    query = select(Application).where(
        Application.held_by_id == officer.account_id, Application.unit_id.in_(units), which, *_for(officer, to_decide)
    )
    return db.scalar(query.order_by(Application.due_at, Application.submitted_at).limit(1))


def _in(states: Collection[State]) -> ColumnElement[bool]:
    return Application.state.in_([state.value for state in states])


def _handed_back_today(officer: Actor, now: datetime) -> ColumnElement[bool]:
    began = end_of_day(today_in_vietnam(now) - timedelta(days=1))
    return (
        select(AuditEvent.id)
        .where(
            AuditEvent.subject_id == Application.id,
            AuditEvent.name == Event.CASE_HANDED_BACK.value,
            AuditEvent.actor_id == officer.account_id,
            AuditEvent.at > began,
        )
        .exists()
    )


def _hold(db: Session, application: Application, officer: Actor, way: str, *, now: datetime) -> None:
    """Take it over; nothing is written when it is the officer's already."""
    if application.held_by_id == officer.account_id:
        return
    application.held_by_id, application.held_at = officer.account_id, now
    record(db, Event.CASE_TAKEN, officer, now=now, subject=application.subject, way=way)
