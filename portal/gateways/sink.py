"""The demonstration's messenger: each message becomes one file, shown on the page *messages sent*; nothing leaves.

A message that is sent again replaces its own file, as a receiver that honours the idempotency key would do.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from identity.outbox import Leased
from portal.messages import Words
from portal.services import utc_now


@dataclass(frozen=True, slots=True)
class Sink:
    """Writes to `folder`, one JSON file a message, named by its id (which begins with its time)."""

    folder: Path

    def __call__(self, message: Leased, words: Words) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        entry = {
            "id": str(message.id),
            "sent_at": utc_now().isoformat(),
            "channel": message.channel.value,
            "kind": message.kind,
            "to": message.address,
            "locale": message.locale,
            "subject": words.subject,
            "text": words.text,
            "scan": words.scan,
        }
        path = self.folder / f"{message.id}.json"
        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(orjson.dumps(entry))
        os.replace(unfinished, path)


def sent(folder: Path, *, to: str = "", most: int = 100) -> list[dict[str, Any]]:
    """The newest messages, with `sent_at` as a moment; `to` filters by recipient."""
    found = []
    for path in sorted(folder.glob("*.json"), reverse=True):
        entry = orjson.loads(path.read_bytes())
        if to in entry["to"]:
            found.append({**entry, "sent_at": datetime.fromisoformat(entry["sent_at"])})
        if len(found) == most:
            break
    return found
