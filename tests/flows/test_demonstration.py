"""`make demo`: the contract of var/demo.json, its processes from start to end, and its refusals."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import create_engine, text

from identity.application import State
from tests.browser.conftest import Demo, running_demo
from tests.servers import ROOT, PostgreSQL, free_port

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
ROLES = {
    "guardian",
    "citizen", "foreigner", "officer_receiving", "officer_approving", "member", "lead", "coordinator", "leader",
    "rp_developer", "operator",
}  # fmt: skip


@pytest.fixture(scope="module")
def on_postgresql(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    url = postgresql.create("demonstration")
    with running_demo(tmp_path_factory.mktemp("demo"), DATABASE_URL=url, DEMO_PEOPLE="20") as demo:
        yield demo


def test_the_file_tells_everything_that_tools_need(on_postgresql: Demo) -> None:
    known = on_postgresql.known
    assert {person["role"] for person in known["people"]} >= ROLES
    assert {client["profile"] for client in known["clients"]} == {"standard", "machine", "fapi2"}
    for client in known["clients"]:
        keys = [key["kid"] for key in client.get("jwks_private", {"keys": []})["keys"] if key["d"]]
        assert keys if client["profile"] == "fapi2" else client["auth_method"] == "client_secret_basic"
    first = next(client for client in known["clients"] if client["profile"] == "fapi2")
    assert first["auth_method"] == "private_key_jwt"
    for role in ("citizen", "foreigner"):
        assert {person["state"] for person in known["people"] if person["role"] == role} == {"active", "issued", "none"}
    assert known["activation"].keys() <= {person["login"] for person in known["people"]}
    assert sum(person["role"] == "citizen" and person["state"] == "active" for person in known["people"]) >= 23


def test_the_ward_has_sixty_applications_in_all_states(on_postgresql: Demo) -> None:
    engine = create_engine(on_postgresql.known["database_url"])
    with engine.connect() as connection:
        found = connection.execute(text("SELECT state, count(*) AS number FROM application GROUP BY state"))
        states = {row.state: row.number for row in found}
    engine.dispose()
    assert sum(states.values()) >= 60
    assert states.keys() == {state.value for state in State} - {"approved"}, "an approved one is issued at once"


def test_the_team_has_worked_for_weeks_and_two_whom_it_helped_have_activated(on_postgresql: Demo) -> None:
    """A record counts for others from the day after it came: with all of them from today the desk would be empty."""
    engine = create_engine(on_postgresql.known["database_url"])
    with engine.connect() as connection:
        days = connection.scalars(text("SELECT received_at FROM assistance_event")).all()
        helped = connection.scalar(text("SELECT count(*) FROM assistance_event WHERE pseudonym IS NOT NULL"))
    engine.dispose()
    last = max(days)
    assert sum(day < last - timedelta(days=1) for day in days) >= 40
    assert helped == 2


def test_everything_answers(on_postgresql: Demo) -> None:
    ready = requests.get(f"{on_postgresql.portal}/readyz", timeout=10)
    assert (ready.status_code, all(ready.json().values())) == (200, True)
    issuer = requests.get(f"{on_postgresql.portal}/.well-known/openid-configuration", timeout=10).json()["issuer"]
    assert issuer == on_postgresql.known["issuer"]
    assert requests.get(on_postgresql.known["relying_party"], timeout=10).status_code == 200


def test_a_machine_gets_its_registered_scopes_without_asking(on_postgresql: Demo) -> None:
    client = next(client for client in on_postgresql.known["clients"] if client["profile"] == "machine")
    answer = requests.post(
        f"{on_postgresql.portal}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(client["client_id"], client["client_secret"]),
        timeout=10,
    ).json()
    assert answer["scope"].split() == client["scopes"]


def test_a_second_start_takes_up_the_same_world_and_nothing_runs_on(tmp_path: Path) -> None:
    with running_demo(tmp_path) as first:
        pass
    with pytest.raises(requests.ConnectionError):
        requests.get(first.portal, timeout=2)
    with running_demo(tmp_path) as second:
        moved = requests.get(second.known["relying_party"], timeout=10)
    assert second.known["people"] == first.known["people"]
    assert second.portal != first.portal, "it was started on another port"
    assert moved.status_code == 200


def refused(folder: Path, **environment: str) -> str:
    started = subprocess.run(
        [sys.executable, "-m", "portal.demo"],
        cwd=ROOT,
        env={**os.environ, "VAR": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert started.returncode == 1
    return started.stderr


def test_a_busy_port_is_said_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        assert f"port {port} is in use" in refused(tmp_path, PORT=str(port))


def test_it_runs_in_no_other_setting(tmp_path: Path) -> None:
    assert "demonstration" in refused(tmp_path, SETTING="production", PORT=str(free_port()))
