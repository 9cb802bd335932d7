"""A commune's day: teams guide people through the activation of their accounts, teach, and witness what was learned.

Somebody applies online in the morning, is issued level 1 by rule, and in the evening activates the account with their
own hand beside a member, who records the help with the day's code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Account
from identity.application import apply, save_step, start_draft
from identity.application.draft import Draft
from identity.application.lookup import OWN
from identity.deadlines import VIETNAM
from identity.files import store
from identity.helping import new_help_code
from identity.person import age_band, find_person_by_number
from identity.registers.synthetic import SyntheticCitizen
from identity.writing import held_back, write_held
from onboarding.assistance import State, take_in
from onboarding.catalogue import AgeBand, Mode, Result, Task
from onboarding.entry import Entry
from onboarding.learner import Learner, learner_of
from onboarding.roster import attend_by_roster
from onboarding.skill_check import Seen, check_skill
from onboarding.skills import current_skills
from onboarding.team import Membership
from onboarding.training import Language, Plan, TargetGroup, TrainingSession, plan_session
from portal.demo.population import documents_of, record_of
from portal.demo.replay import activating, messages
from portal.demo.replay.activating import Holder, Settled
from portal.demo.replay.acts import drawn_portrait
from portal.demo.replay.dak_lak.forces import Crew, crew
from portal.demo.replay.dak_lak.plan import TeamDay, person
from portal.demo.replay.dak_lak.published import Province
from portal.demo.replay.people import phone_of, places_on

PHONES = 10_000_000
"""Phones of this replay begin here, beside those of the other."""
SESSION, LASTS = time(18), timedelta(hours=2)
LARGEST = 200


@dataclass(frozen=True, slots=True)
class Scene:
    """What the acts need beside the session."""

    played: Province
    seed: int
    settled: Settled
    crews: dict[tuple[str, int], Crew] = field(default_factory=dict)

    def person(self, number: int, commune: str) -> SyntheticCitizen:
        return person(number, commune, self.seed, self.played.first_day, places_on(self.played.first_day))

    def crew(self, db: Session, commune: str, team: int) -> Crew:
        """Who works there, looked up once: nobody leaves in these weeks."""
        if (commune, team) not in self.crews:
            self.crews[commune, team] = crew(db, self.played, commune, team)
        return self.crews[commune, team]


@dataclass(frozen=True, slots=True)
class Guided:
    """Somebody whom a team guides on this day."""

    number: int
    person: SyntheticCitizen
    crew: Crew


def do_day(db: Session, scene: Scene, day: date, work: Mapping[str, Mapping[int, TeamDay]]) -> None:
    """Everything in one transaction, commune by commune and team by team. Nothing is left to be sent."""
    teams = [(at, scene.crew(db, at, number), team) for at, teams in work.items() for number, team in teams.items()]
    _held = _accounts(db, teams)  # the session keeps what is held; the verbs look there before they ask the database
    with db.no_autoflush, held_back(db):
        people = [Guided(one, scene.person(one, at), crew) for at, crew, team in teams for one in team.guided]
        _guide_all(db, scene, people, day)
        for commune, crew, team in teams:
            if team.trained:
                _teach(db, crew, [scene.person(one, commune) for one in team.trained], day)
        _write(db)
        messages.sink(db, scene.played)


def _accounts(db: Session, teams: Iterable[tuple[str, Crew, TeamDay]]) -> list[Account]:
    members = {member.account_id for _at, crew, _team in teams for member in crew.members}
    return list(db.scalars(select(Account).where(Account.id.in_(members))))


def _write(db: Session) -> None:
    """What one kind of act left, before the next looks for it."""
    db.flush()
    write_held(db)


def _guide_all(db: Session, scene: Scene, people: Sequence[Guided], day: date) -> None:
    drafts = [_draft(db, one, at(day, time(7), one.number)) for one in people]
    _write(db)
    morning = [(one, draft, at(day, time(7), one.number)) for one, draft in zip(people, drafts, strict=True)]
    files = [apply(db, draft, record_of(one.person), now=now)[0] for one, draft, now in morning]
    _write(db)
    evening = zip(people, files, strict=True)
    holders = [Holder(one.person, file, at(day, time(17), one.number)) for one, file in evening]
    activating.activate_all(db, scene.settled, holders)
    _write(db)
    for one, holder in zip(people, holders, strict=True):
        _record(db, one.crew, one.number, holder)
    _write(db)


def _draft(db: Session, one: Guided, now: datetime) -> Draft:
    """Level 1, online: register, operator and portrait agree, so that it is decided by rule."""
    draft = start_draft(db, now=now)
    answers = documents_of(one.person) | {
        "level": 1,
        "person_kind": "citizen",
        "phone": phone_of(PHONES + one.number),
        "phone_proved_at": now.isoformat(),
        "sim": OWN,
        "portrait_file_id": str(store(db, drawn_portrait(), "portrait", draft.id, now=now).id),
        "portrait_matched": True,
        "portrait_score": 90 + one.number % 10,
        "agreed_to_help": True,
        "notify_by": "sms",
    }
    save_step(db, draft, answers, now=now)
    return draft


def _record(db: Session, team: Crew, number: int, holder: Holder) -> None:
    """What the member writes down at once: guided, done with the person's own hand."""
    member, began = team.members[number % len(team.members)], holder.at - timedelta(minutes=20)
    assert holder.file.person_id is not None
    entry = Entry(
        id=uuid5(holder.file.id, "guided"),
        happened_at=began,
        task=Task.ACTIVATION,
        mode=Mode.GUIDED,
        result=Result.DONE,
        minutes=20,
        age_band=AgeBand(age_band(holder.person.birth_date, holder.at.date())),
        help_code=new_help_code(db, holder.file.person_id, now=began),
    )
    taken = take_in(db, member.account_id, entry, now=holder.at + timedelta(minutes=5))
    if taken.refusal is not None:
        raise taken.refusal
    assert taken.state is State.SAVED


def _teach(db: Session, team: Crew, people: Sequence[SyntheticCitizen], day: date) -> None:
    """An evening session of all five skills; a second member witnesses what each can do."""
    lead, witness = team.members[0], team.members[1]
    session = _planned(db, team, lead, len(people), day)
    learners = list(_learners(db, people, session.starts_at))
    present = attend_by_roster(db, lead, session, [one.id for one in learners], now=session.starts_at)
    assert present == len(people)
    for learner in learners:
        for skill in current_skills().skills:
            tasks = frozenset(task.code for task in skill.tasks)
            seen = Seen(learner.id, skill.code, tasks, True, session.ends_at, session_id=session.id)
            check_skill(db, witness, seen, now=session.ends_at + timedelta(minutes=5))


def _planned(db: Session, team: Crew, lead: Membership, people: int, day: date) -> TrainingSession:
    begins = datetime.combine(day, SESSION, VIETNAM).astimezone(UTC)
    places = min(max(people, 20), LARGEST)
    plan = Plan(team.course_id, "Nhà văn hoá", begins, begins + LASTS, places, Language.VI, (TargetGroup.ANYBODY,))
    session = plan_session(db, lead, plan, now=begins - timedelta(days=1))
    db.flush()
    return session


def _learners(db: Session, people: Iterable[SyntheticCitizen], now: datetime) -> Iterable[Learner]:
    for one in people:
        known = find_person_by_number(db, one.personal_number)
        assert known is not None
        yield learner_of(db, known.id, now=now)


def at(day: date, hour: time, number: int) -> datetime:
    """Some minutes after the hour, each at their own."""
    return datetime.combine(day, hour, VIETNAM).astimezone(UTC) + timedelta(minutes=20 + number % 100)
