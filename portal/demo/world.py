"""Makes the demonstration's world: units, registers, staff, residents, applications in every state, clients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count, cycle
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import get_account
from identity.audit import Actor
from identity.credentials.passwords import hash_password
from identity.deadlines import today_in_vietnam
from identity.places import Office, unit_by_code
from portal.database import Database
from portal.demo.applications import LONG_AFTER, STAGES, Desk, Taken, take_to
from portal.demo.appointments import book_some
from portal.demo.campaigns import plan_some
from portal.demo.clients import KnownClient, register_clients
from portal.demo.decisions import object_to_some
from portal.demo.figures import watch
from portal.demo.population import PROVINCE_CODE, WARD_CODE, Neighbour, Neighbours, fill_registers
from portal.demo.residents import PASSWORD, Known, activate, known
from portal.demo.staff import employ, known_staff
from portal.demo.team import work
from portal.demo.training import train
from portal.settings import Settings

ACTIVE, ISSUED, NOT_APPLIED = 3, 3, 3
"""Of each kind of person, how many have an active account, wait to activate one, and have not applied."""
SPAN_DAYS = 12


@dataclass(slots=True)
class World:
    """What was made, for var/demo.json."""

    people: list[Known] = field(default_factory=list)
    clients: list[KnownClient] = field(default_factory=list)
    activation: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Maker:
    """Makes one world in one transaction a part."""

    database: Database
    settings: Settings
    now: datetime
    password_hash: str
    phones: Iterator[str] = field(default_factory=lambda: (f"+8490{number:07}" for number in count(1)))

    def make(self, neighbours: Neighbours, relying_party: str) -> World:
        world = World()
        with self.database.transaction() as db:
            units = {code: self._unit(db, code) for code in (PROVINCE_CODE, WARD_CODE)}
            accounts = employ(db, units, self.password_hash, since=self.now - LONG_AFTER * 2, now=self.now)
            desk = self._desk(db, units, accounts)
            world.people += known_staff(db, accounts)
            world.clients = register_clients(db, relying_party, now=self.now)
        for crowd, more in ((neighbours.citizens, 46), (neighbours.foreigners, 10)):
            people = iter(crowd)
            for number in range(ACTIVE + ISSUED):
                self._resident(world, next(people), number, desk)
            world.people += [known(next(people), phone=next(self.phones)) for _ in range(NOT_APPLIED)]
            self._applications(people, desk, more)
        self._resident(world, neighbours.guardians[0], 0, desk, role="guardian")
        with self.database.transaction() as db:
            learners = [person.login for person in world.people if (person.role, person.state) == ("citizen", "active")]
            train(db, accounts, learners, now=self.now)
            work(db, accounts, learners[:2], now=self.now)
            book_some(db, now=self.now)
            object_to_some(db, now=self.now)
            plan_some(db, accounts, now=self.now)
            watch(db, units[WARD_CODE], now=self.now)
        return world

    def _resident(self, world: World, person: Neighbour, number: int, desk: Desk, *, role: str = "") -> None:
        """The first ones are active, the others have been waiting for some days."""
        phone, is_active = next(self.phones), number < ACTIVE
        start = self.now - timedelta(days=9 if is_active else 2, hours=6 + number)
        with self.database.transaction() as db:
            taken = take_to(db, person, "issued", desk, phone=phone, start=start, email=f"nguoi{number}@example.org")
            assert taken.issued is not None
            db.flush()
            login = get_account(db, taken.issued.account_id).login or ""
            four_days_ago = self.now - timedelta(days=4)
            secret = activate(db, taken, self.password_hash, now=four_days_ago) if is_active else ""
        state = "active" if is_active else "issued"
        world.people.append(known(person, phone=phone, login=login, secret=secret, state=state, role=role))
        if not is_active:
            world.activation[login] = self._way_in(taken, phone)

    def _way_in(self, taken: Taken, phone: str) -> dict[str, str]:
        assert taken.issued is not None
        code = taken.issued.activation_code
        link = f"{self.settings.issuer}/activate?code={code}"
        return {"code": code, "link": link, "phone": phone, "counter_secret": taken.counter_secret}

    def _applications(self, people: Iterator[Neighbour], desk: Desk, number: int) -> None:
        for index, stage in zip(range(number), cycle(STAGES), strict=False):
            start = self.now - timedelta(days=index % SPAN_DAYS, hours=8)
            if stage == "abandoned":
                start -= LONG_AFTER
            with self.database.transaction() as db:
                take_to(db, next(people), stage, desk, phone=next(self.phones), start=start)

    def _unit(self, db: Session, code: str) -> UUID:
        unit = unit_by_code(db, code, on=today_in_vietnam(self.now))
        assert unit is not None
        return unit.id

    def _desk(self, db: Session, units: dict[str, UUID], accounts: dict[str, UUID]) -> Desk:
        police = select(Office.id).where(Office.unit_id == units[WARD_CODE], Office.kind == "commune_police")
        immigration = select(Office.id).where(Office.unit_id == units[PROVINCE_CODE], Office.kind == "immigration")
        offices = {
            "citizen": db.scalars(police).one(),
            "foreigner": db.scalars(immigration.order_by(Office.name)).first(),
        }
        return Desk(
            Actor(accounts["tiepnhan"], "receiving_officer"),
            Actor(accounts["pheduyet"], "approving_officer"),
            {kind: office for kind, office in offices.items() if office},
        )


def make_world(database: Database, settings: Settings, relying_party: str, *, now: datetime) -> World:
    """Everything, on a migrated database without accounts."""
    neighbours = fill_registers(settings.register_database_url, settings.demo_population, today_in_vietnam(now))
    return Maker(database, settings, now, hash_password(PASSWORD)).make(neighbours, relying_party)
