"""Builds the application of this process from its environment: settings, keys, database, outside services."""

from __future__ import annotations

from flask import Flask

from identity.registers.embedded import open_registers
from identity.vault import Vault
from portal import create_app
from portal.database import connect
from portal.gateways.keys import read_keys
from portal.services import Services, utc_now
from portal.settings import Settings, from_environment


def build_services(settings: Settings) -> Services:
    """The real outside world, as the settings name it."""
    vault = Vault(read_keys(settings))
    population, immigration = open_registers(settings.register_database_url)
    return Services(settings, utc_now, vault, population, immigration)


def application() -> Flask:
    """The application of this process."""
    settings = from_environment()
    services = build_services(settings)
    return create_app(settings, services, connect(settings.database_url, services.vault))
