"""What the slice's views raise, as problem documents."""

from __future__ import annotations

from flask import Response
from werkzeug.exceptions import HTTPException

from identity.base import Refused
from portal.errors import FOR_PROGRAMS, HELP, STATUSES, WHERE_TO_LOOK, sentence
from portal.exchange import blueprint
from portal.exchange.problem import problem


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> Response:
    status = STATUSES.get(refusal.code, 409)
    return problem(status, str(FOR_PROGRAMS.get(status, FOR_PROGRAMS[409])), sentence(refusal), refusal.code)


@blueprint.errorhandler(HTTPException)
def failed(error: HTTPException) -> Response:
    status = error.code or 500
    words = WHERE_TO_LOOK if status == 404 else HELP.get(status, HELP[400])
    return problem(status, str(FOR_PROGRAMS.get(status, FOR_PROGRAMS[400])), str(words))
