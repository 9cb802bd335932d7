"""Starts the portal, its worker and the relying party, and ends all of them together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType

GRACE_SECONDS = 8.0


class Interrupted(Exception):
    """Ctrl-C or a termination signal."""


class Processes:
    """Children of this process, each in a session of its own so that a signal reaches its children too."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder, self.environment = folder, environment
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, arguments: list[str]) -> None:
        """Start `python …`; what it prints goes to a log of its own."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, *arguments],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_for(self, name: str, url: str, seconds: float = 60) -> None:
        """Wait until `url` answers; a process that ends before is an error with the end of its log."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.running[name].poll() is None:
            with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=2):  # noqa: S310 - http
                return
            time.sleep(0.1)
        raise RuntimeError(f"{name} did not start:\n{self._log_of(name)}")

    def watch(self) -> None:
        """Return when one of them ends by itself; says which."""
        while True:
            for name, process in self.running.items():
                if process.poll() is not None:
                    raise RuntimeError(f"{name} ended:\n{self._log_of(name)}")
            time.sleep(0.5)

    def end(self) -> None:
        """Ask all to end, then insist."""
        for process in self.running.values():
            _signal(process, signal.SIGTERM)
        end = time.monotonic() + GRACE_SECONDS
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(end - time.monotonic(), 0.1))
        for process in self.running.values():
            _signal(process, signal.SIGKILL)
            process.wait()

    def _log_of(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-3000:]


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def interrupt_on_signals() -> None:
    """Turn Ctrl-C, a termination signal and a closed terminal into `Interrupted`."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise Interrupted

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
