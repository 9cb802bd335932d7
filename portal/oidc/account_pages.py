"""Which account goes on: the one that is signed in, another, or one that has to be applied for.

`prompt=select_account` (OpenID Connect Core section 3.1.2.1) and `prompt=create` (Initiating User Registration 1.0).
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from identity.credentials.sign_in import sign_out
from identity.oidc.request import AuthorizationRequest
from portal import security
from portal.database import db
from portal.fields import is_only_shown
from portal.language import in_our_language
from portal.oidc import blueprint
from portal.oidc.asking import (
    parameters,
    same_request,
    same_request_later,
    same_request_with_this_account,
    this_visitor,
)
from portal.pages import page
from portal.security import allow_form_target, me
from portal.services import now


def choose(asking: AuthorizationRequest) -> Response:
    """The account that is signed in, or another. The answer may lead back to the service at once."""
    allow_form_target(asking.way_back.redirect_uri)
    return page("oidc/choose_account.html", action=_action(), name=_name(asking), account=me())


def apply(asking: AuthorizationRequest) -> Response:
    """How to get an account, and the way on for who has one already, which may lead back to the service at once."""
    if this_visitor() is not None:
        allow_form_target(asking.way_back.redirect_uri)
        return page("oidc/apply_signed_in.html", action=_action(), name=_name(asking), account=me())
    sign_in = url_for("account.sign_in", next=same_request_later(), login_hint=asking.login_hint or None)
    return page("oidc/apply_first.html", sign_in=sign_in, name=_name(asking), next=same_request_later())


@blueprint.post("/oauth/account")
def choose_account() -> Response:
    """The answer of the pages above, remembered for this request and this session."""
    visitor = this_visitor()
    if visitor is None or is_only_shown():
        return redirect(same_request(), 303)
    if request.form.get("choice") == "new":
        return _leave_for_an_application()
    if request.form.get("choice") == "another":
        return redirect(url_for("account.sign_in", next=same_request_later(), again=1), 303)
    return redirect(same_request_with_this_account(visitor), 303)


@blueprint.get("/oauth/account")
def choose_account_again() -> Response:
    """The page was reloaded: ask once more."""
    return redirect(same_request(), 303)


def _leave_for_an_application() -> Response:
    """Somebody else sits here now. Whoever was signed in is signed out, and their services are told."""
    holder = me()
    response = redirect(url_for("enrolment.start", next=same_request()), 303)
    if holder is not None:
        sign_out(db, holder.actor, holder.session_id, now=now())
        security.sign_out(response)
    return response


def _action() -> str:
    return f"{url_for('oidc.choose_account')}?{urlencode(parameters(), doseq=True)}"


def _name(asking: AuthorizationRequest) -> str:
    return in_our_language(asking.client.name) or asking.client.client_id
