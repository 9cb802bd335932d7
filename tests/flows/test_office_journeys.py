"""Kind of officer × case × act: what comes of it, through the verbs and through the pages."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from identity.application import (
    Application,
    acknowledge,
    decide,
    decide_appeal,
    hand_back,
    record_capture,
    request_supplement,
    take_here,
    take_next,
)
from identity.application.desks import check_may_open, take_to_decide
from identity.application.tasks import Kind, settle, task_of
from identity.audit import Actor, AuditEvent, Event
from identity.base import Refused, new_id
from identity.deadlines import today_in_vietnam
from identity.places import ancestors
from identity.staff import RoleHeld, check_scope, has_scope, roles_of, units_in_reach
from portal.errors import sentence
from tests.flows import office_people as people
from tests.flows.journey_drivers import picture
from tests.flows.journey_world import World
from tests.flows.office_people import APPROVING, PEOPLE, RECEIVING, SUPERVISOR, Case
from tests.flows.test_journeys import a_world

pytestmark = pytest.mark.any_engine
AUDITED = {
    "out-of-scope", "case-not-taken", "conflict-declared", "four-eyes", "refused-before", "appeal-four-eyes",
    "task-four-eyes", "paper-not-of-file", "approver-only", "supervisor-only", "supplement-needs-supervisor",
    "not-allowed",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """`ends` is a state, or the code of the refusal."""

    officer: str
    case: Callable[[Case], None]
    act: str
    ends: str

    def __str__(self) -> str:
        return f"{self.officer}, {self.case.__name__}: {self.act}"


ROWS = (
    Row("colleague", people.free, "open", "case-not-taken"),
    Row("colleague", people.free, "acknowledge", "case-not-taken"),
    Row("colleague", people.free, "next, acknowledge", "received"),
    Row("colleague", people.free, "here, acknowledge", "received"),
    Row("colleague", people.free, "here with another paper", "paper-not-of-file"),
    Row("colleague", people.free, "next, supplement", "supplement_requested"),
    Row("colleague", people.free, "next, hand back, open", "case-not-taken"),
    Row("approver", people.free, "open", "case-not-taken"),
    Row("approver", people.free, "acknowledge", "not-allowed"),
    Row("supervisor", people.free, "open", "submitted"),
    Row("supervisor", people.free, "acknowledge", "not-allowed"),
    Row("supervisor elsewhere", people.free, "open", "out-of-scope"),
    Row("tied receiver", people.free, "next", "nothing-waits"),
    Row("tied receiver", people.free, "here", "conflict-declared"),
    Row("officer elsewhere", people.free, "open", "out-of-scope"),
    Row("officer elsewhere", people.free, "here", "out-of-scope"),
    Row("colleague", people.received, "open", "case-not-taken"),
    Row("colleague", people.received, "here, capture", "captured"),
    Row("receiver", people.received, "capture", "captured"),
    Row("receiver", people.received, "supplement", "supplement_requested"),
    Row("receiver", people.received, "approve", "not-allowed"),
    Row("approver", people.received, "capture", "not-allowed"),
    Row("receiver", people.asked, "open", "supplement_requested"),
    Row("colleague", people.asked, "open", "case-not-taken"),
    Row("receiver", people.answered, "supplement", "supplement-needs-supervisor"),
    Row("supervisor", people.answered, "supplement", "supplement_requested"),
    Row("approver", people.matched, "open", "case-not-taken"),
    Row("approver", people.matched, "approve", "case-not-taken"),
    Row("approver", people.matched, "next, approve", "issued"),
    Row("approver", people.matched, "next, refuse", "refused"),
    Row("supervisor", people.matched, "approve", "not-allowed"),
    Row("supervisor who approves", people.matched, "approve", "issued"),
    Row("approver of the province", people.matched, "next, approve", "issued"),
    Row("approver elsewhere", people.matched, "approve", "out-of-scope"),
    Row("tied approver", people.matched, "approve", "conflict-declared"),
    Row("tied approver", people.matched, "open", "conflict-declared"),
    Row("receiver", people.matched, "open", "matched"),
    Row("receiver who approves", people.matched_by_who_approves, "approve", "four-eyes"),
    Row("receiver who approves", people.matched_by_who_approves, "next", "nothing-waits"),
    Row("approver", people.unmatched, "next, approve", "not-matched"),
    Row("approver", people.unmatched, "next, refuse", "refused"),
    Row("approver", people.namesake, "next, approve", "linking-open"),
    Row("approver", people.namesake, "next, two people, approve", "issued"),
    Row("approver", people.namesake, "same person, next, approve", "linking-same"),
    Row("approver", people.refused, "approve", "application-state"),
    Row("approver", people.appealed, "overturn", "not-allowed"),
    Row("supervisor", people.appealed, "overturn", "matched"),
    Row("supervisor", people.appealed, "uphold", "refused"),
    Row("supervisor who refused", people.refused_by_a_supervisor, "overturn", "appeal-four-eyes"),
    Row("refuser", people.overturned, "approve", "refused-before"),
    Row("approver", people.overturned, "next, approve", "issued"),
    Row("approver", people.withdrawn, "approve", "application-state"),
    Row("colleague", people.withdrawn, "open", "withdrawn"),
    Row("refuser", people.looked_at, "look again", "task-four-eyes"),
    Row("approver", people.looked_at, "look again", "issued"),
)
every_row = pytest.mark.parametrize("row", ROWS, ids=str)


@pytest.fixture(scope="module")
def office(templates: Any, tmp_path_factory: pytest.TempPathFactory, vault: Any) -> Iterator[World]:
    with a_world(templates, "sqlite", tmp_path_factory, vault) as made:
        yield made


class Verbs:
    """The acts through the domain, with the checks that a page makes before it: scope, and whose case it is."""

    def __init__(self, case: Case, officer: str) -> None:
        self.case, self.officer, self.now = case, officer, case.world.now

    def take(self, act: str) -> None:
        verb, role, *given = ACTS[act]
        actor = self.case.actor(self.officer, role if role in PEOPLE[self.officer] else "")
        if verb is take_next:
            self.case.stand_alone()
        with self.case.world.writing() as db:
            held = roles_of(db, actor.account_id, today_in_vietnam(self.now))
            file = db.get_one(Application, self.case.id)
            if verb is take_next:
                self._next(db, held, actor)
            else:
                reached = self._check(db, file, held, actor, role, opens=verb is not take_here)
                self._do(db, file, actor, reached, verb, given)

    def _next(self, db: Session, held: list[RoleHeld], actor: Actor) -> None:
        units = units_in_reach(db, held, actor.role)
        if take_next(db, units, actor, to_decide=actor.role == APPROVING, now=self.now) is None:
            raise Refused("nothing-waits")

    def _check(
        self, db: Session, file: Application, held: list[RoleHeld], actor: Actor, role: str, *, opens: bool
    ) -> set[str]:
        line = {file.unit_id, *(unit.id for unit in ancestors(db, file.unit_id))}
        reached = {one for one in (RECEIVING, APPROVING, SUPERVISOR) if has_scope(held, one, line)}
        if role and reached and role not in reached:
            raise Refused("not-allowed", audited=True)
        check_scope(held, role or PEOPLE[self.officer][0], line)
        if opens:
            check_may_open(db, file, actor, reached, now=self.now)
        return reached

    def _do(self, db: Session, file: Application, actor: Actor, reached: set[str], verb: Any, given: list[Any]) -> None:
        if verb is decide:
            take_to_decide(db, file, actor, reached, now=self.now)
        if verb is settle:
            task = task_of(db, file.id, Kind(given[0]))
            assert task is not None
            settle(db, task, actor, given[1], given[2], now=self.now)
        elif verb is take_here:
            take_here(db, file, actor, (file.number or "")[-4:] if given[0] else "0000", now=self.now)
        elif verb is not None:
            verb(db, file, actor, *given, now=self.now)


ACTS: dict[str, tuple[Any, ...]] = {
    "open": (None, ""),
    "next": (take_next, ""),
    "here": (take_here, RECEIVING, True),
    "here with another paper": (take_here, RECEIVING, False),
    "acknowledge": (acknowledge, RECEIVING),
    "supplement": (request_supplement, "", ["card-photo"], ""),
    "hand back": (hand_back, "", "leaving"),
    "capture": (record_capture, RECEIVING, new_id(), "CAP-1", "ABCDE-FGHJK"),
    "approve": (decide, APPROVING, "approved", None),
    "refuse": (decide, APPROVING, "refused", "document-not-genuine"),
    "overturn": (decide_appeal, SUPERVISOR, "overturned", "Thẻ còn hạn."),
    "uphold": (decide_appeal, SUPERVISOR, "upheld", "Thẻ đã hết hạn."),
    "two people": (settle, APPROVING, "linking", "two-people", ""),
    "same person": (settle, APPROVING, "linking", "same-person", "Cùng khuôn mặt."),
    "look again": (settle, APPROVING, "second-look", "agree", ""),
}


class Pages:
    """The acts through the pages. A refusal is found by its sentence."""

    def __init__(self, case: Case, officer: str) -> None:
        self.case, self.client, self.officer = case, case.browser(officer), officer
        self.address = f"/office/cases/{case.id}"

    def take(self, act: str) -> None:
        response = getattr(self, f"_{act.replace(' ', '_')}")()
        self.page = html.unescape(response.text)
        assert response.status_code in (200, 302, 303, 403, 409, 422), self.page
        if response.status_code >= 400:
            raise Shown(self.page)

    def _open(self) -> Any:
        return self.client.get(self.address)

    def _next(self) -> Any:
        self.case.stand_alone()
        return self.client.post("/office/queue/next")

    def _here(self) -> Any:
        return self._send("take-here", shown=self.case.person.record.personal_number[-4:])

    def _here_with_another_paper(self) -> Any:
        return self._send("take-here", shown="0000")

    def _acknowledge(self) -> Any:
        return self._send("acknowledge")

    def _supplement(self) -> Any:
        return self._send("supplement", reasons="card-photo", note="", step="send")

    def _hand_back(self) -> Any:
        return self._send("hand-back", reason="leaving")

    def _capture(self) -> Any:
        portrait = FileStorage(io.BytesIO(picture()), "portrait.jpg")
        return self._send("counter", capture_reference="CAP-NOMATCH-1", confirmed="1", portrait=portrait)

    def _approve(self) -> Any:
        return self._send("decision", outcome="approved", reason="", step="send")

    def _refuse(self) -> Any:
        return self._send("decision", outcome="refused", reason="document-not-genuine", step="send")

    def _overturn(self) -> Any:
        return self._send("appeal", outcome="overturned", answer="Thẻ còn hạn.", step="send")

    def _uphold(self) -> Any:
        return self._send("appeal", outcome="upheld", answer="Thẻ đã hết hạn.", step="send")

    def _two_people(self) -> Any:
        return self._send("tasks/linking", outcome="two-people", note="")

    def _same_person(self) -> Any:
        return self._send("tasks/linking", outcome="same-person", note="Cùng khuôn mặt.")

    def _look_again(self) -> Any:
        return self._send("tasks/second-look", outcome="agree", note="")

    def _send(self, path: str, /, **fields: Any) -> Any:
        with self.case.world.database.session(write=False) as db:
            version = str(db.get_one(Application, self.case.id).version)
        boundary, body = encode_multipart({"version": version, **fields})
        kind = f'multipart/form-data; boundary="{boundary}"'
        return self.client.post(f"{self.address}/{path}", data=body, content_type=kind)


class Shown(Exception):
    """A page that says no."""


def walk(driver: Verbs | Pages, row: Row) -> None:
    for act in row.act.split(", "):
        driver.take(act)


def attempts(case: Case) -> int:
    with case.world.database.session(write=False) as db:
        query = select(func.count()).where(
            AuditEvent.name == Event.ATTEMPT_REFUSED.value, AuditEvent.subject_id == case.id
        )
        return db.scalar(query) or 0


def test_there_are_enough_rows_and_each_is_another() -> None:
    assert len({str(row) for row in ROWS}) == len(ROWS) >= 30


@every_row
def test_through_the_verbs(office: World, row: Row) -> None:
    case = Case(office, office.citizen())
    row.case(case)
    try:
        walk(Verbs(case, row.officer), row)
    except Refused as refusal:
        assert refusal.code == row.ends
        assert refusal.audited == (refusal.code in AUDITED)
    else:
        assert case.state() == row.ends


@every_row
def test_through_the_pages(office: World, row: Row) -> None:
    case = Case(office, office.citizen())
    row.case(case)
    before = case.state()
    pages = Pages(case, row.officer)
    try:
        walk(pages, row)
    except Shown as shown:
        assert sentence_in(office, row.ends) in str(shown)
        assert attempts(case) == (row.ends in AUDITED)
        assert case.state() == before
    else:
        ended = case.state()
        assert ended == row.ends or (row.ends, ended) == ("captured", "matched")  # the page asks the register, too


def sentence_in(office: World, code: str) -> str:
    with office.app.test_request_context(headers={"Cookie": "language=en"}):
        return sentence(Refused(code))
