"""Keeping facts up to date: which days the audit trail says have changed, a few of them counted at a time.

The trail's ids grow with the server's own time, whatever time an event is about; but transactions commit out of order,
so the last quarter of an hour is read again each time. A day that is counted twice stays the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from identity.account import Account
from identity.application.model import Application
from identity.audit import AuditEvent
from identity.deadlines import today_in_vietnam
from onboarding.assistance import AssistanceEvent
from onboarding.attendance import Attendance
from onboarding.figures.changes import changed_days
from onboarding.figures.facts import DayCounts, counts_of, put_anew
from onboarding.figures.model import NATION, FigureClock, FigureDay, IndicatorFact
from onboarding.figures.periods import after, month_of
from onboarding.skill_check import SkillCheck
from onboarding.team import Team

MARGIN_MILLISECONDS = 15 * 60 * 1000
DAYS_AT_ONCE = 7
THE_ONE = 1
TEAMS = "active-teams"


@dataclass(frozen=True, slots=True)
class Look:
    """What was found before anything is written: which days change, and the counts of the oldest that wait.

    `since` and `until` are the trail's ids when it was read: up to which it had been, and up to which it now is.
    """

    since: UUID
    until: UUID
    marked: frozenset[date]
    counts: DayCounts


def look(db: Session, *, now: datetime) -> Look:
    """What `refresh` is to write, for a session that only reads: counting takes long, and SQLite has one writer."""
    if is_counting(db):  # else a day that is marked at every look would keep those behind it waiting
        return look_on(db)
    since = _last_event(db)
    until = db.scalar(select(AuditEvent.id).order_by(AuditEvent.id.desc()).limit(1)) or since
    months = _months_of_teams(db, today_in_vietnam(now)) - _counted_firsts(db)
    marked = frozenset(months | changed_days(db, _read_again_from(since)))
    return Look(since, until, marked, counts_of(db, _of_one_month(sorted(marked)[:DAYS_AT_ONCE])))


def look_on(db: Session, *, most: int = DAYS_AT_ONCE) -> Look:
    """The same of days that wait already: the oldest of them, of one month, whose sum follows at once."""
    since = _last_event(db)
    days = db.scalars(select(FigureDay.day).order_by(FigureDay.day).limit(most)).all()
    return Look(since, since, frozenset(), counts_of(db, _of_one_month(days)))


def refresh(db: Session, *, now: datetime, found: Look | None = None) -> int:
    """Chore of the worker: mark changed days, keep the counts of a few; how many. What it writes is looked for before.

    Whoever comes with an old look writes nothing: another has read on in the trail, or kept these days, meanwhile.
    """
    clock = _clock(db)
    seen = look(db, now=now) if found is None else found
    if clock.last_event != seen.since:
        return 0
    clock.last_event = seen.until
    _mark(db, seen.marked)
    wait = FigureDay.day.in_(list(seen.counts))
    if not seen.counts or len(db.scalars(select(FigureDay.day).where(wait)).all()) < len(seen.counts):
        return 0
    put_anew(db, seen.counts, now=now)
    db.execute(delete(FigureDay).where(wait))
    return len(seen.counts)


def is_counting(db: Session) -> bool:
    """Whether days wait to be counted."""
    return db.scalar(select(FigureDay.day).limit(1)) is not None


def count_some(db: Session, *, now: datetime, most: int = DAYS_AT_ONCE) -> int:
    """Count the oldest days that wait, of one month; how many there were to do."""
    return refresh(db, now=now, found=look_on(db, most=most))


def _of_one_month(days: Sequence[date]) -> list[date]:
    return [day for day in days if month_of(day) == month_of(days[0])]


def mark_all(db: Session) -> int:
    """Have every day on which anything happened, or was counted, counted anew; how many days."""
    _clock(db)
    moments = (Application.submitted_at, Application.closed_at, Account.activated_at)
    moments += (AssistanceEvent.happened_at, SkillCheck.seen_at, Attendance.happened_at)  # type: ignore[assignment]
    spans = [db.execute(select(func.min(one), func.max(one))).one() for one in moments]
    known = [(first, last) for first, last in spans if first is not None and last is not None]
    days = set(db.scalars(select(IndicatorFact.starts).where(IndicatorFact.kind == "day").distinct()))
    days |= set(db.scalars(select(Team.valid_from)))
    if known:
        first, last = today_in_vietnam(min(a for a, _ in known)), today_in_vietnam(max(b for _, b in known))
        days |= {date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)}
    return _mark(db, days | _months_of_teams(db, max(days, default=date.min)))


def _clock(db: Session) -> FigureClock:
    """The one row, held until the end of the transaction: two workers count one after the other."""
    clock = db.get(FigureClock, THE_ONE, with_for_update=True)
    if clock is None:
        clock = FigureClock(id=THE_ONE, last_event=UUID(int=0), published_on=None)
        db.add(clock)
        db.flush()
    return clock


def _last_event(db: Session) -> UUID:
    """Up to which the trail was read."""
    return db.scalar(select(FigureClock.last_event).where(FigureClock.id == THE_ONE)) or UUID(int=0)


def _read_again_from(last: UUID) -> UUID:
    """The first id of a quarter of an hour before it."""
    return UUID(int=max(0, (last.int >> 80) - MARGIN_MILLISECONDS) << 80)


def _months_of_teams(db: Session, until: date) -> set[date]:
    """First days of the months in which there were teams: they are counted whether anything happened or not."""
    eldest = db.scalar(select(func.min(Team.valid_from)))
    months, first = set(), until if eldest is None else month_of(eldest)
    while eldest is not None and first <= until:
        months |= {first} if eldest <= first else set()
        first = after(first, 1)
    return months


def _counted_firsts(db: Session) -> set[date]:
    row = IndicatorFact
    query = select(row.starts).where(row.indicator == TEAMS, row.unit_id == NATION, row.kind == "day")
    return {day for day in db.scalars(query.where(row.replaced_at.is_(None))) if day.day == 1}


def _mark(db: Session, days: Iterable[date]) -> int:
    """How many wait now."""
    held, new = set(db.scalars(select(FigureDay.day))), set(days)
    db.add_all(FigureDay(day=day) for day in new - held)
    db.flush()
    return len(new | held)
