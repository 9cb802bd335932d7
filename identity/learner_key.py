"""A person as the training knows them: a keyed pseudonym, the same for all of a person's learning.

The training's tables hold this key and never the person, so that a stolen database does not say who learned what.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from identity.sealed import vault


def learner_key(db: Session, person_id: UUID) -> bytes:
    """The pseudonym of a person in training."""
    return vault(db).derive("learner", person_id.bytes)


def learner_pseudonym(db: Session, key: bytes) -> bytes:
    """Under what a consent to help finds the learner of this pseudonym; without the keys neither leads to the other."""
    return vault(db).derive("helped-learner", key)
