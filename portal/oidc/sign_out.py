"""Signing out at the wish of a service (OpenID Connect RP-Initiated Logout 1.0). The person is asked first."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from identity.credentials.sign_in import sign_out
from identity.oidc.logout import LogoutRequest, read
from portal import security
from portal.database import db
from portal.fields import is_only_shown
from portal.language import in_our_language
from portal.oidc import blueprint
from portal.oidc.asking import Parameters, offer_languages_of, parameters
from portal.oidc.provider import find_client, key_ring, read_id_token
from portal.pages import page
from portal.security import allow_form_target, me
from portal.security.guards import unprotected
from portal.services import now


@blueprint.get("/oauth/end-session")
def end_session() -> Response:
    wish = _this_wish()
    if me() is None:
        return _leave(wish)
    if wish.redirect_uri is not None:
        allow_form_target(wish.redirect_uri)
    return page(
        "oidc/confirm_logout.html",
        action=_with_this_wish("oidc.confirm_logout"),
        stay=wish.way_back or url_for("account.overview"),
        name=in_our_language(wish.client.name) if wish.client else None,
    )


@blueprint.post("/oauth/end-session")
@unprotected
def end_session_posted() -> Response:
    """The wish may be posted; a stranger's post brings no cookie, so it is read again as a GET."""
    _read(parameters(request.form))  # one that would be refused makes no address of whatever length
    return redirect(f"{url_for('oidc.end_session')}?{urlencode(parameters(request.form), doseq=True)}", 303)


@blueprint.post("/oauth/end-session/confirm")
def confirm_logout() -> Response:
    if is_only_shown():
        return confirm_logout_again()
    wish, visitor = _this_wish(), me()
    response = _leave(wish)
    if visitor is not None:
        sign_out(db, visitor.actor, visitor.session_id, now=now())
        security.sign_out(response)
    return response


@blueprint.get("/oauth/end-session/confirm")
def confirm_logout_again() -> Response:
    """The answer was reloaded: ask once more."""
    return redirect(_with_this_wish("oidc.end_session"), 303)


@blueprint.get("/oauth/signed-out")
def signed_out() -> Response:
    offer_languages_of(parameters())
    return page("oidc/signed_out.html")


def _this_wish() -> LogoutRequest:
    return _read(parameters())


def _read(sent: Parameters) -> LogoutRequest:
    key_ring()  # made, if it has to be, before this request writes
    offer_languages_of(sent)  # an error page speaks them too
    return read(sent, find_client=find_client, read_id_token=read_id_token)


def _leave(wish: LogoutRequest) -> Response:
    """To the address that the service registered for this, else to our own farewell."""
    return redirect(wish.way_back or url_for("oidc.signed_out", ui_locales=" ".join(wish.ui_locales) or None), 303)


def _with_this_wish(endpoint: str) -> str:
    query = request.query_string.decode()
    return url_for(endpoint) + (f"?{query}" if query else "")
