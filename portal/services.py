"""The bundle of what is outside us, built once and handed to `create_app`; tests pass fakes to the same place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from flask import current_app

from identity.gateways import (
    ImmigrationRegister,
    NoDirectory,
    PopulationRegister,
    RemoteFetcher,
    SubscriberDirectory,
)
from identity.vault import Vault
from portal.gateways.fetcher import Fetcher
from portal.settings import Settings
from portal.standing import Standing


@dataclass(frozen=True, slots=True)
class Services:
    """What a view may reach beyond its database."""

    settings: Settings
    clock: Callable[[], datetime]
    vault: Vault
    population: PopulationRegister
    immigration: ImmigrationRegister
    fetcher: RemoteFetcher = field(default_factory=Fetcher)
    subscribers: SubscriberDirectory = field(default_factory=NoDirectory)
    standing: Standing | None = None
    """What operators change while the processes run; without it nothing changes."""


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


def services() -> Services:
    """The services of the running application."""
    return cast(Services, current_app.extensions["services"])


def now() -> datetime:
    """This moment, from the application's clock."""
    return services().clock()
