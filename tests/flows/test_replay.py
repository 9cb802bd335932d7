"""A published campaign, played again at a small scale: the same figures, whatever happens on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click import ClickException
from flask.testing import FlaskClient
from sqlalchemy import text

from identity.base import Refused
from identity.deadlines import Calendar, today_in_vietnam
from identity.key_check import remember_keys
from identity.oidc.profiles import Profile
from identity.registers.synthetic import SyntheticForeigner
from identity.vault import Vault
from portal.database import Database
from portal.demo.replay import campaign, command
from portal.demo.replay.acts import Scene, do_day
from portal.demo.replay.campaign import read
from portal.demo.replay.people import person
from portal.demo.replay.plan import Act, Step, draw_plan
from portal.demo.replay.player import Asked, Player
from portal.demo.replay.run import Figures, Told, replay
from portal.demo.replay.staff import desk_of
from portal.gateways.keys import save
from portal.settings import Setting, Settings
from tests.fakes import A_MONDAY, Clock
from tests.identity.oidc.making import SECRET, a_service

SCALE = 1000
EXPECTED = Figures(applied=51, issued=44, activated=34)
DAYS_BEFORE_A_KILL = (3, 12, 21)
"""So many days are told of before the first kill, the second, the third; those that were done are told again."""


@pytest.fixture
def asked(database_url: str, vault: Vault, tmp_path: Path) -> Asked:
    save(tmp_path / "keys", vault.keys)
    settings = Settings(
        setting=Setting.TEST,
        issuer="http://localhost",
        secret_key="a secret key that only the tests use",
        var=tmp_path,
        keys=tmp_path / "keys",
        database_url=database_url,
        register_database_url=f"sqlite:///{tmp_path / 'registers.db'}",
    )
    return Asked(settings, scale=SCALE)


def steps_of(act: Act, scale: int = SCALE) -> list[Step]:
    plan = draw_plan(read("2025", scale))
    return sorted((step for day in plan.values() for step in day.get(act, ())), key=lambda step: step.number)


def moments(database: Database, column: str, table: str, kind: str) -> list[datetime]:
    query = text(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL AND {kind} ORDER BY 1")
    with database.session(write=False) as db:
        found = [row[0] for row in db.execute(query)]
    return [datetime.fromisoformat(one) if isinstance(one, str) else one for one in found]


def days(steps: list[Step]) -> Counter[date]:
    return Counter(today_in_vietnam(step.at) for step in steps)


def days_at(found: list[datetime]) -> Counter[date]:
    utc = (one if one.tzinfo else one.replace(tzinfo=UTC) for one in found)
    return Counter(today_in_vietnam(one) for one in utc)


def count(database: Database, query: str) -> int:
    with database.session(write=False) as db:
        return int(db.execute(text(query)).scalar_one())


def check_figures(database: Database) -> None:
    """The published figures, by plain SQL and day by day."""
    residents = "kind = 'resident'"
    assert days_at(moments(database, "submitted_at", "application", "true")) == days(steps_of(Act.APPLY))
    assert days_at(moments(database, "issued_at", "account", residents)) == days(steps_of(Act.APPROVE))
    assert days_at(moments(database, "activated_at", "account", residents)) == days(steps_of(Act.ACTIVATE))
    states = "SELECT count(*) FROM account WHERE kind = 'resident' AND state = '{}'"
    assert count(database, states.format("issued")) == EXPECTED.waiting
    assert count(database, states.format("active")) == EXPECTED.activated
    assert count(database, "SELECT count(DISTINCT account_id) FROM passkey") == EXPECTED.activated


def test_a_replay_that_was_stopped_ends_with_the_published_figures_and_does_nothing_twice(
    asked: Asked, database: Database
) -> None:
    told: list[date] = []
    with pytest.raises(Stopped):
        replay(asked, 1, stop_on(date(2025, 7, 20)))
    assert 0 < count(database, "SELECT count(*) FROM application") < EXPECTED.applied
    assert replay(asked, 1, lambda day, _so_far, _of: told.append(day)) == EXPECTED
    assert told == read("2025").days
    check_figures(database)
    events = count(database, "SELECT count(*) FROM audit_event")
    assert replay(asked, 1, lambda *_: None) == EXPECTED
    assert count(database, "SELECT count(*) FROM audit_event") == events
    check_what_it_left(database)


class Stopped(Exception):
    """Somebody pressed Ctrl-C."""


def stop_on(last: date) -> Told:
    def told(day: date, _so_far: int, _of: int) -> None:
        if day == last:
            raise Stopped

    return told


def check_what_it_left(database: Database) -> None:
    unsent = "SELECT count(*) FROM outbox_message WHERE delivered_at IS NULL OR payload_sealed IS NOT NULL"
    assert count(database, unsent) == 0, "a message of a replay waits for a worker, or keeps what it said"
    one_pair = "SELECT count(*) FROM application WHERE decided_by_id = received_by_id"
    assert count(database, one_pair) == 0, "an officer decided on a file that they had received"
    at = moments(database, "at", "audit_event", "name LIKE 'application:%'")
    assert {day.month for day in days_at(at)} == {7, 8}
    assert count(database, "SELECT count(*) FROM application WHERE home_unit_id IS NULL") == 0
    assert count(database, "SELECT count(*) FROM campaign") == 1
    assert count(database, "SELECT count(*) FROM campaign_group") == 15
    provinces = "SELECT count(*) FROM campaign_unit JOIN unit ON unit.id = unit_id WHERE kind = 'province'"
    assert count(database, provinces) == 34


@contextmanager
def started(asked: Asked, processes: int) -> Iterator[subprocess.Popen[str]]:
    settings = asked.settings
    environment = {
        **os.environ,
        "SETTING": "test",
        "ISSUER": settings.issuer,
        "SECRET_KEY": settings.secret_key,
        "VAR": str(settings.var),
        "KEYS": str(settings.keys),
        "DATABASE_URL": settings.database_url,
        "REGISTER_DATABASE_URL": settings.register_database_url,
        "FLASK_APP": "wsgi",
    }
    arguments = ["demo", "replay", "--scale", str(SCALE), "--processes", str(processes)]
    command_line = [sys.executable, "-u", "-m", "flask", *arguments]
    with subprocess.Popen(
        command_line, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)


def test_a_replay_that_was_killed_three_times_goes_on_and_ends_with_the_same(
    asked: Asked, database: Database, engine: str
) -> None:
    begun = 0
    for days_told in DAYS_BEFORE_A_KILL:
        with started(asked, processes=2 if engine == "postgresql" and not begun else 1) as running:
            assert running.stdout is not None
            for _ in range(days_told):
                assert running.stdout.readline()
            os.killpg(running.pid, signal.SIGKILL)
        before, begun = begun, count(database, "SELECT count(*) FROM application")
        assert begun > before, "how far it came before the signal is nobody's to say"
    assert replay(asked, 1, lambda *_: None) == EXPECTED
    check_figures(database)


@pytest.mark.any_engine
def test_after_a_replay_the_feeds_and_plain_sql_give_the_same_published_shares(
    asked: Asked, database: Database, client: FlaskClient, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    afterwards = datetime(2026, 1, 5, 5, tzinfo=UTC)
    command.run(asked.settings, "2025", 500, None, 1, clock=time.monotonic, now=lambda: afterwards)
    assert capsys.readouterr().out.splitlines()[-4:-1] == [
        "applied        102",
        "issued          88   86.3% of applied",
        "activated       67   76.1% of issued, 65.7% of applied",
    ]
    residents = "SELECT count(*) FROM account WHERE kind = 'resident' AND {}"
    applied = count(database, "SELECT count(*) FROM application WHERE level = 2")
    issued, activated = (count(database, residents.format(one)) for one in ("true", "activated_at IS NOT NULL"))
    assert (applied, issued, activated, issued - activated) == (102, 88, 67, 21)
    told = {code: as_published(client, database, code, clock.now) for code in SHARES}
    assert told == {
        "issued-of-applied": ("value", issued, applied),
        "activated-of-issued": ("value", activated, issued),
        "activated-of-applied": ("value", activated, applied),
    }
    assert count(database, "SELECT count(*) FROM campaign_group") == 15
    clock.advance(days=1)
    with database.transaction() as db:
        remember_keys(db)
    runner = client.application.test_cli_runner()
    sealed, verified = (runner.invoke(args=["audit", verb]) for verb in ("seal", "verify"))
    assert "events are sealed" in sealed.output
    assert verified.exit_code == 0, verified.output
    assert "nothing was changed" in verified.output


SHARES = ("issued-of-applied", "activated-of-issued", "activated-of-applied")


def as_published(client: FlaskClient, database: Database, code: str, now: datetime) -> tuple[str, int, int]:
    """What a program of another body is answered about the whole country in the year."""
    client_id = f"counts-{code}"
    with database.transaction() as db:
        said: Any = {"redirect_uris": (), "post_logout_redirect_uris": (), "items": {}, "scopes": ("statistics",)}
        a_service(db, now=now, client_id=client_id, profile=Profile.MACHINE, subject_type="public", **said)
    basic = b64encode(f"{client_id}:{SECRET}".encode()).decode()
    form = {"grant_type": "client_credentials"}
    token = client.post("/oauth/token", data=form, headers={"Authorization": f"Basic {basic}"}).json["access_token"]
    path = f"/exchange/indicators/{code}/facts?unit=VN&period=2025"
    found = client.get(path, headers={"Authorization": f"Bearer {token}"}).json
    return found["status"], found["numerator"], found["denominator"]


def test_the_plan_has_the_published_figures_at_every_scale() -> None:
    whole = read("2025")
    assert (whole.applied, whole.issued, whole.activated, len(whole.groups)) == (50_809, 43_926, 33_601, 15)
    assert whole.issued - whole.activated == 10_325
    small = read("2025", 20)
    assert [len(steps_of(act, 20)) for act in (Act.APPLY, Act.APPROVE, Act.ACTIVATE)] == [2540, 2196, 1680]
    assert sum(map(len, small.lanes)) == 15


def test_everybody_comes_step_by_step_and_officers_work_on_working_days() -> None:
    whole, plan = read("2025", 50), draw_plan(read("2025", 50))
    assert plan == draw_plan(read("2025", 50)), "the same seed plays the same campaign"
    assert {number for number, _day in plan} == {group.number for group in whole.groups}
    by_person: dict[int, list[Step]] = {}
    for (_group, day), acts in plan.items():
        for step in (step for steps in acts.values() for step in steps):
            assert today_in_vietnam(step.at) == day
            assert whole.first_day <= day <= whole.last_day
            by_person.setdefault(step.number, []).append(step)
            if step.act not in (Act.APPLY, Act.ACTIVATE):
                assert Calendar().is_working_day(day)
    order = list(Act)
    for steps in by_person.values():
        in_time = sorted(steps, key=lambda step: step.at)
        assert [order.index(step.act) for step in in_time] == sorted(order.index(step.act) for step in in_time)


def test_groups_that_share_an_office_never_work_at_the_same_moment() -> None:
    lanes = read("2025").lanes
    for lane in lanes:
        for other in (other for other in lanes if other is not lane):
            assert not campaign.provinces_of(lane) & campaign.provinces_of(other)


def test_a_replay_is_refused_where_real_people_are(asked: Asked) -> None:
    from portal.demo.commands import check_made_up

    with pytest.raises(Exception, match="refused in production"):
        check_made_up(asked.settings.model_copy(update={"setting": Setting.PRODUCTION}))
    check_made_up(asked.settings)


def test_a_campaign_that_nobody_published_is_named_in_the_answer(asked: Asked) -> None:
    with pytest.raises(Exception, match="no campaign 1999; there is 2025, dak-lak"):
        command.run(asked.settings, "1999", 1, None, 1, clock=lambda: 0.0, now=lambda: A_MONDAY)


def test_a_replay_beside_others_of_its_people_ends_with_a_sentence(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    def others(*_args: Any) -> Figures:
        raise Refused("account-exists")

    monkeypatch.setattr(command, "replay", others)
    with pytest.raises(ClickException, match="account-exists: others of the campaign are here"):
        command.run(asked.settings, "2025", 1, None, 1, clock=lambda: 0.0, now=lambda: A_MONDAY)


class Namesakes(Scene):
    """Everybody bears one name, was born on one day and lives in one place; papers and numbers are their own."""

    def person(self, number: int) -> SyntheticForeigner:
        shared = ("surname", "given_names", "birth_date", "unit_code")
        one, first = super().person(number), super().person(0)
        return replace(one, **{name: getattr(first, name) for name in shared})


@pytest.mark.any_engine
def test_an_officer_says_that_namesakes_are_two_before_both_are_issued_an_account(
    asked: Asked, database: Database
) -> None:
    player = Player(asked)
    player.prepare()
    at, acts = datetime(2025, 7, 7, 1, tzinfo=UTC), (Act.APPLY, Act.RECEIVE, Act.VISIT, Act.APPROVE)
    moments = {act: at + timedelta(minutes=30 * place) for place, act in enumerate(acts)}
    with player.database.transaction() as db:
        home = person(0, asked.seed, player.played.first_day).unit_code
        province = campaign.province_by_commune(player.played.first_day)[home]
        group = next(group for group in player.played.groups if province in group.provinces)
        scene = Namesakes(player.played, asked.seed, desk_of(db, player.played, group), player.settled)
        do_day(db, scene, {act: [Step(act, number, moments[act]) for number in range(2)] for act in acts})
    player.close()
    assert count(database, "SELECT count(*) FROM account WHERE kind = 'resident'") == 2
    told = "SELECT count(*) FROM office_task WHERE kind = 'linking' AND outcome = 'two-people'"
    assert count(database, told) == 1
