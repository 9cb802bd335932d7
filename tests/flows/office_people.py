"""Officers of every kind and cases at every point, for the table of the office's journeys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from identity.account import get_account
from identity.application import (
    Application,
    Given,
    acknowledge,
    appeal,
    decide,
    decide_appeal,
    record_capture,
    record_match,
    request_supplement,
    resubmit,
    withdraw,
)
from identity.application.conflicts import declare_person
from identity.application.tasks import Kind, open_task
from identity.audit import SYSTEM, Actor
from identity.base import new_id
from identity.files import store
from identity.gateways import MatchResult
from identity.places import Unit
from identity.session import open_session
from identity.staff import give_role, hire
from tests.flows.journey_world import Someone, World
from tests.identity.applicants import submitted

RECEIVING, APPROVING, SUPERVISOR = "receiving_officer", "approving_officer", "supervisor"
PEOPLE: dict[str, tuple[str, ...]] = {
    "receiver": (RECEIVING,),
    "colleague": (RECEIVING,),
    "approver": (APPROVING,),
    "refuser": (APPROVING,),
    "hearer": (SUPERVISOR,),
    "supervisor": (SUPERVISOR,),
    "supervisor who approves": (APPROVING, SUPERVISOR),
    "supervisor who refused": (APPROVING, SUPERVISOR),
    "supervisor elsewhere": (SUPERVISOR,),
    "receiver who approves": (RECEIVING, APPROVING),
    "tied receiver": (RECEIVING,),
    "tied approver": (APPROVING,),
    "officer elsewhere": (RECEIVING,),
    "approver elsewhere": (APPROVING,),
    "approver of the province": (APPROVING,),
    "busy": (RECEIVING, APPROVING),
}
"""Kind of officer → the roles they hold."""


@dataclass
class Case:
    """One file and the officers around it, each made when first asked for."""

    world: World
    person: Someone
    id: UUID = field(init=False)
    unit: UUID = field(init=False)
    accounts: dict[str, UUID] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.world.writing() as db:
            file = submitted(db, self.person.record, now=self.world.now, phone=self.person.phone)[0]
            self.id, self.unit = file.id, file.unit_id

    def account(self, kind: str) -> UUID:
        if kind not in self.accounts:
            with self.world.writing() as db:
                made = hire(db, f"office-{new_id().hex}", kind.title(), now=self.world.now)
                db.flush()
                for role in PEOPLE[kind]:
                    give_role(db, made.id, role, self._place(db, kind), SYSTEM, now=self.world.now)
                if kind.startswith("tied"):
                    number = self.person.record.personal_number
                    declare_person(db, Actor(made.id, RECEIVING), number, "relative", "em", now=self.world.now)
                self.accounts[kind] = made.id
        return self.accounts[kind]

    def actor(self, kind: str, role: str = "") -> Actor:
        return Actor(self.account(kind), role or PEOPLE[kind][0])

    def browser(self, kind: str) -> Any:
        account = self.account(kind)
        with self.world.writing() as db:
            token = open_session(db, get_account(db, account), ("pwd", "otp"), 2, now=self.world.now).token
        return self.world.browser(token)

    def act(self, kind: str, verb: Callable[..., Any], *given: Any, role: str = "") -> None:
        actor = self.actor(kind, role)
        with self.world.writing() as db:
            verb(db, db.get_one(Application, self.id), actor, *given, now=self.world.now)

    def stand_alone(self) -> None:
        """The files of other rows are in other hands, of somebody at work."""
        busy = self.account("busy")
        with self.world.writing() as db:
            db.execute(update(Application).where(Application.id != self.id).values(held_by_id=busy))

    def state(self) -> str:
        with self.world.database.session(write=False) as db:
            return db.get_one(Application, self.id).state

    def _place(self, db: Any, kind: str) -> UUID:
        own = db.get_one(Unit, self.unit)
        if kind.endswith("elsewhere"):
            other = select(Unit.id).where(Unit.kind == "commune", Unit.id != own.id, Unit.parent_id != own.parent_id)
            return db.scalars(other.limit(1)).one()
        return own.parent_id if kind.endswith("province") else own.id


def free(case: Case) -> None:
    """Sent; nobody took it."""


def received(case: Case, kind: str = "receiver") -> None:
    case.act(kind, acknowledge)


def asked(case: Case) -> None:
    received(case)
    case.act("receiver", request_supplement, ["card-photo"], "")


def matched(case: Case, verdict: bool = True, kind: str = "receiver") -> None:
    received(case, kind)
    with case.world.writing() as db:
        portrait = store(db, b"\xff\xd8\xff portrait", "portrait", case.id, now=case.world.now).id
    case.act(kind, record_capture, portrait, "CAP-0001", "ABCDE-FGHJK")
    case.act(kind, record_match, MatchResult(92 if verdict else 12, verdict))


def unmatched(case: Case) -> None:
    matched(case, verdict=False)


def matched_by_who_approves(case: Case) -> None:
    matched(case, kind="receiver who approves")


def namesake(case: Case) -> None:
    matched(case)
    with case.world.writing() as db:
        open_task(db, db.get_one(Application, case.id), Kind.LINKING, now=case.world.now)


def refused(case: Case, by: str = "refuser") -> None:
    matched(case)
    case.act(by, decide, "refused", "document-not-genuine")


def appealed(case: Case) -> None:
    refused(case)
    with case.world.writing() as db:
        appeal(db, db.get_one(Application, case.id), "Xin xem lại.", now=case.world.now)


def refused_by_a_supervisor(case: Case) -> None:
    refused(case, "supervisor who refused")
    with case.world.writing() as db:
        appeal(db, db.get_one(Application, case.id), "Xin xem lại.", now=case.world.now)


def answered(case: Case) -> None:
    """Something was asked for once, and given."""
    asked(case)
    with case.world.writing() as db:
        resubmit(db, db.get_one(Application, case.id), {"card-photo": Given("Đây.")}, now=case.world.now)


def overturned(case: Case) -> None:
    appealed(case)
    case.act("hearer", decide_appeal, "overturned", "Thẻ còn hạn.")


def withdrawn(case: Case) -> None:
    with case.world.writing() as db:
        withdraw(db, db.get_one(Application, case.id), now=case.world.now)


def looked_at(case: Case) -> None:
    """Approved, and drawn for a second look."""
    matched(case)
    case.act("refuser", decide, "approved")
    with case.world.writing() as db:
        open_task(db, db.get_one(Application, case.id), Kind.SECOND_LOOK, now=case.world.now)
