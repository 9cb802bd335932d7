"""A ward with a team, its coordinator, another ward's coordinator, and somebody who waits and agreed to be helped."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from identity.audit import SYSTEM
from identity.staff import give_role
from tests.onboarding.scene import communes, member_of, pseudonym_of, resident, staff_account, team_in
from tests.portal.work_scene import sign_in, write


class Place:
    """Ids of what the tests look at."""


@pytest.fixture
def place(database, clock):
    found = Place()

    def build(db):
        here, beside, _ = communes(db)
        team = team_in(db, here, now=clock.now)
        found.here, found.team = here.id, team.id
        found.member = member_of(db, team, now=clock.now, login="lan").account_id
        found.coordinator = staff_account(db, "coordinator", now=clock.now, name="Bùi Thị Điều").id
        found.elsewhere = staff_account(db, "elsewhere", now=clock.now).id
        found.newcomer = staff_account(db, "moi", now=clock.now, name="Trần Văn Mới").id
        give_role(db, found.coordinator, "coordinator", here.id, SYSTEM, now=clock.now)
        give_role(db, found.elsewhere, "coordinator", beside.id, SYSTEM, now=clock.now)
        found.handle = pseudonym_of(db, resident(db, here, now=clock.now)).hex()

    write(database, build)
    return found


@pytest.fixture
def browser(client, database, place, clock):
    """`browser("member")`: signed in as that person, reading English."""

    def as_(name):
        client.set_cookie("language", "en")
        sign_in(client, database, getattr(place, name), now=clock.now)
        return client

    return as_


def one(database, model):
    with database.session(write=False) as db:
        return db.scalars(select(model)).one()
