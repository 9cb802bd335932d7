"""What training holds about a person, for the copy of one's data and for erasure (`identity.rights`).

Training knows people by a pseudonym, so no key leads there; these two entries do.
"""

from __future__ import annotations

import secrets

from sqlalchemy import ColumnElement, Table, false, or_, select
from sqlalchemy.orm import Session

from identity.account import Account
from identity.learner_key import learner_key
from identity.person import Person
from identity.rights.collect import FINDERS, Whose
from identity.rights.erasing import ERASERS
from onboarding.learner import Learner
from onboarding.training import SignUp


def _learner(whose: Whose, table: Table) -> ColumnElement[bool]:
    """The learner that the person is, and the slips that were linked to it."""
    if whose.person is None:
        return false()
    key = learner_key(whose.db, whose.person.id)
    return or_(table.c.key == key, table.c.linked_to.in_(select(table.c.id).where(table.c.key == key)))


def _forget(db: Session, _account: Account, person: Person) -> int:
    """The learning stays as a figure of nobody: its name goes, and its pseudonym leads to no one any more."""
    learner = db.scalar(select(Learner).where(Learner.key == learner_key(db, person.id)))
    if learner is None:
        return 0
    learner.key, learner.name = secrets.token_bytes(32), None
    for place in db.scalars(select(SignUp).where(SignUp.learner_id == learner.id)):
        place.account = None
    for slip in db.scalars(select(Learner).where(Learner.linked_to == learner.id)):
        slip.name = slip.slip_label = None
    return 1


FINDERS[Learner.__tablename__] = _learner
ERASERS["learning"] = _forget
