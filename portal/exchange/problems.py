"""What the slice's views raise, as problem documents."""

from __future__ import annotations

from flask import Response
from werkzeug.exceptions import HTTPException

from identity.base import Refused
from portal.errors import HELP, STATUSES, TITLES, sentence
from portal.exchange import blueprint
from portal.exchange.problem import problem


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> Response:
    status = STATUSES.get(refusal.code, 409)
    return problem(status, str(TITLES.get(status, TITLES[409])), sentence(refusal), refusal.code)


@blueprint.errorhandler(HTTPException)
def failed(error: HTTPException) -> Response:
    status = error.code or 500
    return problem(status, str(TITLES.get(status, TITLES[400])), str(HELP.get(status, HELP[400])))
