"""Let the sign-in pages lead back to the service that sent the person, and look and speak as it asks for.

Signing in is a form post; when everything was agreed before, it is answered by a redirect to `authorize` and from there
to the service. Chromium applies `form-action` to every redirect after a form post, so the sign-in pages must name that
one origin too. It is taken from the registered redirect addresses, never from what was sent.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from flask import g, request
from werkzeug.datastructures import MultiDict

from identity.oidc.clients import Client
from identity.oidc.errors import NoWayBack, ProtocolError
from identity.oidc.pushed import find_pushed, is_reference
from identity.oidc.request import Parameters, client_of, way_back_of
from portal.database import peek
from portal.frame import only_for
from portal.oidc import blueprint
from portal.oidc.asking import AUTHORIZE, BROWSER, look_as_asked, parameters
from portal.oidc.provider import find_client_apart, key_ring
from portal.security import allow_form_target
from portal.security.cookies import read_cookie
from portal.services import now

SIGN_IN_PAGES = {"account.sign_in", "account.second_step", "account.raise_level"}
LONGEST = 8_000
"""Characters of an address; longer requests are kept by us (`portal.oidc.objects`)."""
BESIDE = {"account.show_qr", "account.recover", "guardians.ask"}
"""Pages that one comes to from there; no form of theirs ends at the service."""


@blueprint.before_app_request
@only_for(SIGN_IN_PAGES | BESIDE)
def let_sign_in_lead_back() -> None:
    """Read only; a request that does not stand changes nothing."""
    try:
        found = waiting_request(request.values.get("next", ""))
        if found is None:
            return
        client, sent = found
        look_as_asked(sent)
        if request.endpoint in SIGN_IN_PAGES:
            allow_form_target(way_back_of(sent, client).redirect_uri)
            g.leads_back = True
            if request.method == "POST":
                key_ring()  # made, if it has to be, before the sign-in writes
    except (NoWayBack, ProtocolError):
        return


def waiting_request(address: str) -> tuple[Client, Parameters] | None:
    """The request that waits for the person at this address of ours, and whose it is; None for any other address."""
    sent = request_at(address[:LONGEST])
    if sent is None:
        return None
    client = client_of(sent, find_client_apart)
    if is_reference(sent.get("request_uri", ())):
        with peek() as look:
            sent = find_pushed(look, client, sent["request_uri"][0], read_cookie(BROWSER), now=now()).parameters
    return client, sent


def request_at(address: str) -> Parameters | None:
    """What is asked at this address, as `authorize` would read it there; None for any other address."""
    target = urlsplit(address) if address.startswith("/") else None
    if target is None or target.netloc or target.path != AUTHORIZE:
        return None
    known: dict[str, Parameters] = g.setdefault("asked_at", {})  # a sign-in that leads straight on asks twice
    if target.query not in known:
        known[target.query] = parameters(MultiDict(parse_qsl(target.query, keep_blank_values=True)))
    return known[target.query]
