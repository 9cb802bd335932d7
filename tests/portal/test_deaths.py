"""The worker asks the register who has died: once a day, again when it was away, and the accounts are closed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from identity.account import get_account
from identity.gateways import RegisterUnavailable
from portal.deaths import DeathWatch
from tests.identity.account_scene import LOGIN, make_account
from tests.portal.work_scene import write


@dataclass
class Register:
    """What the worker asks of one."""

    dead: list[str] = field(default_factory=list)
    is_away: bool = False
    asked: int = 0

    def deaths_since(self, _day: Any, _purpose: str) -> list[str]:
        self.asked += 1
        if self.is_away:
            raise RegisterUnavailable("population")
        return self.dead


@pytest.fixture
def register() -> Register:
    return Register()


@pytest.fixture
def watch(database, services, register) -> DeathWatch:
    return DeathWatch(database, replace(services, population=register))


def state(database, account_id) -> str:
    with database.session(write=False) as db:
        return get_account(db, account_id).state


def test_whoever_died_is_closed_and_the_register_is_asked_once_a_day(database, watch, register, clock, now):
    account = write(database, lambda db: make_account(db, now).id)
    watch.look()
    assert state(database, account) == "active"
    register.dead = [LOGIN, "000000000000"]
    watch.look()
    assert register.asked == 1
    clock.advance(days=1)
    watch.look()
    watch.look()
    assert (register.asked, state(database, account)) == (2, "closed")


def test_a_register_that_was_away_is_asked_again(database, watch, register, now):
    account = write(database, lambda db: make_account(db, now).id)
    register.dead, register.is_away = [LOGIN], True
    assert watch.look() == 0
    assert state(database, account) == "active"
    register.is_away = False
    watch.look()
    assert state(database, account) == "closed"


def test_more_than_one_batch_is_gone_through(database, watch, register, now, monkeypatch):
    monkeypatch.setattr("portal.deaths.BATCH", 2)
    logins = [f"00115801234{n}" for n in range(5)]
    accounts = [write(database, lambda db, login=login: make_account(db, now, login=login).id) for login in logins]
    register.dead = logins
    watch.look()
    assert {state(database, one) for one in accounts} == {"closed"}


def test_the_embedded_register_names_those_who_died_lately(services, now):
    from datetime import date

    everybody = services.population.deaths_since(date(1990, 1, 1), "death")
    assert everybody
    assert services.population.is_dead(everybody[0], "death")
    assert not services.population.is_dead("000000000000", "death")
    assert services.population.deaths_since(date(2999, 1, 1), "death") == []
