"""Keys from a folder of files, one key a file, apart from the database and its backup (architecture, invariant 6).

    encryption-1.key   encryption-2.key …   blind-index.key   token-pepper.key   audit-seal.key

Each file holds 32 bytes as base64. The encryption key with the highest number seals; the others still open.
"""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path

from identity.vault import Keys
from portal.settings import Settings

SINGLE = ("blind-index", "token-pepper", "audit-seal")
ENCRYPTION = re.compile(r"encryption-(\d{1,3})\.key")


class KeysMissing(Exception):
    """The folder does not hold a full set of keys; the portal does not start."""


def read_keys(settings: Settings) -> Keys:
    """The keys of this process; a demonstration without keys makes a first set."""
    folder = settings.keys or settings.var / "keys"
    if settings.is_demonstration:
        make(folder)
    return load(folder)


def load(folder: Path) -> Keys:
    """Read the keys of `folder`; raises `KeysMissing` with what is wrong, never with key material."""
    encryption = {int(found[1]): _read(path) for path in folder.glob("*.key") if (found := ENCRYPTION.match(path.name))}
    if not encryption:
        raise KeysMissing(f"no encryption key in {folder}; `python -m portal.gateways.keys FOLDER` writes a first set")
    blind, pepper, seal = (_read(folder / f"{name}.key") for name in SINGLE)
    return Keys(encryption, max(encryption), blind, pepper, seal)


def make(folder: Path) -> bool:
    """Write a first set of keys, readable by this user only; False if there is one already. Never overwrites."""
    if any(folder.glob("*.key")):
        return False
    save(folder, Keys.generate())
    return True


def save(folder: Path, keys: Keys) -> None:
    """Write `keys` into an empty folder, for this user only; an existing file is never overwritten."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    named = {f"encryption-{key_id}": key for key_id, key in keys.encryption.items()}
    named |= dict(zip(SINGLE, (keys.blind_index, keys.token_pepper, keys.audit_seal), strict=True))
    for name, key in named.items():
        _write(folder / f"{name}.key", key)


def _read(path: Path) -> bytes:
    try:
        return base64.b64decode(path.read_text().strip(), validate=True)
    except FileNotFoundError:
        raise KeysMissing(f"{path.name} is missing in {path.parent}") from None
    except ValueError:
        raise KeysMissing(f"{path.name} is not base64") from None


def _write(path: Path, key: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(base64.b64encode(key).decode() + "\n")


if __name__ == "__main__":
    import sys

    sys.exit(None if make(Path(sys.argv[1])) else "this folder holds keys already; nothing was written")
