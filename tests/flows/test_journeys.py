"""Journeys as a table: who, by which way, and how it ends; each driven through the verbs and through the pages.

A row is a sentence, the person it is about, the steps they and the office take, and the outcome: state of the file,
level of the person, state of the account; or the code of the refusal that ended it. A new row needs no code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.oidc.keys import keep_ahead
from identity.places import load_units
from identity.registers.embedded import open_registers, open_subscribers
from portal.assembly import create_app
from portal.database import connect
from portal.migrations import upgrade
from portal.services import Services
from portal.settings import Setting, Settings
from tests.fakes import A_MONDAY, Clock
from tests.flows.journey_drivers import Domain, Driver, Pages
from tests.flows.journey_world import Someone, World
from tests.flows.later_life import (
    a_notice_stops_it,
    asks,
    at_the_office,
    comes_back_after,
    keeps_a_sheet,
    people_vouch,
    sets_new_keys,
    stands,
    takes_it_back,
    the_desk_answers,
    trusts_two,
    with_a_code,
    with_a_device,
)

TODAY = today_in_vietnam(A_MONDAY)
Who = Callable[[World], Someone]
Act = Callable[[Driver], None]


@dataclass(frozen=True)
class Journey:
    """One row."""

    says: str
    who: Who
    steps: tuple[Act, ...]
    ends: str | tuple[str, int, str]


def born(years: int, *, later: int = 0) -> date:
    return date(TODAY.year - years, TODAY.month, TODAY.day + later)


def citizen(birth_date: date = date(1990, 9, 2), **changes: Any) -> Who:
    return lambda world: world.citizen(birth_date, **changes)


def foreigner(birth_date: date = date(1988, 3, 15), **changes: Any) -> Who:
    return lambda world: world.foreigner(birth_date, **changes)


# steps


def does(verb: str, *arguments: Any, **named: Any) -> Act:
    """A step by its name in the driver."""
    return lambda driver: getattr(driver, verb)(*arguments, **named)


in_person, online = does("apply", 2), does("apply", 1)
acknowledged, visit, no_match = does("acknowledge"), does("visit"), does("visit", matched=False)
approved, refused = does("decide", "approved"), does("decide", "refused")
supplement, reply, withdrawn = does("supplement"), does("reply"), does("withdraw")
activated, rises, ward_rises = does("activate"), does("rise"), does("raise_ward")
guardian_says_yes, guardian_says_no = does("activate", guardian_says=True), does("activate", guardian_says=False)
decided_by_two = (acknowledged, approved)
at_the_counter = (acknowledged, visit, approved)
with_guardian = (acknowledged, does("visit", guardian=True), approved)


def register_away(driver: Driver) -> None:
    driver.world.away("population")


def operator_away(driver: Driver) -> None:
    driver.world.away("subscribers")


def number_in_another_name(driver: Driver) -> None:
    driver.world.not_theirs(driver.person)


def has_level(level: int) -> Act:
    """An active account of this level, from an earlier journey of the verbs."""

    def step(driver: Driver) -> None:
        before = Domain(driver.world, driver.person)
        before.apply(level)
        for one in at_the_counter if level == 2 else decided_by_two if before.result()[0] == "submitted" else ():
            one(before)
        before.make_active()

    return step


def parent(level: int = 2, *, named: bool = True) -> Act:
    """Somebody with an account, whom the register names as the parent (or does not), acts from here on."""

    def step(driver: Driver) -> None:
        driver.guardian = guardian = driver.world.citizen()
        has_level(level)(type(driver)(driver.world, guardian))
        if named and driver.person.kind == "citizen":
            driver.world.renew(driver.person, guardian_number=guardian.record.personal_number)

    return step


def a_child_with_an_account(driver: Driver) -> None:
    parent()(driver)
    before = Domain(driver.world, driver.person)
    before.guardian = driver.guardian
    before.apply(1)
    before.make_active()


def fourteen_years_old(driver: Driver) -> None:
    """The birthday has come, with a new card and a phone of their own; the guardian is out of it."""
    driver.later(days=1)
    driver.world.renew(driver.person, card_expires_on=date(2037, 11, 24))
    driver.guardian = None


def a_new_card(driver: Driver) -> None:
    driver.world.renew(driver.person, card_expires_on=date(2046, 9, 2))


def on_the_parents_phone(driver: Driver) -> None:
    assert driver.guardian is not None
    driver.person.phone = driver.guardian.phone


def phone_of_another(driver: Driver) -> None:
    other = driver.world.citizen()
    Domain(driver.world, other).apply(2)
    driver.person.phone = other.phone


CHILD, SMALL, TODAY_14, TOMORROW_14 = date(2018, 5, 4), date(2021, 12, 1), born(14), born(14, later=1)
J = Journey
RENEWED = ("issued", 2, "active")
LEVEL_2 = (
    J("a citizen, at the counter", citizen(), (in_person, *at_the_counter), ("issued", 2, "issued")),
    J("and activated", citizen(), (in_person, *at_the_counter, activated), ("issued", 2, "active")),
    J("a foreigner with a TRC", foreigner(), (in_person, *at_the_counter), ("issued", 2, "issued")),
    J("and activated by passport", foreigner(), (in_person, *at_the_counter, activated), ("issued", 2, "active")),
    J("a foreigner with a PRC", foreigner(residence_kind="PRC"), (in_person, *at_the_counter), ("issued", 2, "issued")),
    J("a foreigner without biometrics", foreigner(has_biometrics=False), (in_person,), ("submitted", 0, "none")),
    J("14 today", citizen(TODAY_14), (in_person, *at_the_counter), ("issued", 2, "issued")),
    J("14 tomorrow", citizen(TOMORROW_14), (in_person,), "guardian-needed"),
    J("6 today, alone", citizen(born(6)), (in_person,), "guardian-needed"),
    J("6 tomorrow", citizen(born(6, later=1)), (in_person,), "too-young"),
    J("a foreigner, 14 tomorrow", foreigner(TOMORROW_14), (in_person,), "guardian-needed"),
    J("a foreigner, 6 tomorrow", foreigner(born(6, later=1)), (in_person,), "too-young"),
    J("a card that ended yesterday", citizen(card_expires_on=date(2026, 11, 22)), (in_person,), "card-expired"),
    J("a card on its last day", citizen(card_expires_on=TODAY), (in_person,), ("submitted", 0, "none")),
    J("a TRC that ended", foreigner(residence_expires_on=date(2026, 11, 22)), (in_person,), "residence-card-expired"),
    J("a passport that ended", foreigner(passport_expires_on=date(2026, 11, 22)), (in_person,), "passport-expired"),
    J("another kind of card", foreigner(residence_kind="LTV"), (in_person,), "residence-document-kind"),
    J("somebody who died", citizen(died_on=date(2026, 1, 1)), (in_person,), "register-mismatch"),
    J("a wrong name", citizen(), (does("apply", 2, full_name="Nguyễn Sai Tên"),), "register-mismatch"),
    J("the register away", citizen(), (register_away, in_person), "register-unavailable"),
    J("somebody else's phone", citizen(), (phone_of_another, in_person), "phone-used"),
    J("an open application", citizen(), (in_person, in_person), "application-open"),
    J("an account there is", citizen(), (has_level(2), in_person), "account-exists"),
    J("a renewed card, at the counter", citizen(), (has_level(2), a_new_card, in_person, *at_the_counter), RENEWED),
    J("a renewed card, online", citizen(), (has_level(2), a_new_card, online), RENEWED),
    J("taken back", citizen(), (in_person, withdrawn), ("withdrawn", 0, "none")),
    J("taken back after the visit", citizen(), (in_person, acknowledged, visit, withdrawn), ("withdrawn", 0, "none")),
    J("taken back, sent again", citizen(), (in_person, withdrawn, in_person), ("submitted", 0, "none")),
    J("a supplement answered", citizen(), (in_person, supplement, reply), ("resubmitted", 0, "none")),
    J(
        "an answer that completes the file",
        citizen(),
        (in_person, supplement, reply, *at_the_counter),
        ("issued", 2, "issued"),
    ),
    J(
        "a supplement never answered",
        citizen(),
        (in_person, supplement, does("later", days=31), does("chores")),
        ("abandoned", 0, "none"),
    ),
    J("not recognised", citizen(), (in_person, acknowledged, no_match, refused), ("refused", 0, "none")),
    J("not recognised, yet approved", citizen(), (in_person, acknowledged, no_match, approved), "not-matched"),
)
LEVEL_1 = (
    J("a citizen, online", citizen(), (online,), ("issued", 1, "issued")),
    J("and activated", citizen(), (online, activated), ("issued", 1, "active")),
    J(
        "activated with a card without end",
        citizen(date(1950, 1, 1), card_expires_on=None, card_issued_on=date(2021, 2, 3)),
        (online, activated),
        ("issued", 1, "active"),
    ),
    J("a wrong second proof", citizen(), (online, does("activate", proof="01/01/2001")), "activation-proof-wrong"),
    J("a foreigner waits", foreigner(), (online,), ("submitted", 0, "none")),
    J("and is approved", foreigner(), (online, *decided_by_two), ("issued", 1, "issued")),
    J("14 today, online", citizen(TODAY_14), (online,), ("issued", 1, "issued")),
    J("14 tomorrow, online", citizen(TOMORROW_14), (online,), "guardian-needed"),
    J("an expired card, online", citizen(card_expires_on=date(2026, 11, 22)), (online,), "card-expired"),
    J("a number in another name", citizen(), (number_in_another_name, online), "sim-not-own"),
    J("the operator away", citizen(), (operator_away, online), ("submitted", 0, "none")),
    J("and approved", citizen(), (operator_away, online, *decided_by_two), ("issued", 1, "issued")),
    J("a blank portrait", citizen(), (does("apply", 1, blank=True),), ("submitted", 0, "none")),
    J(
        "and refused",
        citizen(),
        (does("apply", 1, blank=True), acknowledged, refused),
        ("refused", 0, "none"),
    ),
    J("no biometrics on record", citizen(has_biometrics=False), (online,), ("submitted", 0, "none")),
    J("taken back online", foreigner(), (online, withdrawn), ("withdrawn", 0, "none")),
    J("no visit online", foreigner(), (online, acknowledged, visit), "application-state"),
    J("rises to level 2", citizen(), (has_level(1), rises, *at_the_counter), ("issued", 2, "active")),
    J("a foreigner rises", foreigner(), (has_level(1), rises, *at_the_counter), ("issued", 2, "active")),
    J("rises twice", citizen(), (has_level(1), rises, rises), "application-open"),
    J("level 2 already", citizen(), (has_level(2), rises), "level-held"),
)
GUARDIANS = (
    J("a parent adds a child", citizen(CHILD), (parent(), online), ("issued", 1, "issued")),
    J("and says yes", citizen(CHILD), (parent(), online, guardian_says_yes), ("issued", 1, "active")),
    J("and says no", citizen(CHILD), (parent(), online, guardian_says_no), "guardian-said-no"),
    J("a child under 6 waits", citizen(SMALL), (parent(), online), ("submitted", 0, "none")),
    J("and is approved", citizen(SMALL), (parent(), online, *decided_by_two), ("issued", 1, "issued")),
    J("a paper waits", citizen(CHILD), (parent(named=False), online), ("submitted", 0, "none")),
    J("and is refused", citizen(CHILD), (parent(named=False), online, acknowledged, refused), ("refused", 0, "none")),
    J("a foreign child", foreigner(CHILD), (parent(), online, *decided_by_two), ("issued", 1, "issued")),
    J("a parent of level 1", citizen(CHILD), (parent(1), online), "guardian-level"),
    J(
        "a child rises with the parent",
        citizen(CHILD),
        (a_child_with_an_account, ward_rises, *with_guardian),
        ("issued", 2, "active"),
    ),
    J(
        "a child without the parent at the counter",
        citizen(CHILD),
        (a_child_with_an_account, ward_rises, acknowledged, visit),
        "guardian-absent",
    ),
    J(
        "14 takes over",
        citizen(TOMORROW_14, card_expires_on=date(2026, 11, 24)),
        (a_child_with_an_account, fourteen_years_old, online),
        ("issued", 1, "issued"),
    ),
    J(
        "and activates alone",
        citizen(TOMORROW_14, card_expires_on=date(2026, 11, 24)),
        (a_child_with_an_account, fourteen_years_old, online, activated),
        ("issued", 1, "active"),
    ),
    J(
        "14 on the parent's phone",
        citizen(TOMORROW_14, card_expires_on=date(2026, 11, 24)),
        (a_child_with_an_account, on_the_parents_phone, fourteen_years_old, online),
        "phone-used",
    ),
)
HOLDER = (has_level(2), keeps_a_sheet)
VOUCHED = (*HOLDER, trusts_two, people_vouch)
THERE = ("issued", 2, "active")
RECOVERY = (
    J("a device's own lock", citizen(), (*HOLDER, with_a_device, sets_new_keys), THERE),
    J("a code and the phone", citizen(), (*HOLDER, with_a_code(), sets_new_keys), THERE),
    J("a foreigner's code", foreigner(), (*HOLDER, with_a_code(), sets_new_keys), THERE),
    J("a wrong code", citizen(), (*HOLDER, with_a_code(code="AAAA-BBBB-CCCC")), "recover-wrong"),
    J("the wrong phone", citizen(), (*HOLDER, with_a_code(otp="000000")), "otp-wrong"),
    J("two people", citizen(), (*VOUCHED, comes_back_after(72), sets_new_keys), THERE),
    J("an hour early", citizen(), (*VOUCHED, comes_back_after(71), sets_new_keys), "recover-other-step"),
    J(
        "stopped by a notice",
        citizen(),
        (*VOUCHED, comes_back_after(72), a_notice_stops_it, sets_new_keys),
        "recover-over",
    ),
    J("at the office", citizen(), (*HOLDER, at_the_office, sets_new_keys), THERE),
)
WRONG_NAME = {"about": "name", "words": "Thiếu chữ Thị"}
RIGHTS = (
    J("a question", citizen(), (has_level(2), asks("access", words="Ai đã xem?"), stands("open")), THERE),
    J(
        "answered",
        citizen(),
        (has_level(2), asks("access", words="Ai đã xem?"), the_desk_answers("granted"), stands("granted")),
        THERE,
    ),
    J(
        "asked twice",
        citizen(),
        (has_level(2), asks("rectify", **WRONG_NAME), asks("rectify", **WRONG_NAME)),
        "rights-already-open",
    ),
    J(
        "taken back",
        citizen(),
        (has_level(2), asks("rectify", **WRONG_NAME), takes_it_back, stands("taken-back")),
        THERE,
    ),
    J(
        "taken back twice",
        citizen(),
        (has_level(2), asks("rectify", **WRONG_NAME), takes_it_back, takes_it_back),
        "rights-over",
    ),
    J(
        "restricted",
        citizen(),
        (has_level(2), asks("restrict"), the_desk_answers("granted"), stands("granted", restricted=True)),
        THERE,
    ),
)
PARTS = (("2", LEVEL_2), ("1", LEVEL_1), ("ward", GUARDIANS), ("recovery", RECOVERY), ("rights", RIGHTS))
JOURNEYS = [(part, row) for part, rows in PARTS for row in rows]


@pytest.fixture(scope="module")
def world(templates: Any, engine: str, tmp_path_factory: pytest.TempPathFactory, vault: Any) -> Iterator[World]:
    with a_world(templates, engine, tmp_path_factory, vault) as made:
        yield made


@pytest.fixture(scope="module")
def one_world(templates: Any, tmp_path_factory: pytest.TempPathFactory, vault: Any) -> Iterator[World]:
    """For the pages: what differs between the engines lies in the verbs."""
    with a_world(templates, "sqlite", tmp_path_factory, vault) as made:
        yield made


@contextmanager
def a_world(templates: Any, engine: str, tmp_path_factory: pytest.TempPathFactory, vault: Any) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("journeys")
    url = templates.copy(engine, "bare", upgrade)
    opened, clock, registers = connect(url, vault), Clock(), f"sqlite:///{folder / 'registers.db'}"
    with opened.transaction() as db:
        load_units(db, now=A_MONDAY)
        keep_ahead(db, now=A_MONDAY)
    settings = Settings(
        setting=Setting.TEST, issuer="http://localhost", secret_key="s" * 40, var=folder, rate_limits=False
    )
    population, immigration = open_registers(registers)
    subscribers = open_subscribers(registers)
    services = Services(settings, clock, vault, population, immigration, subscribers=subscribers)
    app = create_app(settings, services, opened)
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False
    yield World(app, opened, clock, services, registers)
    for register in (population, immigration, subscribers):
        register.close()
    opened.engine.dispose()
    templates.discard(engine, url)


def test_there_are_enough_rows_and_each_is_another() -> None:
    names = [f"{part}: {row.says}" for part, row in JOURNEYS]
    assert len(names) == len(set(names)) >= 40


every_row = pytest.mark.parametrize(
    "row", [row for _, row in JOURNEYS], ids=[f"{part}: {row.says}" for part, row in JOURNEYS]
)


@every_row
def test_through_the_verbs_each_journey_ends_as_the_table_says(world: World, row: Journey) -> None:
    walk(row, Domain, world)


@every_row
def test_through_the_pages_each_journey_ends_as_the_table_says(one_world: World, row: Journey) -> None:
    walk(row, Pages, one_world)


def walk(row: Journey, drive: type[Driver], world: World) -> None:
    world.rewind()
    driver = drive(world, row.who(world))
    try:
        for step in row.steps:
            step(driver)
    except Refused as refusal:
        assert refusal.code == row.ends
    else:
        assert driver.result() == row.ends
