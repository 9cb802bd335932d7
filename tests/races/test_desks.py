"""Sixteen officers at once: each is handed another file, one takes the applicant at the counter, one answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID

from sqlalchemy import func, select, update

from identity.application import Application, decide, take_here, take_next
from identity.application.break_glass import BreakGlass, answer, ask
from identity.application.conflicts import Conflict, declare_person
from identity.application.earlier import name_earlier
from identity.application.tasks import Kind, Task, open_task, settle
from identity.audit import Actor, AuditEvent, Event
from identity.base import Refused
from portal.database import Database
from tests.identity.applicants import CITIZEN, FOREIGNER, an_officer, at_work, issued, matched, submitted
from tests.races.at_once import CALLERS, at_once


def files(database: Database, how_many: int, now: datetime) -> tuple[list[UUID], UUID]:
    """Free files of one unit."""
    made = []
    with database.transaction() as db:
        for number in range(how_many):
            personal = f"0011903{number:05d}"
            base = replace(
                CITIZEN, personal_number=personal, card_number=personal, full_name=f"Người Số {number}",
                birth_date=date(1990, 1, 1) + timedelta(days=number),
            )  # fmt: skip
            made.append(submitted(db, base, now=now, phone=f"+8491300{number:04d}")[0])
        return [file.id for file in made], made[0].unit_id


def officers(database: Database, role: str, now: datetime, unit: UUID | None = None) -> list[Actor]:
    with database.transaction() as db:
        return [at_work(db, unit, role, now) if unit else an_officer(db, role, now=now) for _ in range(CALLERS)]


def test_each_of_sixteen_is_handed_another_file_and_the_last_ones_none(database: Database, now: datetime) -> None:
    made, unit = files(database, CALLERS - 4, now)
    turn, callers = count(), officers(database, "receiving_officer", now, unit)
    with database.transaction() as db:  # half of them were left behind by somebody who is gone
        gone = an_officer(db, "receiving_officer", now=now)
        db.execute(update(Application).where(Application.id.in_(made[::2])).values(held_by_id=gone.account_id))

    def take() -> UUID | None:
        officer = callers[next(turn)]
        with database.transaction() as db:
            found = take_next(db, {unit}, officer, now=now)
            return found.id if found is not None else None

    given = at_once(take)
    assert Counter(given)[None] <= 4 + CALLERS  # on PostgreSQL a caller may pass by a file that another just takes
    handed = [one for one in given if one is not None]
    assert len(handed) == len(set(handed)) and set(handed) <= set(made)
    with database.transaction() as db:
        holders = db.scalars(select(Application.held_by_id).where(Application.held_by_id.is_not(None))).all()
        taken = db.scalar(select(func.count()).where(AuditEvent.name == Event.CASE_TAKEN.value))
    assert len(set(holders) - {gone.account_id}) == len(handed) == taken


def test_one_officer_who_presses_sixteen_times_holds_one_file(database: Database, now: datetime) -> None:
    _made, unit = files(database, 3, now)
    officer = officers(database, "receiving_officer", now)[0]

    def take() -> UUID | None:
        with database.transaction() as db:
            found = take_next(db, {unit}, officer, now=now)
            return found.id if found is not None else None

    at_once(take)
    with database.transaction() as db:
        assert db.scalar(select(func.count()).where(Application.held_by_id == officer.account_id)) == 1


def test_one_of_sixteen_answers_a_task_and_a_wish(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        application, _receiver = matched(db, now=now)
        asker = an_officer(db, "receiving_officer", now=now)
        task = open_task(db, application, Kind.LINKING, now=now).id
        glass = ask(db, application.dossier_number, asker, "Cần xác minh gấp cho người nộp.", now=now).id
    turn, callers = count(), officers(database, "approving_officer", now)

    def both() -> tuple[str, str]:
        officer = callers[next(turn)]
        supervisor = replace(officer, role="supervisor")
        return tried(lambda db: settle(db, db.get_one(Task, task), officer, "two-people", "", now=now)), tried(
            lambda db: answer(db, db.get_one(BreakGlass, glass), supervisor, granted=True, now=now)
        )

    def tried(act) -> str:
        try:
            with database.transaction() as db:
                act(db)
        except Refused as refusal:
            return refusal.code
        return "won"

    said = at_once(both)
    assert Counter(first for first, _second in said) == {"won": 1, "task-done": CALLERS - 1}
    assert Counter(second for _first, second in said) == {"won": 1, "glass-answered": CALLERS - 1}


def test_of_those_at_the_counter_and_those_who_decide_nobody_gets_an_error(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        application, _receiver = matched(db, now=now)
        file = application.id
    turn, callers = count(), officers(database, "approving_officer", now)

    def act() -> str:
        number = next(turn)
        try:
            with database.transaction() as db:
                found = db.get_one(Application, file)
                if number % 2:
                    decide(db, found, callers[number], "approved", now=now)
                else:
                    take_here(db, found, callers[number], CITIZEN.personal_number[-4:], now=now)
        except Refused as refusal:
            return refusal.code
        return "won"

    said = Counter(at_once(act))
    assert said["won"] == 1 and set(said) <= {"won", "application-state", "application-changed", "past-the-counter"}


def test_a_declaration_sent_sixteen_times_is_one(database: Database, now: datetime) -> None:
    officer = officers(database, "receiving_officer", now)[0]

    def declare() -> None:
        with database.transaction() as db:
            declare_person(db, officer, CITIZEN.personal_number, "relative", "em", now=now)

    at_once(declare)
    with database.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Conflict)) == 1


def test_of_an_approval_and_an_earlier_number_at_once_nobody_gets_a_second_account(
    database: Database, now: datetime
) -> None:
    """Either it is approved before the number is named, or the approval waits; both at once never."""
    anew = replace(FOREIGNER, full_name="PARK ARA", passport_number="M55555555", residence_card="TRC-900900")
    with database.transaction() as db:
        issued(db, FOREIGNER, now=now)
        application, receiver = matched(db, anew, now=now, phone="+84987000111")
        file, seen = application.id, application.version
    turn, callers = count(), officers(database, "approving_officer", now)

    def act() -> str:
        number = next(turn)
        try:
            with database.transaction() as db:
                found = db.get_one(Application, file)
                if number % 2:
                    decide(db, found, callers[number], "approved", now=now)
                else:
                    name_earlier(db, found, receiver, "M12345678", now=now, version=seen)
                return "approved" if number % 2 else "named"
        except Refused as refusal:
            return refusal.code

    said = Counter(at_once(act))
    assert said["approved"] + said["named"] == 1, said
    # "earlier-known": read before the approval was written and looked up after it
    refusals = {"application-changed", "application-state", "linking-open", "earlier-known"}
    assert set(said) <= {"approved", "named"} | refusals
    with database.transaction() as db:
        tasks = db.scalar(select(func.count()).select_from(Task).where(Task.kind == Kind.LINKING.value))
        named = db.get_one(Application, file).duplicate_id
        assert tasks == said["named"] and (named is not None) == bool(said["named"])
