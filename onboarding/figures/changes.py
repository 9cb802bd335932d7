"""Which days' figures an entry of the audit trail may change: those of the thing itself, and those that follow from it.

Who counts once, counts on the first day: when that day moves, an older or younger one changes too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from identity.account import Account
from identity.application.model import Application
from identity.audit import AuditEvent, Event
from identity.deadlines import rule, today_in_vietnam
from identity.helping import HelpConsent
from identity.learner_key import learner_key, learner_pseudonym
from onboarding.assistance import AssistanceEvent
from onboarding.attendance import Attendance
from onboarding.figures.model import IndicatorFact
from onboarding.figures.periods import after, month_of
from onboarding.figures.reached import MOST
from onboarding.learner import Learner
from onboarding.records import day_span, is_superseded
from onboarding.skill_check import SkillCheck
from onboarding.team import Team

MOVED = (Event.APPLICATION_SUBMITTED, Event.APPLICATION_ISSUED, Event.APPLICATION_WITHDRAWN, Event.LEVEL_RAISED)
LOGGED = (Event.ASSISTANCE_LOGGED, Event.HELD_RECORD_ADMITTED)
ACTIVE = (Event.ACCOUNT_ACTIVATED, Event.ACCOUNT_HANDED_OVER)
LEARNED = (Event.ATTENDANCE_TAKEN, Event.ATTENDANCE_WITHDRAWN, Event.SKILL_CHECKED, Event.SLIP_LINKED)
FIRST_DAY = date(2020, 1, 1)
Ids = Select[UUID | None]


def changed_days(db: Session, since: UUID) -> set[date]:
    """The days that entries from this id on are about."""

    def named(*names: Event) -> Ids:
        return select(AuditEvent.subject_id).where(AuditEvent.id >= since, AuditEvent.name.in_(names))

    queries = [*_funnel(named, since), *_help(named), *_learning(named)]
    if db.scalar(named(Event.HELP_WITHDRAWN).limit(1)) is not None:
        queries.append(_unlinked())
    if db.scalar(named(Event.DATA_ERASED).limit(1)) is not None:
        queries.append(_learned_by_nobody())
    queries.extend(_of_the_same_people(db, named))
    moments = (moment for query in queries for row in db.execute(query) for moment in row if moment)
    teams = db.scalars(select(Team.valid_from).where(Team.id.in_(named(Event.TEAM_FOUNDED))))
    days = {today_in_vietnam(moment) for moment in [*moments, *_no_longer_active(db, since)]} | set(teams)
    if db.scalar(named(Event.UNIT_REDRAWN).limit(1)) is not None:
        row = IndicatorFact
        counted_there = row.unit_id.in_(named(Event.UNIT_REDRAWN)), row.kind == "day", row.replaced_at.is_(None)
        days |= set(db.scalars(select(row.starts).where(*counted_there).distinct()))
    return days | set(_next_of_teams(db, named(*LOGGED)))


def _funnel(named: Any, since: UUID) -> Iterator[Any]:
    active = select(Account.person_id).where(Account.id.in_(named(*ACTIVE)))
    files = select(Application.submitted_at, Application.closed_at, Account.activated_at)
    files = files.outerjoin(Account, (Account.person_id == Application.person_id) & (Account.kind == "resident"))
    yield files.where(Application.id.in_(named(*MOVED)))
    yield files.where(Application.person_id.in_(active))
    lately = _moment_of(since) - timedelta(days=rule("figures_count", FIRST_DAY)["used_days"] + 1)
    used = or_(Account.activated_at >= lately, Application.closed_at >= lately)
    yield files.where(used, Account.id.in_(named(Event.SIGNED_IN, Event.CODE_ISSUED)))


def _no_longer_active(db: Session, since: UUID) -> Iterator[datetime]:
    """When accounts had become active that wait again, for the young person whose they are."""
    query = select(AuditEvent.facts).where(AuditEvent.id >= since, AuditEvent.name == Event.ACCOUNT_HANDED_OVER)
    for facts in db.scalars(query):
        if "active_since" in facts:
            yield datetime.fromisoformat(facts["active_since"])


def _moment_of(since: UUID) -> datetime:
    """When an entry of this id was made; not before there were any."""
    return max(datetime.fromtimestamp((since.int >> 80) / 1000, UTC), datetime.combine(FIRST_DAY, time(), UTC))


def _help(named: Any) -> Iterator[Any]:
    """The records, what they correct, whatever else is recorded of the same people, and what activations confirm."""
    row, original, later = AssistanceEvent, aliased(AssistanceEvent), aliased(AssistanceEvent)
    logged = named(*LOGGED)
    corrected = select(original.happened_at).join(later, later.supersedes == original.id).where(later.id.in_(logged))
    yield select(row.happened_at).where(row.id.in_(logged))
    yield corrected
    people = select(row.pseudonym).where(row.id.in_(logged))
    before = corrected.with_only_columns(original.pseudonym)
    yield select(row.happened_at).where(row.pseudonym.in_(people))
    yield select(row.happened_at).where(row.pseudonym.in_(before))
    active = select(Account.person_id).where(Account.id.in_(named(*ACTIVE)))
    consents = select(HelpConsent.pseudonym).where(HelpConsent.person_id.in_(active))
    yield select(row.happened_at).where(row.pseudonym.in_(consents))


def _unlinked() -> Any:
    """A withdrawn consent leaves no trace of which help it ends: all records that lead to nobody."""
    row = AssistanceEvent
    linked = select(HelpConsent.id).where(HelpConsent.pseudonym == row.pseudonym)
    return select(row.happened_at).where(row.pseudonym.is_not(None), ~linked.exists())


def _learning(named: Any) -> Iterator[Any]:
    """Everything that the same learners did, by slip too."""
    same = _all_of(_roots(named))
    yield select(SkillCheck.seen_at).where(SkillCheck.learner_id.in_(same))
    yield select(Attendance.happened_at).where(Attendance.learner_id.in_(same))


def _roots(named: Any) -> Ids:
    return select(func.coalesce(Learner.linked_to, Learner.id)).where(Learner.id.in_(named(*LEARNED)))


def _all_of(roots: Any) -> Ids:
    """Learners with the slips that became theirs."""
    return select(Learner.id).where(or_(Learner.id.in_(roots), Learner.linked_to.in_(roots)))


def _of_the_same_people(db: Session, named: Any) -> Iterator[Any]:
    """When those were helped who learned, and when those learned who were helped or no longer want to be."""
    row, later = AssistanceEvent, aliased(AssistanceEvent)
    keys = db.scalars(select(Learner.key).where(Learner.id.in_(_roots(named)), Learner.key.is_not(None))).all()
    for some in _portions([learner_pseudonym(db, key) for key in keys if key]):
        consents = select(HelpConsent.pseudonym).where(HelpConsent.learner_pseudonym.in_(some))
        yield select(row.happened_at).where(row.pseudonym.in_(consents))
    logged = named(*LOGGED)
    helped = select(row.pseudonym).where(row.id.in_(logged))
    before = select(row.pseudonym).join(later, later.supersedes == row.id).where(later.id.in_(logged))
    agreed = select(HelpConsent.person_id)
    agreed = agreed.where(or_(HelpConsent.pseudonym.in_(helped), HelpConsent.pseudonym.in_(before)))
    people = {*db.scalars(agreed), *db.scalars(named(Event.HELP_WITHDRAWN))}
    for some in _portions([learner_key(db, person) for person in people if person]):
        roots = select(Learner.id).where(Learner.key.in_(some))
        yield select(Attendance.happened_at).where(Attendance.learner_id.in_(_all_of(roots)))


def _portions(values: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """As many as one statement takes."""
    return (values[at : at + MOST] for at in range(0, len(values), MOST))


def _learned_by_nobody() -> Any:
    """What people learned whose data were erased: their key leads to nobody, and not to who was helped either."""
    roots = select(Learner.id).where(Learner.key.is_not(None), Learner.name_sealed.is_(None))
    return select(Attendance.happened_at).where(Attendance.learner_id.in_(_all_of(roots)))


def _next_of_teams(db: Session, logged: Ids) -> Iterable[date]:
    """A team counts on its first day of a month: with a record before it, the day that was first no longer is."""
    row, original, later = AssistanceEvent, aliased(AssistanceEvent), aliased(AssistanceEvent)
    moved = select(original.team_id, original.happened_at).join(later, later.supersedes == original.id)
    new = select(row.team_id, row.happened_at).where(row.id.in_(logged))
    found = [*db.execute(new), *db.execute(moved.where(later.id.in_(logged)))]
    for team, day in {(team, today_in_vietnam(moment)) for team, moment in found}:
        rest = row.happened_at >= day_span(day)[1], row.happened_at < day_span(after(month_of(day), 1))[0]
        following = db.scalar(select(func.min(row.happened_at)).where(row.team_id == team, *rest, ~is_superseded()))
        if following is not None:
            yield today_in_vietnam(following)
