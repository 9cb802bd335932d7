"""Keeping facts up to date: which days the audit trail says have changed, a few of them counted at a time.

The trail's ids grow with the server's own time, whatever time an event is about; but transactions commit out of order,
so the last quarter of an hour is read again each time. A day that is counted twice stays the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session, aliased

from identity.account import Account
from identity.application.model import Application
from identity.audit import AuditEvent, Event
from identity.deadlines import today_in_vietnam
from identity.helping import HelpConsent
from onboarding.assistance import AssistanceEvent
from onboarding.figures.facts import count_anew
from onboarding.figures.model import FigureClock, FigureDay, IndicatorFact
from onboarding.skill_check import SkillCheck

MARGIN_MILLISECONDS = 15 * 60 * 1000
DAYS_AT_ONCE = 7
THE_ONE = 1


def refresh(db: Session, *, now: datetime) -> int:
    """Chore of the worker: look for changed days, count a few; how many were counted."""
    clock = _clock(db)
    _mark(db, _changed_days(db, clock))
    return count_some(db, now=now)


def count_some(db: Session, *, now: datetime, most: int = DAYS_AT_ONCE) -> int:
    """Count the oldest days that wait; how many there were to do."""
    days = list(db.scalars(select(FigureDay.day).order_by(FigureDay.day).limit(most)))
    if days:
        count_anew(db, days, now=now)
        db.execute(delete(FigureDay).where(FigureDay.day.in_(days)))
    return len(days)


def mark_all(db: Session) -> int:
    """Have every day on which anything happened, or was counted, counted anew; how many days."""
    _clock(db)
    moments = (Application.submitted_at, Application.closed_at, Account.activated_at)
    moments += (AssistanceEvent.happened_at, SkillCheck.seen_at)  # type: ignore[assignment]
    spans = [db.execute(select(func.min(one), func.max(one))).one() for one in moments]
    known = [(first, last) for first, last in spans if first is not None and last is not None]
    days = set(db.scalars(select(IndicatorFact.starts).where(IndicatorFact.kind == "day").distinct()))
    if known:
        first, last = today_in_vietnam(min(a for a, _ in known)), today_in_vietnam(max(b for _, b in known))
        days |= {date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)}
    _mark(db, days)
    return len(days)


def _clock(db: Session) -> FigureClock:
    """The one row, held until the end of the transaction: two workers count one after the other."""
    clock = db.get(FigureClock, THE_ONE, with_for_update=True)
    if clock is None:
        clock = FigureClock(id=THE_ONE, last_event=UUID(int=0), published_on=None)
        db.add(clock)
        db.flush()
    return clock


def _changed_days(db: Session, clock: FigureClock) -> set[date]:
    since = _read_again_from(clock.last_event)
    clock.last_event = db.scalar(select(AuditEvent.id).order_by(AuditEvent.id.desc()).limit(1)) or clock.last_event
    return {
        today_in_vietnam(moment) for query in _queries(since) for row in db.execute(query) for moment in row if moment
    }


def _read_again_from(last: UUID) -> UUID:
    """The first id of a quarter of an hour before it."""
    return UUID(int=max(0, (last.int >> 80) - MARGIN_MILLISECONDS) << 80)


def _queries(since: UUID) -> Iterable[Any]:
    """The moments that events since then are about. A withdrawn consent leaves no trace of which help it ends: all."""
    events = select(AuditEvent.subject_id).where(AuditEvent.id >= since)

    def named(*names: Event) -> Select[UUID | None]:
        return events.where(AuditEvent.name.in_(names))

    moved = named(
        Event.APPLICATION_SUBMITTED, Event.APPLICATION_ISSUED, Event.APPLICATION_WITHDRAWN, Event.LEVEL_RAISED
    )
    active = select(Account.person_id).where(Account.id.in_(named(Event.ACCOUNT_ACTIVATED)))
    files = select(Application.submitted_at, Application.closed_at, Account.activated_at)
    files = files.outerjoin(Account, (Account.person_id == Application.person_id) & (Account.kind == "resident"))
    helped = select(AssistanceEvent.happened_at)
    pseudonyms = select(HelpConsent.pseudonym).where(HelpConsent.person_id.in_(active))
    original, later = aliased(AssistanceEvent), aliased(AssistanceEvent)
    logged = named(Event.ASSISTANCE_LOGGED, Event.HELD_RECORD_ADMITTED)
    corrected = select(original.happened_at).join(later, later.supersedes == original.id).where(later.id.in_(logged))
    yield files.where(Application.id.in_(moved))
    yield files.where(Application.person_id.in_(active))
    yield helped.where(AssistanceEvent.pseudonym.in_(pseudonyms))
    yield helped.where(AssistanceEvent.id.in_(logged))
    yield corrected
    yield select(SkillCheck.seen_at).where(SkillCheck.learner_id.in_(named(Event.SKILL_CHECKED)))
    yield helped.where(AssistanceEvent.pseudonym.is_not(None), named(Event.HELP_WITHDRAWN).exists())


def _mark(db: Session, days: Iterable[date]) -> None:
    held = set(db.scalars(select(FigureDay.day)))
    db.add_all(FigureDay(day=day) for day in set(days) - held)
    db.flush()
