"""Officers at work: applications at any step, officers who are signed in, and a register that answers as told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.account import find_account_of, get_account
from identity.application import Application, acknowledge, record_capture, record_match
from identity.audit import SYSTEM, Actor
from identity.base import new_id
from identity.files import store
from identity.gateways import MatchResult, RegisterUnavailable
from identity.session import open_session
from identity.staff import give_role, hire
from portal.database import Database
from portal.security.cookies import SESSION
from portal.services import Services
from tests.identity.applicants import CITIZEN, an_office, submitted

RECEIVING = "receiving_officer"
APPROVING = "approving_officer"
SUPERVISOR = "supervisor"
DECIDING = (APPROVING, SUPERVISOR)
"""Who decides and supervises: every file of the office opens."""


class Register:
    """Either register: answers what the test says, or is away."""

    def __init__(self) -> None:
        self.result = MatchResult(92, True)
        self.away = False
        self.asked: list[tuple[str, str]] = []

    def match_biometrics(self, reference: str, capture_reference: str, purpose: str) -> MatchResult:
        self.asked.append((reference, capture_reference))
        if self.away:
            raise RegisterUnavailable("test")
        return self.result


class Scene:
    """What the tests of the office ask for."""

    def __init__(self, app: Flask, database: Database, services: Services) -> None:
        self.app, self.database, self.services = app, database, services
        self.accounts: dict[str, UUID] = {}

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self.database.transaction() as db:
            yield db

    def submitted(self, base: Any = CITIZEN, **answers: Any) -> UUID:
        with self.writing() as db:
            return submitted(db, base, now=self.services.clock(), **answers)[0].id

    def taken(self, base: Any = CITIZEN, by: str = "lan", **answers: Any) -> UUID:
        """Sent, and in the hands of an officer."""
        application_id = self.submitted(base, **answers)
        self.hold(application_id, by)
        return application_id

    def hold(self, application_id: UUID, by: str) -> None:
        with self.writing() as db:
            file = db.get_one(Application, application_id)
            file.held_by_id, file.held_at = self.account(db, by), self.services.clock()

    def received(self, base: Any = CITIZEN, by: str = "lan", **answers: Any) -> UUID:
        application_id = self.submitted(base, **answers)
        self.change(application_id, acknowledge, by)
        return application_id

    def matched(self, base: Any = CITIZEN, by: str = "lan", verdict: bool = True, **answers: Any) -> UUID:
        application_id = self.received(base, by, **answers)
        with self.writing() as db:
            portrait = store(db, b"\xff\xd8\xff portrait", "portrait", application_id, now=self.services.clock()).id
        self.change(application_id, record_capture, by, portrait, "CAP-0001", "ABCDE-FGHJK")
        self.change(application_id, record_match, by, MatchResult(92 if verdict else 12, verdict))
        return application_id

    def change(self, application_id: UUID, verb: Any, by: str, *arguments: Any, role: str = RECEIVING) -> None:
        with self.writing() as db:
            actor = Actor(self.account(db, by), role)
            verb(db, db.get_one(Application, application_id), actor, *arguments, now=self.services.clock())

    def account(self, db: Session, name: str) -> UUID:
        if name not in self.accounts:
            self.accounts[name] = hire(db, f"{name}-{new_id().hex}", name.title(), now=self.services.clock()).id
            db.flush()
        return self.accounts[name]

    def officer(
        self, name: str, *roles: str, unit_id: UUID | None = None, aal: int = 2, office: str = "commune_police"
    ) -> FlaskClient:
        """A browser in which this officer is signed in; without `unit_id` the roles are held where files arrive."""
        moment = self.services.clock()
        with self.writing() as db:
            account_id = self.account(db, name)
            for role in roles:
                give_role(db, account_id, role, unit_id or an_office(db, office).unit_id, SYSTEM, now=moment)
            opened = open_session(db, get_account(db, account_id), ("pwd", "otp"), aal, now=moment)
        client = self.app.test_client()
        client.set_cookie(SESSION, opened.token)
        client.set_cookie("language", "en")
        return client

    def resident(self, person_id: UUID | None) -> FlaskClient:
        """A browser in which this person is signed in to the account they activated."""
        moment = self.services.clock()
        with self.writing() as db:
            account = find_account_of(db, person_id) if person_id else None
            assert account is not None
            account.state, account.activated_at = "active", moment
            opened = open_session(db, account, ("pwd", "otp"), 2, now=moment)
        client = self.app.test_client()
        client.set_cookie(SESSION, opened.token)
        client.set_cookie("language", "en")
        return client

    def read(self, application_id: UUID) -> Application:
        """The row as it is now; its session stays open so that sealed values can be read."""
        self.open = self.database.session(write=False)
        return self.open.get_one(Application, application_id)


@pytest.fixture
def register() -> Register:
    return Register()


@pytest.fixture
def services(settings: Any, clock: Any, vault: Any, register: Any) -> Services:
    return Services(settings, clock, vault, register, register)


@pytest.fixture
def scene(app: Flask, database: Database, services: Services) -> Scene:
    return Scene(app, database, services)
