"""One live portal for all checks; whoever takes one of them takes them all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.conformance.receiver import Receiver
from tests.conformance.subject import Credentials, Subject
from tests.live.front import over_https
from tests.live.portal import Live
from tests.servers import free_port


@dataclass(frozen=True)
class Proving:
    """The live portal, and what the checks call it through."""

    live: Live
    at: Subject


@pytest.fixture(scope="session")
def proving(live: Live) -> Iterator[Proving]:
    port = free_port()
    receiver = Receiver(f"https://localhost:{port}")
    people = tuple(Credentials(person.login, person.password, person.otp) for person in live.people)
    with ExitStack() as running:
        running.enter_context(over_https(receiver, port, live.authority.server()))
        yield Proving(live, Subject(live.issuer, live.trust, people, receiver))
