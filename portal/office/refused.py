"""What an officer reads when a step is refused: why, and the way back to the case. Nothing was changed."""

from __future__ import annotations

from flask import Response, request

from identity.base import Refused
from portal.errors import STATUSES, TITLES, sentence
from portal.office import blueprint
from portal.pages import page


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> Response:
    status = STATUSES.get(refusal.code, 409)
    known = (request.view_args or {}).get("application_id") if status not in (403, 404) else None
    return page(
        "office/refused.html",
        status,
        title=str(TITLES.get(status, TITLES[409])),
        sentence=sentence(refusal),
        application_id=known,
    )
