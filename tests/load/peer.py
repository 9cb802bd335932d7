"""npm's oidc-provider beside the portal: the certified provider that the figures are compared with.

One Node process, as the portal is one process; Redis, which syncs once a second, where it is installed. Its packages
are installed the first time. What it lacks beside ours: an audit trail, rate limits, a gate asked at each step.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urljoin

import requests

from tests.load.flows import CALLBACK, Provider, wish
from tests.machine import node
from tests.relying_parties.conftest import npm
from tests.servers import free_port

FOLDER = Path(__file__).parent / "peer"
PATIENCE_SECONDS = 30


@contextlib.contextmanager
def running_peer() -> Iterator[tuple[Provider, list[int]] | None]:
    """The peer with somebody signed in who agreed to everything, and its processes; None where Node is missing."""
    found = node()
    if found is None or not _installed(str(found)):
        yield None
        return
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-peer-")))
        processes: list[subprocess.Popen[bytes]] = []
        address = ""
        if shutil.which("redis-server"):
            address = str(folder / "redis")
            processes.append(stack.enter_context(_started(["redis-server", "-"], folder, _redis(folder, address))))
            _wait(lambda: Path(address).exists())
        port, secret = free_port(), secrets.token_urlsafe(32)
        given = {"PORT": str(port), "REDIS_URL": address, "CLIENT_SECRET": secret, "NODE_ENV": "production"}
        command = [str(found), str(FOLDER / "server.mjs")]
        processes.append(stack.enter_context(_started(command, folder, "", **given)))
        yield _signed_in(f"http://127.0.0.1:{port}", secret), [process.pid for process in processes]


def _installed(found: str) -> bool:
    if (FOLDER / "node_modules" / "oidc-provider").is_dir():
        return True
    command = [*npm(found), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    return subprocess.run(command, cwd=FOLDER, capture_output=True, timeout=300).returncode == 0


def _redis(folder: Path, address: str) -> str:
    return f'port 0\nunixsocket {address}\ndir {folder}\nappendonly yes\nappendfsync everysec\nsave ""\n'


@contextlib.contextmanager
def _started(command: list[str], folder: Path, said: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=log, env={**os.environ, **environment}
        )
    try:
        process.stdin.write(said.encode())
        process.stdin.close()
        yield process
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)


def _wait(is_there: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_there():
        if time.monotonic() > end:
            raise TimeoutError("the peer did not come up")
        time.sleep(0.05)


def _answers(portal: str) -> bool:
    with contextlib.suppress(requests.ConnectionError):
        return requests.get(f"{portal}/.well-known/openid-configuration", timeout=5).ok
    return False


def _signed_in(portal: str, secret: str) -> Provider:
    """Its development pages take any password; they are passed once."""
    _wait(lambda: _answers(portal))
    paths = requests.get(f"{portal}/.well-known/openid-configuration", timeout=5).json()
    usual, refreshing, rsa = (
        {"client_id": name, "client_secret": secret, "redirect_uris": [CALLBACK]}
        for name in ("usual", "refreshing", "rsa")
    )
    session = requests.Session()
    for client in (usual, refreshing, rsa):
        asked = wish(client, "v" * 43)
        page = session.get(paths["authorization_endpoint"], params=asked, allow_redirects=False, timeout=30)
        while not (where := urljoin(page.url, page.headers["Location"])).startswith(CALLBACK):
            page = session.get(where, allow_redirects=False, timeout=30)
            if page.status_code == 200:
                step = "login" if 'value="login"' in page.text else "consent"
                said = {"prompt": step, "login": "somebody", "password": "anything"}
                page = session.post(where, data=said, allow_redirects=False, timeout=30)
    return Provider(paths, usual, usual, refreshing, session, rsa)
