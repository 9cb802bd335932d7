"""The authorization endpoint and the person's answers (OpenID Connect Core section 3.1.2)."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import redirect, request, url_for
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response

from identity import consent
from identity.audit import Actor
from identity.oidc.errors import ProtocolError
from identity.oidc.grants import revoke_for_client
from identity.oidc.prompts import Check, Situation, Step, next_prompt
from identity.oidc.request import AuthorizationRequest
from identity.oidc.visit import answer_with_error, use_up
from portal.database import db
from portal.fields import is_only_shown
from portal.oidc import account_pages, blueprint
from portal.oidc.asking import (
    AUTHORIZE,
    code_for,
    keep_for_this_browser,
    parameters,
    same_request,
    same_request_later,
    situation,
    this_request,
    this_visitor,
)
from portal.oidc.consent_page import choices, consent_page, is_what_was_shown, items_to_show, words
from portal.oidc.form_post import give_back, lead_to
from portal.oidc.objects import place_to_keep
from portal.oidc.provider import provider
from portal.security import me, writes
from portal.security.guards import unprotected
from portal.services import now

REASONS = {
    "account-creation-asked": "The person is not signed in",
    "no-session": "The person is not signed in",
    "login-asked": "The person has to sign in again",
    "account-choice-asked": "The person has to choose an account",
    "signed-in-too-long-ago": "The sign-in is older than max_age",
    "level-out-of-reach": "None of the essential acr values can be met",
    "level-too-low": "The sign-in does not reach the level asked for",
    "level-still-too-low": "The person did not reach the level asked for",
    "another-person-meant": "Another person is signed in than the one meant",
    "still-another-person": "Another person signed in than the one meant",
    "guardian-unasked": "The guardian of the person has to confirm",
    "consent-asked": "The person has to be asked for consent",
    "new-items": "The person has not agreed to everything that is asked",
}
RULE = "OpenID Connect Core section 3.1.2.6"


@blueprint.get(AUTHORIZE)
@writes
def authorize() -> Response:
    if request.method == "HEAD":  # a preview of a link buys no code, and takes no pushed request from who follows it
        raise MethodNotAllowed(["GET", "POST"])
    onward = place_to_keep(parameters())
    if onward is not None:
        return redirect(onward, 303)
    asking, visitor = this_request(), this_visitor()
    standing = situation(asking, visitor)
    todo = next_prompt(standing)
    if todo is None and visitor is not None:
        return code_for(standing, standing.given)
    if todo is None or todo.step is Step.GIVE_UP or asking.is_silent:
        raise _refusal(asking, todo)
    return keep_for_this_browser(asking, _page_for(todo, standing))


@blueprint.post(AUTHORIZE)
@unprotected
def authorize_posted() -> Response:
    """A request may be posted (Core section 3.1.2.1). A stranger's post brings no cookie: it is read again as a GET."""
    sent = parameters(request.form)
    onward = place_to_keep(sent) or f"{AUTHORIZE}?{urlencode(sent, doseq=True)}"
    return redirect(onward, 303)


@blueprint.post("/oauth/consent")
def decide() -> Response:
    """The answer of the consent page, to the request that stands in the address."""
    asking, visitor = this_request(), this_visitor()
    standing = situation(asking, visitor, is_decided=True)
    if visitor is None or next_prompt(standing) is not None:
        return redirect(same_request(), 303)
    once = "once" in request.form
    if is_only_shown():
        return consent_page(asking, standing, visitor, ticked=request.form.getlist("item"), once=once)
    actor = Actor(visitor.account_id, "resident")
    if request.form.get("decision") != "approve":
        use_up(db, asking, now=now())
        consent.refuse(db, visitor.account_id, asking.client.id, actor=actor, now=now())
        return _back_with(asking, ProtocolError("access_denied", "The person did not agree", rule=RULE))
    shown = items_to_show(asking, standing)
    if not is_what_was_shown(asking, shown, visitor):
        return redirect(same_request(), 303)
    answers = choices(asking, shown, request.form.getlist("item"))
    ended = {item for item, said_yes in answers.items() if once or not said_yes}
    if ended & consent.given(db, visitor.account_id, asking.client.id):  # tokens of before would still release them
        revoke_for_client(db, visitor.account_id, asking.client.id, now=now())
    said = words(asking, shown)
    consent.answer(
        db, visitor.account_id, asking.client.id, answers, said,
        actor=actor, now=now(), once=once, session_id=visitor.session_id,
    )  # fmt: skip
    agreed = {item for item, said_yes in answers.items() if said_yes}
    return code_for(standing, standing.given - answers.keys() | agreed, once=once)


@blueprint.get("/oauth/consent")
def decide_again() -> Response:
    """The consent page was reloaded: ask once more."""
    return redirect(same_request(), 303)


def _back_with(asking: AuthorizationRequest, error: ProtocolError) -> Response:
    return give_back(answer_with_error(asking.way_back, provider().issuer, error))


def _refusal(asking: AuthorizationRequest, todo: Check | None) -> ProtocolError:
    if todo is None:
        return ProtocolError("server_error", "The request could not be answered", way_back=asking.way_back)
    return ProtocolError(todo.error, REASONS[todo.reason], rule=RULE, way_back=asking.way_back)


def _page_for(todo: Check, standing: Situation) -> Response:
    """The page on which the person does what is still to be done."""
    asking, visitor = standing.request, standing.visitor
    match todo.step:
        case Step.CONSENT if visitor is not None:
            return consent_page(asking, standing, visitor)
        case Step.ASK_GUARDIAN:
            return redirect(url_for("guardians.ask", client=asking.client.id, next=same_request()), 303)
        case Step.CHOOSE_ACCOUNT:
            return account_pages.choose(asking)
        case Step.APPLY:
            return account_pages.apply(asking)
        case Step.RAISE_LEVEL:
            return redirect(url_for("account.raise_level", next=same_request_later()), 303)
    return _to_sign_in(asking.login_hint)


def _to_sign_in(login_hint: str = "") -> Response:
    """To the sign-in pages and back to this request. Whoever is signed in already proves who they are again."""
    again = 1 if me() is not None else None
    return lead_to(url_for("account.sign_in", next=same_request_later(), again=again, login_hint=login_hint or None))
