"""As whom a member acts, and the session and people that they may see."""

from __future__ import annotations

from uuid import UUID

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from onboarding.assistance import owner_tag
from onboarding.attendance import present_in
from onboarding.learner import Learner, learners
from onboarding.sign_up import sign_ups
from onboarding.team import Membership, get_membership
from onboarding.training import TrainingSession, get_team_session
from portal.database import db
from portal.security import me
from portal.services import now


def acting_member() -> Membership:
    """The membership of today; refused when there is none."""
    visitor = me()
    assert visitor is not None  # the slice's guard let nobody else pass
    return get_membership(db, visitor.account_id, on=today_in_vietnam(now()))


def owner_of_screen() -> str:
    """Whose the screen and the ticks on this device are; it says nothing about the member."""
    visitor = me()
    return owner_tag(db, visitor.account_id) if visitor else ""


def own_session(session_id: UUID) -> TrainingSession:
    """A session of the member's team."""
    return get_team_session(db, acting_member(), session_id)


def group_of(session_id: UUID) -> dict[UUID, Learner]:
    """Who signed up for the session or was there; nobody else's learning is open to this trainer."""
    there = {one.learner.id: one.learner for one in present_in(db, session_id)}
    return learners(db, [row.learner_id for row in sign_ups(db, session_id)]) | there


def learner_in(session_id: UUID, learner_id: UUID) -> Learner:
    """One of the group."""
    found = group_of(session_id).get(learner_id)
    if found is None:
        raise Refused("learner-unknown", audited=True)
    return found
