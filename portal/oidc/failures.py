"""When an authorization cannot go on: the client is told through the way back, or the person on a page.

Either way the log says under the request's id what an integrator needs: the error, its description, the rule.
"""

from __future__ import annotations

import structlog
from flask import g, request
from werkzeug.wrappers import Response

from identity.oidc.clients import Client
from identity.oidc.errors import NoWayBack, ProtocolError
from identity.oidc.visit import answer_with_error
from portal.language import _l, in_our_language
from portal.oidc import blueprint
from portal.oidc.form_post import give_back
from portal.oidc.provider import provider
from portal.pages import page

log = structlog.get_logger("portal.oidc")

SENTENCES = {
    "client-missing": _l("The service did not say who it is."),
    "client-unknown": _l("The service is not registered with us, or its connection was closed."),
    "address-missing": _l("The service did not say where you should be sent back to."),
    "address-not-registered": _l(
        "The address to send you back to is not one that this service has registered. "
        "Somebody may be pretending to be it."
    ),
    "parameter-twice": _l("The service sent a request that can be read in two ways."),
    "state-too-long": _l("The service sent so much along that we could not send it back."),
    "request-unknown": _l("This sign-in was begun too long ago. Go back to the service and start again."),
    "request-of-another-browser": _l(
        "This sign-in was begun in another browser or on another device. "
        "If you did not begin it yourself, do not go on: somebody may be trying to sign in as you."
    ),
    "hint-invalid": _l("The service sent a sign-out request that we cannot check."),
    "hint-of-another-client": _l("The service sent a sign-out request that belongs to another service."),
}
LEAVING = {"oidc.end_session", "oidc.confirm_logout"}
UNREADABLE = _l("The service sent a request that we cannot accept.")
RULES = {
    "address-missing": "OpenID Connect Core section 3.1.2.1",
    "address-not-registered": "RFC 9700 section 4.1.3",
    "parameter-twice": "RFC 6749 section 3.1",
    "state-too-long": "state has at most 8000 characters",
    "request-unknown": "RFC 9126 section 2.2",
    "request-of-another-browser": "RFC 9126 section 7.3",
}


@blueprint.errorhandler(NoWayBack)
def tell_the_person(failure: NoWayBack) -> Response:
    """What happened and whom to tell; no redirect (RFC 6749 section 4.1.2.1)."""
    rule = RULES.get(failure.reason, "RFC 6749 section 4.1.2.1")
    _note(failure.client, error="invalid_request", reason=failure.reason, rule=rule)
    return _no_way_back(failure.client, SENTENCES[failure.reason], failure.reason)


@blueprint.errorhandler(ProtocolError)
def tell_the_client(error: ProtocolError) -> Response:
    """Back to the client with the error, its state, and who answers; a page where it has no address to go to."""
    client = error.way_back.client if error.way_back else error.client
    note(error, client)
    if error.way_back is None:
        return _no_way_back(client, UNREADABLE, str(error.error))
    return give_back(answer_with_error(error.way_back, provider().issuer, error))


def note(error: ProtocolError, client: Client | None) -> None:
    """One line of the log for the client's developer, found by the id of the request."""
    _note(client, error=str(error.error), description=str(error.description), rule=error.rule)


def _note(client: Client | None, **words: str) -> None:
    log.info("request-refused", client=client.client_id if client else None, **words)


def _no_way_back(client: Client | None, sentence: object, reason: str) -> Response:
    return page(
        "oidc/no_way_back.html",
        400,
        sentence=sentence,
        reason=reason,
        leaving=request.endpoint in LEAVING,
        name=(in_our_language(client.name) or client.client_id) if client else None,
        contact=client.contact if client else "",
        reference=g.get("request_id", ""),
    )
