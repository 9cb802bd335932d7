"""Whether a person's answer still holds: consent is given for a purpose (Law 91/2025 Art. 9), not for any later one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Purposeful(Protocol):
    """As much of a service as the reasons it gives."""

    @property
    def purpose(self) -> Mapping[str, str]: ...
    @property
    def items(self) -> Mapping[str, Mapping[str, Any]]: ...


def is_for_this(client: Purposeful, item: str, words: Mapping[str, Any]) -> bool:
    """Whether `words`, which were shown with the answer about `item`, still say what the service asks it for.

    They were shown in one language; that another one was added or corrected changes nothing.
    """
    why = client.items.get(item, {}).get("why", {})
    return _still_said(words.get("purpose"), client.purpose) and _still_said(words.get("why"), why)


def purpose_agreed(client: Purposeful, words: Mapping[str, Any]) -> Mapping[str, str]:
    """The purpose that these words named: in every language while the service still says so."""
    shown = words.get("purpose")
    return client.purpose if _still_said(shown, client.purpose) else {"": str(shown)}


def _still_said(shown: str | None, texts: Mapping[str, str]) -> bool:
    """Of an answer without words nothing can be told; where no purpose was named, one that is named now is new."""
    if shown is None:
        return True
    return shown in texts.values() if shown else not any(texts.values())
