"""Programs of our own, run beside the process that asks: what they import, unfold or break stays theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8"}
"""All that they get of ours: no key and no address."""


def run(program: str | Path, *arguments: str, given: bytes, seconds: int) -> subprocess.CompletedProcess[bytes]:
    """Give it `given` and wait for what it writes. Raises TimeoutExpired; what went wrong is its `returncode`."""
    return subprocess.run(  # noqa: S603 - a program of ours; callers put nothing of a request on its command line
        [sys.executable, "-I", str(program), *arguments],
        input=given,
        capture_output=True,
        timeout=seconds,
        env=ENVIRONMENT,
    )
