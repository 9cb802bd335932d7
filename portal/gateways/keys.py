"""Keys from a folder of files, one key a file, apart from the database and its backup (architecture, invariant 6).

    encryption-1.key   encryption-2.key …   blind-index.key   blind-index-2.key …   token-pepper.key   audit-seal.key

Each file holds 32 bytes as base64. What is in use of several versions the database says (`identity.key_use`); where it
says nothing, the newest encryption key seals and the first of the others counts.
"""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass
from pathlib import Path

from identity.rotation.source import KeySource
from identity.vault import KEY_BYTES, Keys, Purpose, key_name
from portal.gateways.key_set import KeysMissing, key_set, next_version
from portal.settings import Settings

FILE = re.compile(r"([a-z]+(?:-[a-z]+)*(?:-\d{1,3})?)\.key")


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """Keys as files of this machine, or of a folder that is mounted on each."""

    folder: Path

    def read(self) -> Keys:
        """Every key that is there now; raises `KeysMissing` with what is wrong, never with key material."""
        found = sorted(self.folder.glob("*.key"))
        return key_set({name[1]: _read(path) for path in found if (name := FILE.fullmatch(path.name))}, self.folder)

    def make(self, purpose: Purpose) -> int:
        """Write the next version of a key."""
        version = next_version(self.read(), purpose)
        _write(self.folder / f"{key_name(purpose, version)}.key", os.urandom(KEY_BYTES))
        return version

    def drop(self, purpose: Purpose, version: int) -> None:
        """Delete one version. Pseudonyms were derived from the first pepper: that one stays, under its own name."""
        lasting = self.folder / "lasting.key"
        if purpose is Purpose.PEPPER and not lasting.exists():
            _write(lasting, self.read().lasting)
        (self.folder / f"{key_name(purpose, version)}.key").unlink()


def key_source(settings: Settings) -> KeySource:
    """Where the keys of this portal come from; a demonstration without keys makes a first set."""
    if settings.key_service:
        from portal.gateways.key_service import KeyService  # with the HTTP client: 5 MB of each process

        assert settings.key_service_token is not None
        return KeyService(settings.key_service, settings.key_service_token)
    folder = settings.keys or settings.var / "keys"
    if settings.is_demonstration:
        make(folder)
    return KeyFolder(folder)


def read_keys(settings: Settings) -> Keys:
    """The keys of this process."""
    return key_source(settings).read()


def load(folder: Path) -> Keys:
    """Read the keys of `folder`."""
    return KeyFolder(folder).read()


def make(folder: Path) -> bool:
    """Write a first set of keys, readable by this user only; False if there is one already. Never overwrites."""
    if any(folder.glob("*.key")):
        return False
    save(folder, Keys.generate())
    return True


def save(folder: Path, keys: Keys) -> None:
    """Write `keys` into an empty folder, for this user only; an existing file is never overwritten."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for purpose, versions in keys.versions.items():
        for version, key in versions.items():
            _write(folder / f"{key_name(purpose, version)}.key", key)


def _read(path: Path) -> bytes:
    try:
        return base64.b64decode(path.read_text().strip(), validate=True)
    except ValueError:
        raise KeysMissing(f"{path.name} is not base64") from None


def _write(path: Path, key: bytes) -> None:
    """Never seen half written: another process may read the folder at this moment."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        raise FileExistsError(path.name)
    half = path.with_suffix(".half")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(base64.b64encode(key).decode() + "\n")
    os.link(half, path)  # fails where somebody was faster
    half.unlink()


if __name__ == "__main__":
    import sys

    sys.exit(None if make(Path(sys.argv[1])) else "this folder holds keys already; nothing was written")
