"""`make bench`: what a page and a code flow cost in server CPU, on a fresh demonstration over PostgreSQL.

CPU seconds of the portal process for 1,000 operations are the steady figure; wall time depends on the neighbours.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import secrets
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import requests

from tests.browser.conftest import Demo, running_demo
from tests.servers import PostgreSQL

TICKS = 100


class Meter:
    """CPU and memory of the processes that serve the portal."""

    def __init__(self, port: int) -> None:
        marker = f"--port\0{port}\0".encode()
        self.processes = [
            path.parent
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if marker in _read(path) or marker in _read(path.parent.parent / _parent(path.parent) / "cmdline")
        ]

    def cpu(self) -> float:
        """Seconds so far, user and system."""
        fields = (_read(process / "stat").rpartition(b")")[2].split() for process in self.processes)
        return sum(int(field[11]) + int(field[12]) for field in fields) / TICKS

    def resident(self) -> float:
        """Megabytes resident, the largest of the processes."""
        pages = (int(_read(process / "statm").split()[1]) for process in self.processes)
        return max(pages) * 4096 / 1e6


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _parent(process: Path) -> str:
    fields = _read(process / "stat").rpartition(b")")[2].split()
    return fields[1].decode() if fields else "0"


def measure(meter: Meter, name: str, times: int, operation: Callable[[], None]) -> None:
    """Print milliseconds of CPU and of wall time an operation."""
    for _ in range(3):
        operation()
    cpu, wall = meter.cpu(), time.monotonic()
    for _ in range(times):
        operation()
    spent = (meter.cpu() - cpu) / times * 1000
    print(f"{name:42} {spent:8.2f} ms CPU {(time.monotonic() - wall) / times * 1000:8.1f} ms wall   ({times} times)")


def page(session: requests.Session, url: str) -> Callable[[], None]:
    def operation() -> None:
        answer = session.get(url, timeout=30)
        assert answer.status_code == 200, (url, answer.status_code)

    return operation


def token_in(html: str) -> str:
    return html.partition('name="csrf_token" value="')[2].partition('"')[0]


def signed_in(demo: Demo, person: dict[str, Any]) -> requests.Session:
    session = requests.Session()
    for path, answers in (
        ("/sign-in", {"login": person["login"], "password": person["password"]}),
        ("/sign-in/second", {"otp": pyotp.TOTP(person["totp_secret"]).now()}),
    ):
        form = session.get(f"{demo.portal}{path}", timeout=30).text
        session.post(f"{demo.portal}{path}", data={**answers, "csrf_token": token_in(form)}, timeout=30)
    return session


class CodeFlow:
    """Authorize → code → token → userinfo, as a relying party's server would do it."""

    def __init__(self, demo: Demo, session: requests.Session) -> None:
        self.session, self.client = session, next(c for c in demo.known["clients"] if c["profile"] == "standard")
        self.paths = session.get(f"{demo.portal}/.well-known/openid-configuration", timeout=30).json()

    def consent(self) -> None:
        answer = self._authorize("v" * 43, allow_redirects=True)
        form = {"csrf_token": token_in(answer.text), "decision": "approve"}
        action = answer.text.partition('<form class="consent" method="post" action="')[2].partition('"')[0]
        target = action.replace("&amp;", "&") if action.startswith("http") else self.paths["issuer"] + action
        self.session.post(target.replace("&amp;", "&"), data=form, allow_redirects=False, timeout=30)

    def __call__(self) -> None:
        verifier = secrets.token_urlsafe(32)
        where = self._authorize(verifier, allow_redirects=False).headers["Location"]
        code = parse_qs(urlsplit(where).query)["code"][0]
        secret = (self.client["client_id"], self.client["client_secret"])
        said = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        said["redirect_uri"] = self.client["redirect_uris"][0]
        token = requests.post(self.paths["token_endpoint"], data=said, auth=secret, timeout=30).json()
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        assert "sub" in requests.get(self.paths["userinfo_endpoint"], headers=bearer, timeout=30).json()

    def _authorize(self, verifier: str, *, allow_redirects: bool) -> requests.Response:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.client["client_id"],
            "redirect_uri": self.client["redirect_uris"][0],
            "scope": "openid profile",
            "state": "s",
            "nonce": "n",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        url = self.paths["authorization_endpoint"]
        return self.session.get(url, params=asked, allow_redirects=allow_redirects, timeout=30)


def run(demo: Demo, times: int) -> None:
    meter = Meter(urlsplit(demo.portal).port or 80)
    visitor, resident = requests.Session(), signed_in(demo, demo.person("citizen"))
    officer = signed_in(demo, demo.person("officer_receiving"))
    for name, session, path in (
        ("home page", visitor, "/"),
        ("start of an application", visitor, "/apply"),
        ("sign-in page", visitor, "/sign-in"),
        ("account overview", resident, "/account"),
        ("officer's queue", officer, "/office/queue"),
        ("discovery", visitor, "/.well-known/openid-configuration"),
    ):
        measure(meter, name, times, page(session, f"{demo.portal}{path}"))
    flow = CodeFlow(demo, resident)
    flow.consent()
    measure(meter, "code flow (authorize, token, userinfo)", times, flow)
    print(f"{'memory of a portal process':42} {meter.resident():8.0f} MB resident")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=300)
    parser.add_argument("--sqlite", action="store_true", help="measure on SQLite instead")
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    if chosen.sqlite:
        with running_demo(folder) as demo:
            run(demo, chosen.times)
        return
    server = PostgreSQL.start()
    with server.stop, running_demo(folder, DATABASE_URL=server.create("bench")) as demo:
        run(demo, chosen.times)


if __name__ == "__main__":
    main()
