"""One world for a table of journeys: a portal, its registers, people who differ from row to row, and officers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Account, get_account
from identity.application.registered import Record, key_of
from identity.audit import SYSTEM, Actor
from identity.base import new_id
from identity.documents.numbers import build_personal_number
from identity.gateways import CitizenRecord
from identity.places import Unit
from identity.registers.embedded import open_session as open_register
from identity.registers.tables import Citizen, Foreigner, Subscriber, set_available
from identity.session import open_session
from identity.staff import give_role, hire
from portal.database import Database
from portal.security.cookies import SESSION
from tests.fakes import A_MONDAY, Clock
from tests.identity.applicants import CITIZEN, FOREIGNER

SERIALS = count(1)


@dataclass
class Someone:
    """One person of one row: what the register holds, and the phone in their hand."""

    record: Record
    phone: str
    row: Any
    kind: str
    facts: dict[str, Any] = field(default_factory=dict)


class World:
    """What both drivers share. Time goes back to the same Monday before each row."""

    def __init__(self, app: Any, database: Database, clock: Clock, services: Any, registers: str) -> None:
        self.app, self.database, self.clock, self.services, self.registers = app, database, clock, services, registers
        with self.writing() as db:
            self.home = db.scalars(select(Unit).where(Unit.kind == "commune").order_by(Unit.code).limit(1)).one().code

    @property
    def now(self) -> datetime:
        return self.clock()

    def rewind(self) -> None:
        self.clock.now = A_MONDAY
        with open_register(self.registers) as session:
            for register in ("population", "immigration", "subscribers"):
                set_available(session, register, True)
            session.commit()

    def away(self, register: str) -> None:
        with open_register(self.registers) as session:
            set_available(session, register, False)
            session.commit()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self.database.transaction() as db:
            yield db

    def citizen(self, birth_date: date = date(1990, 9, 2), **changes: Any) -> Someone:
        serial = next(SERIALS)
        number = build_personal_number("001", birth_date, "female", 900_000 + serial)
        held = replace(
            CITIZEN,
            personal_number=number,
            card_number=number,
            full_name=f"Nguyễn Thị {letters(serial)}",
            birth_date=birth_date,
            unit_code=self.home,
        )
        return self._known(held, "citizen", serial, changes)

    def foreigner(self, birth_date: date = date(1988, 3, 15), **changes: Any) -> Someone:
        serial = next(SERIALS)
        held = replace(
            FOREIGNER,
            passport_number=f"M{serial:08d}",
            residence_card=f"TRC{serial:06d}",
            full_name=f"KIM {letters(serial).upper()}",
            birth_date=birth_date,
            unit_code=self.home,
        )
        return self._known(held, "foreigner", serial, changes)

    def _known(self, held: Any, kind: str, serial: int, changes: dict[str, Any]) -> Someone:
        died_on = changes.pop("died_on", None)
        held = replace(held, **changes)
        with open_register(self.registers) as session:
            row = citizen_row(held, died_on) if kind == "citizen" else foreigner_row(held)
            session.merge(row)
            session.commit()
        return Someone(held, f"+8491{serial:07d}", row, kind)

    def renew(self, person: Someone, **changes: Any) -> None:
        """A new card for the same person."""
        person.record = replace(person.record, **changes)
        with open_register(self.registers) as session:
            session.merge(citizen_row(person.record, None))
            session.commit()

    def not_theirs(self, person: Someone) -> None:
        """The operator has the number in another name."""
        with open_register(self.registers) as session:
            session.merge(Subscriber(phone=person.phone, holder="somebody else"))
            session.commit()

    def officer(self, role: str, unit_id: UUID) -> tuple[Actor, Any]:
        """An officer of that unit, and their browser; whoever approves supervises too, so that every file opens."""
        with self.writing() as db:
            account = hire(db, f"{role}-{new_id().hex}", "Cán bộ", now=self.now)
            db.flush()
            for one in (role, "supervisor") if role == "approving_officer" else (role,):
                give_role(db, account.id, one, unit_id, SYSTEM, now=self.now)
            token = open_session(db, account, ("pwd", "otp"), 2, now=self.now).token
            actor = Actor(account.id, role)
        return actor, self.browser(token)

    def browser(self, token: str | None = None) -> Any:
        client = self.app.test_client()
        client.set_cookie("language", "en")
        if token is not None:
            client.set_cookie(SESSION, token)
        return client

    def signed_in(self, account_id: UUID) -> Any:
        """A browser in which the holder is signed in."""
        with self.writing() as db:
            token = open_session(db, get_account(db, account_id), ("pwd", "otp"), 2, now=self.now).token
        return self.browser(token)

    def account(self, db: Session, account_id: UUID) -> Account:
        return db.get_one(Account, account_id)


def letters(serial: int) -> str:
    """A made-up word for a number: names hold no digits."""
    return "Th" + "".join("aeiouytnm"[int(digit) % 9] for digit in f"{serial:04d}") + chr(ord("a") + serial % 26)


def citizen_row(held: CitizenRecord, died_on: date | None) -> Citizen:
    names = {column.key for column in Citizen.__table__.columns} - {"died_on"}
    return Citizen(**{name: getattr(held, name) for name in names}, died_on=died_on)


def foreigner_row(held: Any) -> Foreigner:
    names = {column.key for column in Foreigner.__table__.columns}
    names -= {"died_on", "surname", "given_names", "original_name"}
    surname, _space, given = held.full_name.partition(" ")
    values = {name: getattr(held, name) for name in names}
    return Foreigner(**values, surname=surname, given_names=given, original_name="", died_on=None)


__all__ = ["Someone", "World", "key_of"]
