"""What happens to applications because time passes; the worker calls it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from identity.application.draft import purge_drafts
from identity.application.lookup import purge_lookups
from identity.application.review import abandon_unanswered, apologise_when_late


def keep_terms(db: Session, now: datetime) -> None:
    """Apologise for missed dates, close what was never answered, purge what is past its term."""
    apologise_when_late(db, now=now)
    abandon_unanswered(db, now=now)
    purge_drafts(db, now=now)
    purge_lookups(db, now=now)
