"""The team's own card: what it recorded this month, claimed against confirmed, before leaders look at it."""

from __future__ import annotations

from flask import Response

from identity.deadlines import today_in_vietnam
from onboarding.backlog import waiting_of
from onboarding.indicators import team_activity
from onboarding.records import day_span
from portal.database import db
from portal.pages import page
from portal.services import now
from portal.team import blueprint
from portal.team.today import acting_member


@blueprint.get("/card")
def card() -> Response:
    member, today = acting_member(), today_in_vietnam(now())
    since = today.replace(day=1)
    found = team_activity(db, {member.unit_id}, since=day_span(since)[0])
    own = next((row for row in found if row.team_id == member.team_id), None)
    return page("team/card.html", member=member, since=since, card=own, held=waiting_of(db, member.account_id))
