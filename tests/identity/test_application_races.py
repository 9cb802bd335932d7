"""Two at once: one truth, and the other is told; never an error of the database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from threading import Barrier
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.application import Application, acknowledge, apply, case, decide, load_draft
from identity.application.lookup import RegisterLookup, reserve_lookup
from identity.base import Refused
from identity.person import Person
from portal.database import Database
from tests.identity.applicants import CITIZEN, a_draft, a_record, an_officer, matched, submitted


def together(database: Database, works: list[Callable[[Session], Any]]) -> list[Any]:
    """Run each in a transaction of its own, begun at the same moment; a refusal is a result."""
    start = Barrier(len(works))

    def run(work: Callable[[Session], Any]) -> Any:
        start.wait()
        try:
            with database.transaction() as db:
                return work(db)
        except Refused as refusal:
            return refusal.code

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_a_draft_sent_eight_times_at_once_is_one_application(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        record = a_record(db)
        token = a_draft(db, record, now=now).token

    def send(db: Session) -> tuple[str, str]:
        draft = load_draft(db, token, now=now)
        assert draft is not None
        application, code = apply(db, draft, record, now=now)
        return application.dossier_number, code

    assert len(set(together(database, [send] * 8))) == 1
    with database.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(Application)) == 1


def test_two_people_who_send_one_phone_at_once_do_not_share_it(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        records = [a_record(db), a_record(db, personal_number="001090000129", full_name="LÊ VĂN AN")]
        tokens = [a_draft(db, record, now=now, phone="+84912345678").token for record in records]

    def sender(token: str | None, record: Any) -> Callable[[Session], str]:
        def send(db: Session) -> str:
            draft = load_draft(db, token, now=now)
            assert draft is not None
            apply(db, draft, record, now=now)
            return "sent"

        return send

    works = [sender(token, record) for token, record in zip(tokens, records, strict=True)]
    assert sorted(together(database, works)) == ["phone-used", "sent"]


def test_two_drafts_of_one_person_at_once_are_one_application(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        record = a_record(db)
        tokens = [a_draft(db, record, now=now, phone=f"+8491234567{digit}").token for digit in range(4)]

    def sender(token: str | None) -> Callable[[Session], str]:
        def send(db: Session) -> str:
            draft = load_draft(db, token or "", now=now)
            assert draft is not None
            return apply(db, draft, record, now=now)[0].state

        return send

    results = together(database, [sender(token) for token in tokens])
    assert sorted(results) == ["application-open"] * 3 + ["submitted"]


def test_dossier_numbers_given_at_once_differ(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        people = [
            a_record(db, replace(CITIZEN, personal_number=f"00119012345{n}", full_name=f"Thử {n}")) for n in range(6)
        ]
        tokens = [a_draft(db, one, now=now, phone=f"+8491234567{n}").token for n, one in enumerate(people)]

    def sender(token: str | None, record: Any) -> Callable[[Session], str]:
        def send(db: Session) -> str:
            draft = load_draft(db, token or "", now=now)
            assert draft is not None
            return apply(db, draft, record, now=now)[0].dossier_number

        return send

    numbers = together(database, [sender(*pair) for pair in zip(tokens, people, strict=True)])
    assert sorted(number[-4:] for number in numbers) == [f"{n:04d}" for n in range(1, 7)]


def test_of_four_officers_who_acknowledge_at_once_one_holds_the_file(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        application_id = submitted(db, now=now)[0].id
        officers = [an_officer(db, "receiving_officer", now=now) for _ in range(4)]

    def acknowledger(officer: Any) -> Callable[[Session], str]:
        def act(db: Session) -> str:
            acknowledge(db, case(db, application_id), officer, now=now)
            return "done"

        return act

    results = together(database, [acknowledger(officer) for officer in officers])
    assert results.count("done") == 1
    assert set(results) <= {"done", "application-changed", "application-state"}


def test_two_approvals_at_once_make_one_person(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        application_id = matched(db, now=now)[0].id
        approvers = [an_officer(db, "approving_officer", now=now) for _ in range(4)]

    def approver(officer: Any) -> Callable[[Session], str]:
        def act(db: Session) -> str:
            decide(db, case(db, application_id), officer, "approved", now=now)
            return "done"

        return act

    results = together(database, [approver(officer) for officer in approvers])
    assert results.count("done") == 1
    with database.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(Person)) == 1


def test_sixteen_questions_at_once_about_one_number_are_five(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        record = a_record(db)
        tokens = [a_draft(db, record, now=now, phone=f"+849123456{digit}").token for digit in range(10, 26)]

    def asker(token: str | None, address: str) -> Callable[[Session], str]:
        def ask(db: Session) -> str:
            draft = load_draft(db, token or "", now=now)
            assert draft is not None
            reserve_lookup(db, draft, address, now=now)
            return "asked"

        return ask

    results = together(database, [asker(token, f"192.0.2.{n}") for n, token in enumerate(tokens)])
    assert results.count("asked") == 5 and set(results) == {"asked", "too-many-lookups"}
    with database.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(RegisterLookup)) == 5
