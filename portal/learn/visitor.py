"""The reader as a learner, when they are signed in as a resident."""

from __future__ import annotations

from uuid import UUID

from identity.base import Refused
from onboarding.learner import Learner, find_learner, learner_of, same_learner
from portal.database import db
from portal.security import me
from portal.services import now


def person_id() -> UUID | None:
    """The person behind a resident's session."""
    visitor = me()
    return None if visitor is None or visitor.is_staff else visitor.person_id


def account_id() -> UUID | None:
    """The account of a resident's session."""
    visitor = me()
    return None if visitor is None or visitor.is_staff else visitor.account_id


def known_learner() -> Learner | None:
    """The reader as a learner; None for visitors, staff, and people who have not begun."""
    person = person_id()
    return find_learner(db, person) if person else None


def acting_learner() -> Learner:
    """The reader as a learner, who begins with what they do now."""
    person = person_id()
    if person is None:
        raise Refused("not-allowed")
    return learner_of(db, person, now=now())


def own_ids(learner: Learner | None) -> set[UUID]:
    """The learner and the slips that became theirs."""
    return same_learner(db, learner.id) if learner else set()
