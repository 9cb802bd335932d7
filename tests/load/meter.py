"""CPU time and memory of running processes, as the kernel counts them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

TICKS = 100
SHARE = re.compile(rb"^Pss:\s+(\d+)", re.MULTILINE)


class Meter:
    """CPU time and memory of some processes."""

    def __init__(self, find: Callable[[], Iterable[Path]]) -> None:
        self.find = find

    @classmethod
    def of_portal(cls, port: int) -> Meter:
        """Everything that serves this port."""
        marker = f"--port\0{port}\0".encode()
        served = [path.parent for path in Path("/proc").glob("[0-9]*/cmdline") if marker in _read(path)]
        return cls(lambda: served)

    @classmethod
    def of_server(cls, folder: Path) -> Meter:
        """A PostgreSQL server and the backends that it has at the moment."""
        first = (folder / "data" / "postmaster.pid").read_text().split()[0]
        return cls(
            lambda: (process for process in Path("/proc").glob("[0-9]*") if first in (process.name, _parent(process)))
        )

    @classmethod
    def of(cls, pids: Iterable[int]) -> Meter:
        """These processes."""
        folders = [Path("/proc") / str(pid) for pid in pids]
        return cls(lambda: folders)

    def cpu(self) -> float:
        """Seconds so far, user and system, with those of children that have ended."""
        fields = (_fields(process) for process in self.find())
        return sum(int(ticks) for field in fields for ticks in field[11:15]) / TICKS

    def resident(self) -> float:
        """Megabytes resident, the largest of the processes."""
        pages = (int(_read(process / "statm").split()[1]) for process in self.find())
        return max(pages) * 4096 / 1e6

    def proportional(self) -> float:
        """Megabytes of all of them together, what they share counted once (PSS)."""
        told = (SHARE.search(_read(process / "smaps_rollup")) for process in self.find())
        return sum(int(one[1]) for one in told if one) * 1024 / 1e6


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _fields(process: Path) -> list[str]:
    """/proc/…/stat after the name: state, parent, …"""
    return _read(process / "stat").rpartition(b")")[2].decode().split()


def _parent(process: Path) -> str:
    return next(iter(_fields(process)[1:2]), "")
