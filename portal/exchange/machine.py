"""Who may ask: a program with a live access token (RFC 6750) whose scope covers the unit.

`statistics` is the whole country, `statistics:30` the unit of that code with everything below it. Only tokens of
programs of their own (client credentials), for our own endpoints and bound to no key, are taken here.
"""

from __future__ import annotations

from collections.abc import Collection

from flask import Response, g, request

from identity.account import Act
from identity.base import Refused
from identity.oidc.tokens import Live, find_live
from portal.database import db
from portal.exchange.problem import problem
from portal.language import _
from portal.services import now

SCOPE = "statistics"


def machine() -> Response | None:
    """Guard of the slice."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return _unauthorized("")
    live = find_live(db, token.strip(), Act.USERINFO, now=now())
    if live is None or not _is_plain(live):
        return _unauthorized('error="invalid_token"')
    if not _covered(live.scopes):
        return _insufficient()
    g.exchange_scopes = live.scopes
    return None


def check_covers(codes: Collection[str]) -> None:
    """Refused `unit-not-covered` unless the token is for the country or for one of these units."""
    covered = _covered(g.exchange_scopes)
    if "" not in covered and not covered & set(codes):
        raise Refused("unit-not-covered")


def _covered(scopes: Collection[str]) -> set[str]:
    """The unit codes of the token's scopes; "" is the whole country."""
    parts = (scope.partition(":") for scope in scopes)
    return {code for name, _colon, code in parts if name == SCOPE}


def _is_plain(live: Live) -> bool:
    return live.account_id is None and live.terms.audience is None and live.terms.binding is None


def _unauthorized(error: str) -> Response:
    answer = problem(
        401, _("This request carries no valid access"), _("Send the credential of a program in the header.")
    )
    answer.headers["WWW-Authenticate"] = ", ".join(filter(None, ('Bearer realm="exchange"', error)))
    return answer


def _insufficient() -> Response:
    answer = problem(403, _("You may not do this"), _("This access lacks the scope “statistics”."))
    answer.headers["WWW-Authenticate"] = f'Bearer realm="exchange", error="insufficient_scope", scope="{SCOPE}"'
    return answer
