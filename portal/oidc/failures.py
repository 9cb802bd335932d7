"""When an authorization cannot go on: the client is told through the redirect, or the person on a page."""

from __future__ import annotations

from flask import redirect
from werkzeug.wrappers import Response

from identity.oidc.errors import NoWayBack, ProtocolError
from identity.oidc.visit import address_with_error
from portal.language import _, _l, current_locale
from portal.oidc import blueprint
from portal.oidc.provider import provider
from portal.pages import page

SENTENCES = {
    "client-missing": _l("The service did not say who it is."),
    "client-unknown": _l("The service is not registered with us, or its connection was closed."),
    "address-missing": _l("The service did not say where you should be sent back to."),
    "address-not-registered": _l(
        "The address to send you back to is not one that this service has registered. "
        "Somebody may be pretending to be it."
    ),
    "parameter-twice": _l("The service sent a request that can be read in two ways."),
    "hint-invalid": _l("The service sent a sign-out request that we cannot check."),
    "hint-of-another-client": _l("The service sent a sign-out request that belongs to another service."),
}


@blueprint.errorhandler(NoWayBack)
def tell_the_person(failure: NoWayBack) -> Response:
    """What happened and whom to tell; no redirect (RFC 6749 section 4.1.2.1)."""
    client = failure.client
    name = None if client is None else client.name.get(current_locale()) or client.name.get("vi") or client.client_id
    return page(
        "oidc/no_way_back.html",
        400,
        sentence=SENTENCES[failure.reason],
        reason=failure.reason,
        name=name,
        contact=client.contact if client else "",
    )


@blueprint.errorhandler(ProtocolError)
def tell_the_client(error: ProtocolError) -> Response:
    """Back to the client with the error, its state, and who answers."""
    if error.way_back is None:
        return page("oidc/no_way_back.html", 400, sentence=_("The request cannot be answered."), reason=error.error)
    return redirect(address_with_error(error.way_back, provider().issuer, error), 303)
