"""What was taken away when its time was over, rule by rule, and what waits for tonight."""

from __future__ import annotations

from flask import Response

from identity.retention.run import due_now, reports
from portal.database import db
from portal.pages import page
from portal.rights import blueprint
from portal.rights.breaches import keeping
from portal.security import guarded
from portal.services import now
from portal.words.retention import RULES


@blueprint.get("/retention")
@guarded(keeping)
def retention() -> Response:
    return page("rights/retention.html", due=due_now(db, now=now()), lines=reports(db, most=100), words=RULES)
