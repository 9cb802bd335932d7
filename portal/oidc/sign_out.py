"""Signing out at the wish of a service (OpenID Connect RP-Initiated Logout 1.0). The person is asked first."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from identity.audit import Event, record
from identity.oidc.logout import LogoutRequest, read
from identity.session import end_session as end
from portal import security
from portal.database import db
from portal.language import offer_locales
from portal.oidc import blueprint
from portal.oidc.asking import parameters
from portal.oidc.consent_page import in_our_language
from portal.oidc.provider import find_client, key_ring, read_id_token
from portal.pages import page
from portal.security import allow_form_target, me
from portal.security.guards import unprotected
from portal.services import now, services


@blueprint.get("/oauth/end-session")
def end_session() -> Response:
    wish, visitor = _this_wish(), me()
    if visitor is None or not wish.is_about(services().vault, visitor.session_id):
        return _leave(wish)
    if wish.redirect_uri is not None:
        allow_form_target(wish.redirect_uri)
    action = f"{url_for('oidc.confirm_logout')}?{request.query_string.decode()}"
    name = in_our_language(wish.client.name) if wish.client else None
    return page("oidc/confirm_logout.html", action=action, name=name)


@blueprint.post("/oauth/end-session")
@unprotected
def end_session_posted() -> Response:
    """The wish may be posted; a stranger's post brings no cookie, so it is read again as a GET."""
    return redirect(f"{url_for('oidc.end_session')}?{urlencode(parameters(request.form), doseq=True)}", 303)


@blueprint.post("/oauth/end-session/confirm")
def confirm_logout() -> Response:
    wish, visitor = _this_wish(), me()
    response = _leave(wish)
    if visitor is not None:
        end(db, visitor.account_id, visitor.session_id, now=now())
        record(db, Event.SIGNED_OUT, visitor.actor, now=now(), subject=("account", visitor.account_id))
        security.sign_out(response)
    return response


@blueprint.get("/oauth/signed-out")
def signed_out() -> Response:
    return page("oidc/signed_out.html")


def _this_wish() -> LogoutRequest:
    key_ring()  # made, if it has to be, before this request writes
    wish = read(parameters(), find_client=find_client, read_id_token=read_id_token)
    offer_locales(wish.ui_locales)
    return wish


def _leave(wish: LogoutRequest) -> Response:
    """To the address that the service registered for this, else to our own farewell."""
    if wish.redirect_uri is None:
        return redirect(url_for("oidc.signed_out"), 303)
    joint = "&" if urlsplit(wish.redirect_uri).query else "?"
    state = f"{joint}{urlencode({'state': wish.state})}" if wish.state else ""
    return redirect(wish.redirect_uri + state, 303)
