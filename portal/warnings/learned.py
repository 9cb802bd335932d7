"""What a team learned from warnings about its records, its unit and what that lies in: its training notes.

Of a warning above its unit the team reads the lesson, not the exact number that it was about.
"""

from __future__ import annotations

from flask import Response

from identity.deadlines import today_in_vietnam
from onboarding.team import get_membership
from onboarding.warnings import lessons_of
from portal import offline
from portal.database import db
from portal.pages import page
from portal.security import me
from portal.services import now
from portal.warnings import lessons
from portal.warnings.words import TITLES, seen


@lessons.get("")
def notes() -> Response:
    found = me()
    assert found is not None  # the slice's guard let nobody else pass
    member = get_membership(db, found.account_id, on=today_in_vietnam(now()))
    lessons_here = lessons_of(db, member.unit_id, member.team_id)
    rows = [(TITLES[one.kind], seen(one) if one.unit_id == member.unit_id else "", one) for one in lessons_here]
    return page("warnings/lessons.html", member=member, rows=rows)


@lessons.after_request
def allow_worker(response: Response) -> Response:
    """One of the member's pages: signing out asks there what is unsent, so it may name the worker as they do."""
    return offline.allow_worker(response, "team-worker")
