"""The daily question to the population register: who has died. The register is asked with no transaction open."""

from __future__ import annotations

from datetime import date

import structlog

from identity.deadlines import today_in_vietnam
from identity.gateways import RegisterUnavailable
from identity.lock_requests import deaths
from identity.lock_requests.at_once import PURPOSE
from portal.database import Database
from portal.services import Services

BATCH = 50
log = structlog.get_logger("worker")


class DeathWatch:
    """Asks once a day and process. Asking twice harms nobody: whoever is closed is passed over."""

    def __init__(self, database: Database, services: Services) -> None:
        self.database, self.services = database, services
        self.asked_on: date | None = None

    def look(self) -> int:
        """A register that does not answer is asked again in some minutes. Returns 0: nothing more waits."""
        now = self.services.clock()
        if self.asked_on == today_in_vietnam(now):
            return 0
        try:
            numbers = self.services.population.deaths_since(deaths.since(now), PURPOSE)
        except RegisterUnavailable:
            log.warning("register-away", purpose=PURPOSE)
            return 0
        closed = 0
        for start in range(0, len(numbers), BATCH):
            with self.database.transaction() as db:
                closed += deaths.close_the_dead(db, numbers[start : start + BATCH], now=now)
        self.asked_on = today_in_vietnam(now)
        log.info("deaths-looked-for", closed=closed)
        return 0
