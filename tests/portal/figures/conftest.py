"""Two wards of a province with enough people to publish, a third with too few, and those who look at them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from identity.account import Account
from identity.application.model import Application
from identity.audit import SYSTEM, Actor
from identity.person import Person
from identity.places import Unit, load_units
from identity.staff import give_role
from onboarding.assistance import take_in
from onboarding.campaign import Aim, Plan, plan_campaign, set_target
from onboarding.catalogue import Mode, Obstacle, Result, Task
from onboarding.figures.refresh import count_some, mark_all
from portal.database import connect
from portal.migrations import upgrade
from tests.fakes import A_MONDAY
from tests.onboarding.figures_scene import publish
from tests.onboarding.scene import entry, member_of, resident, staff_account, team_in
from tests.onboarding.test_indicators import applied

WEEKS = tuple(datetime(2026, 9, 7, 3, tzinfo=UTC) + timedelta(days=7 * number) for number in range(10))
PACE = {0: (30, 22, 12), 1: (26, 21, 11)}
"""Applied, issued and activated each Monday, by ward."""
FEW = 3


@pytest.fixture(scope="session")
def worlds():
    """What was built, by engine and whether it was counted: once a run, then copied."""
    return {}


@pytest.fixture
def database_url(request, templates, engine, vault, worlds):
    """A database with all this in it, counted where the test asks for `counted`."""
    is_counted = "counted" in request.fixturenames

    def load(url):
        opened = connect(url, vault)
        with opened.transaction() as db:
            load_units(db, now=A_MONDAY)
            worlds[engine, is_counted] = build(db, A_MONDAY)
            if is_counted:
                db.flush()
                count(db, A_MONDAY)
        opened.engine.dispose()

    name = "figures_counted" if is_counted else "figures"
    url = templates.copy(engine, name, load, base=lambda: templates.copy(engine, "bare", upgrade))
    yield url
    templates.discard(engine, url)


@pytest.fixture
def world(database, engine, worlds):
    return worlds[engine, False]


@pytest.fixture
def counted(database, engine, worlds):
    return worlds[engine, True]


def build(db, now):
    found = SimpleNamespace()
    province = db.scalars(select(Unit).where(Unit.code == "01", Unit.valid_to.is_(None))).one()
    wards = db.scalars(
        select(Unit).where(Unit.parent_id == province.id, Unit.valid_to.is_(None)).order_by(Unit.code).limit(4)
    ).all()
    found.province, found.wards, found.ward = province.id, [one.id for one in wards], wards[0].id
    found.codes, found.names = [one.code for one in wards], [one.english_title for one in wards]
    found.province_code = province.code
    copy = Copies(db, wards[0], now)
    for number, pace in PACE.items():
        for week in WEEKS:
            copy.people(wards[number], week, *pace)
    copy.people(wards[2], WEEKS[0], FEW, 2, 1)
    copy.write()
    work(db, found, wards, now)
    return found


def work(db, found, wards, now):
    """A team of the first ward, one beside it, and staff."""
    team, other = team_in(db, wards[0], now=now), team_in(db, wards[1], now=now, name="Tổ bên cạnh")
    found.team, found.other_team = team.id, other.id
    found.member = member_of(db, team, now=now).account_id
    for number in range(40):
        at = WEEKS[-1] + timedelta(days=number % 5, hours=number % 6)
        kind = Mode.GUIDED if number % 4 else Mode.EXPLAINED
        stuck = number % 3 == 0
        more = {"result": Result.BLOCKED, "obstacle": Obstacle.NO_PHONE} if stuck else {"result": Result.DONE}
        one = entry(now, happened_at=at, task=Task.PAYMENT, mode=kind, **more)
        late = timedelta(hours=30 if number % 3 == 1 else 1)
        take_in(db, found.member, one, now=at + late)
    for login, role, unit in (
        ("coordinator", "coordinator", wards[0].id),
        ("leader", "leader", found.province),
        ("auditor", "auditor", None),
    ):
        account = staff_account(db, login, now=now)
        setattr(found, login, account.id)
        give_role(db, account.id, role, unit, SYSTEM, now=now)
    by = Actor(found.leader, "leader")
    plan = Plan(
        "Cao điểm", now.date() - timedelta(days=60), now.date() + timedelta(days=20), "12/KH", (found.province,)
    )
    campaign = plan_campaign(db, plan, by, {found.province}, now=now)
    found.campaign = campaign.id
    aim = Aim("activated-of-issued", found.province, 850, campaign.last_day, "Kế hoạch 12/KH")
    set_target(db, campaign, aim, by, {found.province}, now=now)


def count(db, now):
    mark_all(db)
    while count_some(db, now=now, most=400):
        pass
    publish(db, now)


class Copies:
    """Many applications, people and accounts like one that the portal's own verbs made."""

    def __init__(self, db, unit, now):
        self.db, self.rows = db, {Person: [], Account: [], Application: []}
        person = resident(db, unit, now=WEEKS[0])
        applied(db, unit, WEEKS[0], person=person)
        db.flush()
        self.first = {table: self._row(table) for table in self.rows}
        db.query(Application).filter(Application.person_id == person.id).delete()
        db.query(Account).filter(Account.person_id == person.id).update({"state": "closed"})  # of nobody who waits

    def _row(self, table):
        row = self.db.execute(select(table.__table__).order_by(table.__table__.c.id.desc()).limit(1)).mappings().one()
        return dict(row)

    def people(self, unit, at, applied_, issued, activated):
        for number in range(applied_):
            person, is_issued, is_active = uuid4(), number < issued, number < activated
            changes = {"submitted_at": at, "home_unit_id": unit.id, "unit_id": unit.id, "draft_id": uuid4()}
            changes |= {"dossier_number": uuid4().hex, "code_digest": uuid4().bytes * 2, "person_id": None}
            if is_issued:
                self._add(Person, person, unit_id=unit.id)
                active = {"activated_at": at + timedelta(hours=3), "state": "active"} if is_active else {}
                account = uuid4()
                self._add(Account, account, person_id=person, login_index=uuid4().bytes * 2, **active)
                changes |= {"state": "issued", "closed_at": at + timedelta(hours=1), "person_id": person}
            self._add(Application, uuid4(), **changes)

    def _add(self, table, id_, **changes):
        self.rows[table].append({**self.first[table], "id": id_, **changes})

    def write(self):
        for table, rows in self.rows.items():
            self.db.execute(insert(table.__table__), rows)
