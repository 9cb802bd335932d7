"""What operators change while the processes run: keys in use, amended rules, the manual route. Read again every while.

Each process reads it every `LOOK_SECONDS`, before it opens its next session, in a short look of its own. What could not
be read stays as it was: a process without its database does nothing anyway.
"""

from __future__ import annotations

import threading
import time

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from identity.deadlines import amend
from identity.key_use import LOOK_SECONDS, read_uses
from identity.operation.routes import Register, manual
from identity.operation.rule_changes import confirmed_changes
from identity.vault import Vault


class Standing:
    """What this process knows."""

    def __init__(self, vault: Vault, every: float = LOOK_SECONDS) -> None:
        self.vault, self.every = vault, every
        self.manual: frozenset[Register] = frozenset()
        self._next = 0.0
        self._turn = threading.Lock()

    def is_due(self) -> bool:
        """Whether it is time to look; True for one thread at a time."""
        if time.monotonic() < self._next:
            return False
        with self._turn:
            if time.monotonic() < self._next:
                return False
            self._next = time.monotonic() + self.every
            return True

    def look(self, db: Session) -> None:
        """Read everything; a database that was not migrated yet changes nothing."""
        try:
            self.vault.use(read_uses(db))
            amend(confirmed_changes(db))
            self.manual = manual(db)
        except SQLAlchemyError:
            db.rollback()

    def is_off(self, register: Register) -> bool:
        """Whether officers go on without this register."""
        return register in self.manual
