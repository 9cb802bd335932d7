"""A person as the training knows them: a keyed pseudonym, the same for all of a person's learning.

The training's tables hold this key and never the person, so that a stolen database does not say who learned what.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.helping.code import present_help_code
from identity.helping.consent import person_behind
from identity.sealed import vault


def learner_key(db: Session, person_id: UUID) -> bytes:
    """The pseudonym of a person in training."""
    return vault(db).derive("learner", person_id.bytes)


def person_of_help_code(db: Session, helper: UUID, code: str, *, now: datetime) -> UUID | Refused:
    """The person whose help code of today a helper was given. A refusal is a result: a wrong code stays counted."""
    presented = present_help_code(db, helper, code, on=today_in_vietnam(now), now=now)
    if presented.blocked:
        return Refused("help-code-blocked", field="help_code")
    person_id = person_behind(db, presented.pseudonym) if presented.pseudonym else None
    return person_id or Refused("help-code-unknown", field="help_code")
