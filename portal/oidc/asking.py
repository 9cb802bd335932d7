"""The request of this moment, and the person it is about."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from identity.oidc import asked
from identity.oidc.prompts import Situation, Visitor
from identity.oidc.request import AuthorizationRequest, read
from identity.oidc.visit import look
from portal.database import db
from portal.language import offer_locales
from portal.oidc.provider import find_client, key_ring, read_id_token
from portal.security import me
from portal.services import now, services

Parameters = dict[str, list[str]]
SHOWN = "eid_shown"
"""What the consent page showed, in the address of its answer; no part of the request."""


def parameters(sent: MultiDict[str, str] | None = None) -> Parameters:
    """Everything that was asked, with repetitions."""
    values: Any = request.args if sent is None else sent
    return {name: values.getlist(name) for name in values if name != SHOWN}


def this_request() -> AuthorizationRequest:
    """The authorization request in the address, checked; its languages are offered to the reader."""
    key_ring()  # made, if it has to be, before this request writes
    found = read(parameters(), find_client=find_client, read_id_token=read_id_token)
    offer_locales(found.ui_locales)
    return found


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


def situation(asking: AuthorizationRequest, visitor: Visitor | None, *, is_decided: bool = False) -> Situation:
    """How things stand between this request and this person."""
    since = asked.asked_at(services().vault, parameters(), now=now())
    return look(db, asking, visitor, asked_at=since, now=now(), is_decided=is_decided)


def same_request() -> str:
    """The address of this very authorization request."""
    return f"{url_for('oidc.authorize')}?{urlencode(parameters(), doseq=True)}"


def same_request_later() -> str:
    """The same, marked: this request has asked for a sign-in at this moment."""
    marked = parameters() | {asked.PARAMETER: [asked.mark(services().vault, parameters(), now=now())]}
    return f"{url_for('oidc.authorize')}?{urlencode(marked, doseq=True)}"
