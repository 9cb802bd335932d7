"""Where keys come from: files, or a key service."""

from __future__ import annotations

from typing import Protocol

from identity.vault import Keys, Purpose


class KeySource(Protocol):
    """Holds the keys apart from the database and its backup."""

    def read(self) -> Keys:
        """Every key that is there now."""
        ...

    def make(self, purpose: Purpose) -> int:
        """Make the next version of a key, for every process to read; returns its number."""
        ...

    def drop(self, purpose: Purpose, version: int) -> None:
        """Destroy one version for good."""
        ...
