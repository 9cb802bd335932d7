"""May requests be sent to this process?"""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from identity.key_check import keys_fit
from portal.database import peek
from portal.migrations import is_current


def checks() -> dict[str, bool]:
    """Each thing that must hold, by name."""
    found = {"database": False, "migrations": False, "keys": False}
    try:
        with peek() as db:
            connection = db.connection()
            found["database"] = True
            found["migrations"] = is_current(connection)
            found["keys"] = found["migrations"] and keys_fit(db)
    except SQLAlchemyError:
        pass  # what could not be asked stays False
    return found
