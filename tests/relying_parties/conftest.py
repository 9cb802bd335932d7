"""Node with the packages of this folder, and services registered at the live portal."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.pages import Resident
from tests.conftest import missing
from tests.live.portal import Live
from tests.machine import node

HERE = Path(__file__).parent
PATIENCE_SECONDS = 90


@pytest.fixture(scope="session")
def packages() -> str:
    """Path of Node; the packages of package-lock.json are installed."""
    found = node()
    if found is None:
        missing("no Node 20 or newer on this machine")
    if not (HERE / "node_modules" / "openid-client").is_dir():
        command = [*npm(str(found)), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=300)
        if done.returncode:
            missing(f"the packages for Node cannot be installed: {done.stderr[-500:]}")
    return str(found)


def npm(found: str) -> list[str]:
    """npm of the machine, else the one that came with this Node."""
    beside = Path(found).parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return ["npm"] if shutil.which("npm") else [found, str(beside)]


Run = Callable[..., dict[str, Any]]
Acts = Mapping[str, Callable[[str], None]]
"""What a relying party may ask for besides visits: a word, and what is done with its value."""
_NOTHING_ELSE: Acts = {}


@pytest.fixture
def run(packages: str, live: Live) -> Iterator[Run]:
    """`run("standard.mjs", given)`: what the relying party learned; a resident makes its visits."""
    started: list[subprocess.Popen[str]] = []

    def start(
        script: str, given: Mapping[str, Any], resident: Resident | None = None, acts: Acts = _NOTHING_ELSE
    ) -> dict[str, Any]:
        environment = {**os.environ, "NODE_EXTRA_CA_CERTS": live.trust, "NODE_NO_WARNINGS": "1"}
        started.append(
            subprocess.Popen(
                [packages, str(HERE / script)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                text=True,
            )
        )
        return _talk(started[-1], {"issuer": live.issuer, **given}, resident or a_resident(live), acts)

    yield start
    for party in started:
        party.kill()
        party.communicate()


def a_resident(live: Live, number: int = 0) -> Resident:
    person = live.people[number]
    return Resident(live.issuer, live.trust, person.login, person.password, person.otp)


def _talk(party: subprocess.Popen[str], given: dict[str, Any], resident: Resident, acts: Acts) -> dict[str, Any]:
    assert party.stdin and party.stdout and party.stderr
    _tell(party, given)
    for line in party.stdout:
        said = json.loads(line)
        if "done" in said:
            learned: dict[str, Any] = said["done"]
            return learned
        if "visit" not in said:
            [(word, value)] = said.items()
            acts[word](value)
            _tell(party, {})
            continue
        landing = resident.visit(said["visit"])
        assert landing.is_back, f"{landing.status} {landing.url} {landing.shown}"
        _tell(party, {"back": landing.whole})
    raise AssertionError(party.stderr.read())


def _tell(party: subprocess.Popen[str], value: Mapping[str, Any]) -> None:
    assert party.stdin
    party.stdin.write(json.dumps(value) + "\n")
    party.stdin.flush()
