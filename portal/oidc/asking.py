"""The request of this moment, and the person it is about."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from identity.oidc import asked
from identity.oidc.errors import NoWayBack
from identity.oidc.grammar import languages
from identity.oidc.prompts import Situation, Visitor
from identity.oidc.pushed import find_pushed, hold, is_reference
from identity.oidc.request import AuthorizationRequest, client_of, read
from identity.oidc.visit import answer_with_code, look
from portal.database import db, this_session
from portal.language import offer_locales
from portal.oidc.form_post import give_back
from portal.oidc.provider import find_client, key_ring, provider, read_id_token
from portal.pages import in_a_popup
from portal.security import me
from portal.security.cookies import read_cookie, set_cookie
from portal.services import now, services

Parameters = dict[str, list[str]]
AUTHORIZE = "/oauth/authorize"
SHOWN = "eid_shown"
"""What the consent page showed, in the address of its answer; no part of the request."""
POPUP = "popup"
BROWSER = "eid_browser"
"""The cookie by which a pushed request knows the browser that opened it again."""


def parameters(sent: MultiDict[str, str] | None = None) -> Parameters:
    """Everything that was asked, with repetitions."""
    values: Any = request.args if sent is None else sent
    return {name: values.getlist(name) for name in values if name != SHOWN}


def this_request(sent: Parameters | None = None) -> AuthorizationRequest:
    """The authorization request that the address, or `sent`, holds or refers to; its languages are offered."""
    key_ring()  # made, if it has to be, before this request writes
    sent = parameters() if sent is None else sent
    look_as_asked(sent)  # an error page does too
    if is_reference(sent.get("request_uri", ())):
        found = _pushed(sent)
    else:
        found = read(sent, find_client=find_client, read_id_token=read_id_token)
    offer_locales(found.ui_locales)
    if found.display == POPUP:
        in_a_popup()
    return found


def look_as_asked(sent: Mapping[str, Sequence[str]]) -> None:
    """The languages and the size of window that a request asks for, which may stand or not.

    Of the values of `display` only a popup looks different (OpenID Connect Core section 3.1.2.1): every page of ours is
    made for fingers, and reads without styles and scripts as a feature phone shows it.
    """
    offer_languages_of(sent)
    if list(sent.get("display", ())) == [POPUP]:
        in_a_popup()


def offer_languages_of(sent: Mapping[str, Sequence[str]]) -> None:
    """The languages that a request asks for, which may stand or not."""
    offer_locales(languages({"ui_locales": " ".join(sent.get("ui_locales", ()))}))


def _pushed(sent: Parameters) -> AuthorizationRequest:
    """Nothing in the address counts but the client and the reference (RFC 9126 section 4)."""
    client = client_of(sent, find_client)
    kept = find_pushed(db, client, sent["request_uri"][0], read_cookie(BROWSER), now=now())
    whole = {**kept.parameters, "client_id": [client.client_id]}
    return read(whole, find_client=lambda _: client, read_id_token=read_id_token, origin=kept.origin)


def keep_for_this_browser(asking: AuthorizationRequest, response: Response) -> Response:
    """Before the person turns to a page: a pushed request waits for them, here and nowhere else."""
    row = asking.origin.row
    if row is None or asking.origin.is_held:
        return response
    browser = read_cookie(BROWSER) or secrets.token_urlsafe(32)
    if not hold(db, row, browser, now=now()):
        raise NoWayBack("request-of-another-browser", asking.client)
    set_cookie(response, BROWSER, browser)
    return response


def this_visitor() -> Visitor | None:
    """The signed-in resident. Staff act for an office and tell no service who they are."""
    found = me()
    if found is None or found.is_staff or found.person_id is None:
        return None
    return Visitor(
        account_id=found.account_id,
        person_id=found.person_id,
        session_id=found.session_id,
        auth_time=found.auth_time,
        aal=found.aal,
        amr=found.amr,
    )


def situation(
    asking: AuthorizationRequest, visitor: Visitor | None, sent: Parameters | None = None, *, is_decided: bool = False
) -> Situation:
    """How things stand between this request and this person."""
    keys, sent = services().vault, parameters() if sent is None else sent
    since = asked.asked_at(keys, sent, now=now())
    is_chosen = visitor is not None and asked.is_chosen(keys, sent, visitor.session_id)
    return look(this_session(), asking, visitor, asked_at=since, now=now(), is_decided=is_decided, is_chosen=is_chosen)


def code_for(standing: Situation, given: Iterable[str], *, once: bool = False) -> Answer:
    """The way back to the service, with a code for what is `given`."""
    return give_back(answer_with_code(this_session(), provider(), standing, given, now=now(), once=once))


def same_request() -> str:
    """The address of this very authorization request."""
    return _address(parameters())


def same_request_later() -> str:
    """The same, marked: this request has asked for a sign-in at this moment."""
    return _address(parameters() | {asked.PARAMETER: [asked.mark(services().vault, parameters(), now=now())]})


def same_request_with_this_account(visitor: Visitor) -> str:
    """The same, marked: the person goes on with the account that is signed in."""
    mark = asked.choice(services().vault, parameters(), visitor.session_id)
    return _address(parameters() | {asked.CHOSEN: [mark]})


def _address(sent: Parameters) -> str:
    return f"{AUTHORIZE}?{urlencode(sent, doseq=True)}"
