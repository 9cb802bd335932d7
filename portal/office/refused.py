"""What an officer reads when a step is refused: why, and the way back to the case. Nothing was changed."""

from __future__ import annotations

from flask import Response, request

from identity.base import Refused
from portal.errors import STATUSES, TITLES, sentence
from portal.office import blueprint
from portal.office.access import RECEIVING
from portal.pages import page
from portal.security import me

COVERED = {"case-not-taken", "paper-not-of-file"}
"""The file is there and shut: the page offers the ways to open it."""


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> Response:
    known = (request.view_args or {}).get("application_id")
    if refusal.code in COVERED and known is not None:
        return _cover(refusal, known)
    status = STATUSES.get(refusal.code, 409)
    return page(
        "office/refused.html",
        status,
        title=str(TITLES.get(status, TITLES[409])),
        sentence=sentence(refusal),
        application_id=known if status not in (403, 404) else None,
    )


def _cover(refusal: Refused, application_id: object) -> Response:
    from portal.office.desk import TakeHereForm

    form, visitor = TakeHereForm(), me()
    if refusal.field:
        form.show(refusal)
    return page(
        "office/not_taken.html",
        422 if refusal.field else 403,
        form=form,
        sentence=sentence(refusal),
        application_id=application_id,
        receives=visitor is not None and visitor.has_role(RECEIVING),
    )
