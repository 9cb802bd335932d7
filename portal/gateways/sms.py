"""SMS through a provider's HTTP interface: one JSON request a message, with the outbox row's id as idempotency key."""

from __future__ import annotations

from dataclasses import dataclass

import requests

from identity.outbox import Leased
from portal.messages import Words

TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class SMS:
    """`url` takes POST {"to", "text", "id"}; an adapter for a provider's own words stands before it."""

    url: str

    def __call__(self, message: Leased, words: Words) -> None:
        """Send one message; raises `requests.RequestException` when it was not accepted."""
        answer = requests.post(
            self.url,
            json={"to": message.address, "text": words.text, "id": str(message.id)},
            headers={"Idempotency-Key": str(message.id)},
            timeout=TIMEOUT_SECONDS,
        )
        answer.raise_for_status()
