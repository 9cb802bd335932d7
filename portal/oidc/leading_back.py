"""Let the sign-in pages lead back to the service that sent the person.

Signing in is a form post; when everything was agreed before, it is answered by a redirect to `authorize` and from there
to the service. Chromium applies `form-action` to every redirect after a form post, so the sign-in pages must name that
one origin too. It is taken from the registered redirect addresses, never from what was sent.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from flask import request, url_for

from portal.database import peek
from portal.oidc import blueprint
from portal.oidc.provider import provider
from portal.security import allow_form_target

SIGN_IN_PAGES = {"account.sign_in", "account.second_step", "account.raise_level"}


@blueprint.before_app_request
def let_sign_in_lead_back() -> None:
    """Read only; a request that does not stand changes nothing."""
    if request.endpoint not in SIGN_IN_PAGES:
        return
    target = urlsplit(request.values.get("next", "")[:8_000])
    if target.netloc or target.path != url_for("oidc.authorize"):
        return
    sent = parse_qs(target.query)
    with peek() as look:
        client = provider().clients.find(look, sent.get("client_id", [""])[0])
    address = sent.get("redirect_uri", [""])[0]
    if client is not None and address in client.redirect_uris:
        allow_form_target(address)
