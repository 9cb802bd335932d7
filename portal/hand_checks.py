"""What was compared by hand is asked of the register once it answers again. It is asked with no transaction open."""

from __future__ import annotations

import structlog

from identity.application import by_hand
from identity.base import Refused
from identity.gateways import MatchResult, RegisterUnavailable
from identity.operation.routes import Register
from portal.database import Database
from portal.services import Services

BATCH = 20
PURPOSE = "check-of-hand-match"
log = structlog.get_logger("worker")


class HandChecks:
    """Asks about the oldest first. Two workers who ask the same harm nobody: one answer is kept."""

    def __init__(self, database: Database, services: Services) -> None:
        self.database, self.services = database, services

    def look(self) -> int:
        """Returns how many answers were kept; a register that is away is asked again in some minutes."""
        with self.database.session(write=False) as db:
            waiting = by_hand.unchecked(db, BATCH)
        return sum(self._check(one) for one in waiting)

    def _check(self, one: by_hand.Unchecked) -> int:
        try:
            result = self._ask(one)
            with self.database.transaction() as db:
                return int(by_hand.keep_check(db, one.application_id, result, now=self.services.clock()))
        except RegisterUnavailable:
            log.warning("register-away", purpose=PURPOSE)
        except Refused as refusal:  # an officer acted at the same moment
            log.info("hand-check-later", reason=refusal.code)
        return 0

    def _ask(self, one: by_hand.Unchecked) -> MatchResult:
        is_citizen = one.register is Register.POPULATION
        register = self.services.population if is_citizen else self.services.immigration
        return register.match_biometrics(one.reference, one.capture_reference, PURPOSE)
