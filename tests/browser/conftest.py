"""A real Chromium before a real demonstration: portal, worker and relying party as `make demo` starts them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.visitor import Visitor
from tests.conftest import missing
from tests.machine import chromium
from tests.servers import ROOT, free_port

START_SECONDS = 180
SHARED: list[Browser] = []
"""One browser a process: other folders use this fixture too, and a second playwright would not start beside it."""
TEST_OTP = "135790"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process takes all of these: they share the demonstration and the browser."""
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass(frozen=True)
class Demo:
    """The running demonstration; `known` is var/demo.json."""

    folder: Path
    known: dict[str, Any]

    @property
    def portal(self) -> str:
        return str(self.known["portal"])

    def person(self, role: str, state: str = "active", skip: int = 0) -> dict[str, Any]:
        found = [person for person in self.known["people"] if (person["role"], person["state"]) == (role, state)]
        return found[skip]

    def messages_to(self, address: str) -> list[str]:
        """Texts sent to an address, oldest first."""
        entries = [json.loads(path.read_text()) for path in sorted((self.folder / "messages").glob("*.json"))]
        return [entry["text"] for entry in entries if entry["to"] == address]

    def wait_for_message(self, address: str, wanted: Callable[[str], str | None], seconds: float = 40) -> str:
        """What `wanted` finds in the newest message that has it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for text in reversed(self.messages_to(address)):
                if found := wanted(text):
                    return found
            time.sleep(0.1)
        raise AssertionError(f"no such message to {address}: {self.messages_to(address)}")


@contextmanager
def running_demo(folder: Path, **environment: str) -> Iterator[Demo]:
    """`python -m portal.demo` in `folder`, ended with the signal that Ctrl-C sends."""
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "ISSUER"}}
    port = str(free_port())
    settings = {"VAR": str(folder), "PORT": port, "RATE_LIMITS": "off", "TEST_OTP": TEST_OTP, **environment}
    log = folder / "demo.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.demo"], cwd=ROOT, env={**inherited, **settings}, stdout=output, stderr=output
        )
    try:
        end = time.monotonic() + START_SECONDS
        while "Ctrl-C ends it" not in log.read_text():
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        yield Demo(folder, json.loads((folder / "demo.json").read_text()))
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The one that RUNNING_DEMO names (its var folder), else a fresh one."""
    if there := os.environ.get("RUNNING_DEMO"):
        yield Demo(Path(there), json.loads((Path(there) / "demo.json").read_text()))
        return
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        missing("no Chromium on this machine")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    is_first = not SHARED
    if is_first:
        playwright = sync_playwright().start()
        SHARED.append(playwright.chromium.launch(executable_path=path, args=arguments))
    yield SHARED[0]
    if is_first:
        SHARED.pop().close()
        playwright.stop()


@pytest.fixture
def visit(browser: Browser, demo: Demo) -> Iterator[Callable[..., Visitor]]:
    """`visit(width=390, locale="vi")`: a person with a browser of their own. Their complaints fail the test."""
    visitors: list[Visitor] = []

    def open_browser(width: int = 390, locale: str = "vi", **options: Any) -> Visitor:
        visitors.append(Visitor.arrive(browser, demo.portal, width, locale, **options))
        return visitors[-1]

    yield open_browser
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.context.close()
    assert complaints == []
