"""Odd records of teams: none for long, all at the month's end, many in minutes, claims that nobody saw come true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.deadlines import calendar, today_in_vietnam
from onboarding.assistance import AssistanceEvent
from onboarding.catalogue import ACTIVATION_TASKS, Result
from onboarding.figures.periods import after, month_of
from onboarding.records import day_span, in_units, is_superseded, with_outcome
from onboarding.team import Team, teams_in
from onboarding.warnings.detectors import SILENT_WORKING_DAYS, burst, is_bunched, is_unconfirmed
from onboarding.warnings.finding import Finding
from onboarding.warnings.model import Kind

RECORDS, CLAIMS = "own-hand", "confirmed-of-claimed"
"""The indicators whose family such records feed."""
CAME_WITHIN, CLAIMED_WITHIN = timedelta(days=3), timedelta(days=90)
LATE_DAYS = range(3, 11)
"""On which days of a month the one before is looked at: late records have come by then."""


def odd_teams(db: Session, unit_ids: Collection[UUID], *, now: datetime) -> list[Finding]:
    """All that is odd about the teams of these units."""
    today = today_in_vietnam(now)
    teams = {team.id: team for team, _unit in teams_in(db, unit_ids, on=today)}
    if not teams:
        return []
    found = [*_silent(db, teams, today), *_bursts(db, unit_ids, now), *_unconfirmed(db, unit_ids, now)]
    if today.day in LATE_DAYS:
        found += _bunched(db, unit_ids, after(month_of(today), -1))
    return found


def _silent(db: Session, teams: dict[UUID, Team], today: date) -> Iterator[Finding]:
    """Working days count, so that nobody is asked after Tết why the team was silent."""
    event = AssistanceEvent
    query = select(event.team_id, func.max(event.happened_at)).where(event.team_id.in_(teams)).group_by(event.team_id)
    last = {team_id: today_in_vietnam(moment) for team_id, moment in db.execute(query)}
    for team in teams.values():
        since = max(last.get(team.id, team.valid_from), team.valid_from)
        if calendar().add_working_days(since, SILENT_WORKING_DAYS) < today:
            facts = {"since": since.isoformat(), "days": (today - since).days, "ever": team.id in last}
            yield Finding(Kind.SILENT, since.isoformat(), team.unit_id, facts, team_id=team.id)


def _bursts(db: Session, unit_ids: Collection[UUID], now: datetime) -> Iterator[Finding]:
    event = AssistanceEvent
    query = select(event.account_id, event.team_id, event.unit_id, event.happened_at, event.minutes).where(
        in_units(unit_ids), event.received_at >= now - CAME_WITHIN, ~is_superseded()
    )
    days: dict[tuple[UUID, UUID, UUID, date], list[tuple[datetime, int]]] = defaultdict(list)
    for account_id, team_id, unit_id, moment, minutes in db.execute(query):
        days[account_id, team_id, unit_id, today_in_vietnam(moment)].append((moment, minutes))
    for (account_id, team_id, unit_id, day), records in days.items():
        full = burst([moment for moment, _minutes in records])
        if full is not None:
            first, last, number = full
            minutes = sum(minutes for moment, minutes in records if first <= moment <= last)
            facts = {"account": str(account_id), "day": day.isoformat(), "number": number, "minutes": minutes}
            facts |= {"from": first.isoformat(), "until": last.isoformat()}
            about = f"{account_id}:{day.isoformat()}"
            yield Finding(Kind.BURST, about, unit_id, facts, indicator=RECORDS, team_id=team_id)


def _bunched(db: Session, unit_ids: Collection[UUID], month: date) -> Iterator[Finding]:
    event, end = AssistanceEvent, after(month, 1)
    query = select(event.team_id, event.unit_id, event.happened_at).where(
        in_units(unit_ids), event.happened_at >= day_span(month)[0], event.happened_at < day_span(end)[0]
    )
    teams: dict[tuple[UUID, UUID], list[int]] = defaultdict(lambda: [0] * (end - month).days)
    for team_id, unit_id, moment in db.execute(query.where(~is_superseded())):
        teams[team_id, unit_id][today_in_vietnam(moment).day - 1] += 1
    for (team_id, unit_id), by_day in teams.items():
        if is_bunched(by_day):
            rows = [[(month + timedelta(days=day)).isoformat(), number] for day, number in enumerate(by_day)]
            facts = {"month": f"{month:%Y-%m}", "number": sum(by_day[-3:]), "whole": sum(by_day), "rows": rows}
            yield Finding(Kind.BUNCHING, f"{month:%Y-%m}", unit_id, facts, indicator=RECORDS, team_id=team_id)


def _unconfirmed(db: Session, unit_ids: Collection[UUID], now: datetime) -> Iterator[Finding]:
    """Only claims that can be seen to come true, and whose days to do so are over."""
    event, since = AssistanceEvent, now - CLAIMED_WITHIN
    rows = with_outcome().where(
        in_units(unit_ids),
        event.happened_at >= since,
        event.outcome_until < now,
        event.task.in_(ACTIVATION_TASKS),
        event.result == Result.DONE,
    )
    known = rows.subquery()
    query = select(known.c.team_id, known.c.unit_id, func.count(), func.count(known.c.activated_at))
    query = query.where(known.c.is_known)
    for team_id, unit_id, claims, confirmed in db.execute(query.group_by(known.c.team_id, known.c.unit_id)):
        if is_unconfirmed(claims, confirmed):
            facts = {"claims": claims, "confirmed": confirmed, "from": since.isoformat(), "until": now.isoformat()}
            month = f"{today_in_vietnam(now):%Y-%m}"
            yield Finding(Kind.UNCONFIRMED, month, unit_id, facts, indicator=CLAIMS, team_id=team_id)
