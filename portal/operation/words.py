"""How the operator's pages name the states of a message and what a service answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from identity.oidc.deliveries import Filter, State
from portal.language import _, _l, current_locale

FILTERS: dict[Filter, Any] = {
    Filter.ALL: _l("All"),
    Filter.OPEN: _l("Not yet delivered"),
    Filter.FAILED: _l("With trouble"),
    Filter.DELIVERED: _l("Delivered"),
}
STATES: dict[State, tuple[Any, str, str]] = {
    State.WAITING: (_l("Waiting"), "waiting", "clock"),
    State.SENDING: (_l("Being sent"), "waiting", "send"),
    State.TRYING_AGAIN: (_l("Trying again"), "waiting", "clock"),
    State.DELIVERED: (_l("Delivered"), "good", "check"),
    State.DECLINED: (_l("Declined by the service"), "bad", "x"),
    State.GIVEN_UP: (_l("Given up"), "bad", "x"),
}
"""Word, kind of tag, icon."""
TROUBLES: dict[str, Any] = {
    "not-https": _l("The address is not https"),
    "too-slow": _l("No answer in time"),
    "not-trusted": _l("The certificate is not trusted"),
    "unreachable": _l("Cannot be reached"),
    "not-public": _l("The address is not a public one"),
    "too-big": _l("The answer is too long"),
    "redirected": _l("It redirects elsewhere"),
    "unsealable": _l("The message cannot be opened with these keys"),
    "no-signing-key": _l("We have no key to sign with yet"),
}
"""Why the fetcher or the worker gave up an attempt, by the name it left."""


def answer(last: str | None) -> str:
    """What came back from the last attempt that failed."""
    if not last:
        return ""
    if last.isdecimal():
        return _("Answered %(status)s", status=last)
    return str(TROUBLES.get(last, last))


def service(name: Mapping[str, str], client_id: str) -> str:
    """The service in the reader's language, else by its identifier."""
    return name.get(current_locale()) or name.get("vi") or next(iter(name.values()), "") or client_id or "–"
