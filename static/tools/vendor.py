"""Fetches what other people made and we ship, pinned by hash: icons, and the font that make_fonts.py cuts to size.

    python static/tools/vendor.py            fetch again; refuse any difference from vendor.json
    python static/tools/vendor.py --update   fetch and write the hashes into vendor.json
    python static/tools/vendor.py --check    offline: compare the files that are committed with vendor.json

The files are committed; nothing is fetched when the portal is installed or runs.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

STATIC = Path(__file__).resolve().parent.parent
MANIFEST = Path(__file__).with_name("vendor.json")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def fetch(package: dict[str, Any], folder: str) -> Path:
    """The archive of one package, by its registry's ordinary client."""
    pinned = {"npm": "@", "pypi": "=="}[package["registry"]].join((package["name"], package["version"]))
    if package["registry"] == "npm":
        command = ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", folder, pinned]
    else:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--only-binary",
            ":all:",
            "-d",
            folder,
            pinned,
        ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(Path(folder).iterdir())


def members(archive: Path) -> dict[str, bytes]:
    """Name → content of an archive."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    with tarfile.open(archive) as tarball:
        files = [member for member in tarball if member.isfile()]
        return {member.name.removeprefix("package/"): tarball.extractfile(member).read() for member in files}  # type: ignore[union-attr]


def bring(package: dict[str, Any], update: bool) -> list[str]:
    """Copy the package's files into place; the differences from what was pinned."""
    with tempfile.TemporaryDirectory() as folder:
        archive = fetch(package, folder)
        found = {"archive": digest(archive.read_bytes())}
        contents = members(archive)
    for file in package["files"]:
        found[file["to"]] = digest(contents[file["from"]])
    pinned = {"archive": package.get("sha256"), **{file["to"]: file.get("sha256") for file in package["files"]}}
    different = [f"{package['name']}: {name}" for name in found if found[name] != pinned[name]]
    if different and not update:
        return different
    package["sha256"] = found["archive"]
    for file in package["files"]:
        file["sha256"] = found[file["to"]]
        (STATIC / file["to"]).parent.mkdir(parents=True, exist_ok=True)
        (STATIC / file["to"]).write_bytes(contents[file["from"]])
    return []


def changed(manifest: dict[str, Any]) -> list[str]:
    """Committed files that are missing or differ from the manifest."""
    files = [file for package in manifest["packages"] for file in package["files"]] + manifest["made"]
    return [
        file["to"]
        for file in files
        if not (STATIC / file["to"]).exists() or digest((STATIC / file["to"]).read_bytes()) != file["sha256"]
    ]


def main(mode: str) -> int:
    manifest = json.loads(MANIFEST.read_text())
    if mode == "--check":
        wrong = changed(manifest)
    else:
        wrong = [line for package in manifest["packages"] for line in bring(package, mode == "--update")]
    if mode == "--update":
        for file in manifest["made"]:
            file["sha256"] = digest((STATIC / file["to"]).read_bytes())
        MANIFEST.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    print("\n".join(["changed or missing:", *wrong]) if wrong else "all files are as pinned")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
