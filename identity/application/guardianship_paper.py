"""The paper that shows a guardianship: sent with this file, or kept since an earlier one, and shown once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from identity.application.model import Application
from identity.files import find_file
from identity.guardians import Basis, guardians_of

GUARDIANSHIP_FILE = "guardianship"


def guardianship_paper(db: Session, application: Application, *, now: datetime) -> UUID | None:
    """The picture of it; None where the register names the guardian, and where nobody acts for the applicant."""
    if application.guardian_basis != Basis.PAPER:
        return None
    sent = find_file(db, application.id, GUARDIANSHIP_FILE)
    if sent is not None or application.person_id is None:
        return sent
    held = guardians_of(db, application.person_id, now=now)
    return next((row.file_id for row in held if row.guardian_id == application.guardian_id), None)
