"""What a member did today, and as whom the member acts."""

from __future__ import annotations

from flask import Response

from identity.deadlines import today_in_vietnam
from onboarding.records import records_of_day
from onboarding.team import Membership, get_membership
from portal.database import db
from portal.pages import page
from portal.security import me
from portal.services import now
from portal.team import blueprint
from portal.words.assistance import AGE_BANDS, SEXES, STANDINGS, TASKS


def acting_member() -> Membership:
    """The membership of today; refused when there is none."""
    visitor = me()
    assert visitor is not None  # the slice's guard let nobody else pass
    return get_membership(db, visitor.account_id, on=today_in_vietnam(now()))


@blueprint.get("/")
def today() -> Response:
    member, day = acting_member(), today_in_vietnam(now())
    records = records_of_day(db, member.account_id, day)
    words = {"tasks": TASKS, "age_bands": AGE_BANDS, "sexes": SEXES, "standings": STANDINGS}
    return page("team/today.html", member=member, day=day, records=records, **words)
