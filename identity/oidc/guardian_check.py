"""A ward's account tells nobody anything before the guardian has confirmed it (Decree 69/2024/ND-CP Art. 14)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from identity.guardians import Purpose, is_confirmed
from identity.guardians.guardianship import NOTE
from identity.sealed import vault


def waits_for_guardian(db: Session, row: Any, session_id: UUID, client_id: UUID, *, now: datetime) -> bool:
    """Whether the guardian still has to confirm this service, in this session.

    `row` has passed the gate (`standing_columns`), which is shut once the authority is over. Nothing is asked of the
    store for an account without a guardian.
    """
    if row.account_papers_end_sealed is None:
        return False
    noted = json.loads(vault(db).open("account.papers_end_sealed", row.account_id, row.account_papers_end_sealed))
    if NOTE not in noted:
        return False
    return not is_confirmed(db, row.account_id, Purpose.SHARE, session_id, now=now, client_id=client_id)
