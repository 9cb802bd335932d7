"""The way on to a service for somebody who must first get back in, activate the account, or apply for one.

These take many pages, none of which has to know about services: the request waits in a cookie, sealed, for two hours.
It decides nothing. The page at the end offers it as a link, if the request still stands.
"""

from __future__ import annotations

import base64
from binascii import Error as NoBase64
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, g, request

from identity.either_key import same
from identity.oidc.errors import NoWayBack, ProtocolError
from identity.oidc.request import way_back_of
from portal.frame import only_for
from portal.language import in_our_language
from portal.oidc import blueprint
from portal.oidc.leading_back import waiting_request
from portal.security.cookies import drop_cookie, read_cookie, set_cookie
from portal.services import now, services

COOKIE = "eid_onward"
LIFE = timedelta(hours=2)
LONGEST = 3_000
"""Browsers keep 4,096 characters of a cookie; longer requests are kept by us, so their addresses are short."""
WAYS_OUT = {"account.recover", "activation.start", "enrolment.start"}
ENDS = {"account.overview", "activation.done", "account.recover_done"}
BACK = {"oidc.authorize"}


@dataclass(frozen=True, slots=True)
class Onward:
    """A service that the person was on the way to."""

    name: str
    address: str


@blueprint.after_app_request
@only_for(WAYS_OUT)
def keep_the_way(response: Response) -> Response:
    """Somebody who was signing in to a service turns to another page first."""
    target = request.args.get("next", "")
    if request.method == "GET" and len(target) <= LONGEST and find_onward(target) is not None:
        set_cookie(response, COOKIE, _sealed(target), LIFE)
    return response


@blueprint.before_app_request
@only_for(ENDS)
def offer_the_way() -> None:
    """The end of these pages is the start of the way on."""
    kept = read_cookie(COOKIE)
    g.onward = None if kept is None else find_onward(_opened(kept))


@blueprint.after_app_request
@only_for(BACK)
def forget_the_way(response: Response) -> Response:
    """The person is on it again."""
    if read_cookie(COOKIE) is not None:
        drop_cookie(response, COOKIE)
    return response


@blueprint.app_context_processor
def way_on() -> dict[str, Any]:
    return {"way_on": g.get("onward")}


def find_onward(target: str) -> Onward | None:
    """The service whose request waits at this address of ours; None when it does not stand."""
    try:
        found = waiting_request(target)
        if found is None:
            return None
        client, sent = found
        way_back_of(sent, client)
    except (NoWayBack, ProtocolError):
        return None
    return Onward(in_our_language(client.name) or client.client_id, target)


def _sealed(target: str) -> str:
    until = str(int((now() + LIFE).timestamp()))
    seal = services().vault.digest("oidc-onward", f"{until}|{target}")
    return ".".join((until, _written(seal), _written(target.encode())))


def _opened(kept: str) -> str:
    """The address, if we sealed it and its time is not over; else nothing."""
    until, _, rest = kept.partition(".")
    seal, _, written = rest.partition(".")
    try:
        target, shown = _read(written).decode(), _read(seal)
    except (NoBase64, ValueError):
        return ""
    is_ours = same(shown, services().vault.digest("oidc-onward", f"{until}|{target}"))
    return target if is_ours and now().timestamp() < int(until) else ""


def _written(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode()


def _read(value: str) -> bytes:
    return base64.b64decode(value.encode(), altchars=b"-_", validate=True)
