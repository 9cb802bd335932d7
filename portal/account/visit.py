"""The browser that signs in, as the domain wants to know it, and the cookies of the two steps."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from identity.credentials.sign_in import Visit
from identity.deadlines import rule, today_in_vietnam
from identity.session import Opened
from portal.account.destination import after_sign_in
from portal.security import SignedIn, me, sign_in
from portal.security.cookies import drop_cookie, read_cookie, set_cookie
from portal.security.known_browser import KNOWN_BROWSER, remember
from portal.security.limits import client_address
from portal.services import now, services
from portal.straight_on import straight_on

SECOND_STEP = "eid_second"
PASSKEYS = frozenset({"hwk", "swk"})
"""Methods of a device's own lock (RFC 8176 section 2)."""
LENT = "mca"
"""Signed in by another device's yes (`identity.credentials.qr`): its holder may have been led to say it."""
SMS = "sms"
WEAK = frozenset({SMS, LENT})
"""Methods that open pages, and change no way to sign in."""


def visitor() -> SignedIn:
    """Who is signed in, in a view whose guard has let nobody else pass."""
    return cast(SignedIn, me())


def this_visit() -> Visit:
    """Address, browser, and the session that it already holds."""
    holder = me()
    return Visit(
        address=client_address(),
        user_agent=request.user_agent.string,
        known_browser=read_cookie(KNOWN_BROWSER),
        session_id=holder.session_id if holder else None,
        account_id=holder.account_id if holder else None,
    )


def test_otp() -> str:
    """The fixed code of a demonstration; settings refuse it elsewhere."""
    return services().settings.test_otp


def wait_for_second_step(ticket: str, target: str | None) -> Response:
    """On to the second step, with the ticket in this browser only."""
    response = redirect(url_for("account.second_step", next=target), 303)
    set_cookie(response, SECOND_STEP, ticket, timedelta(minutes=rule("second_step_minutes", today_in_vietnam(now()))))
    return response


def welcome(opened: Opened, target: str | None) -> Response:
    """The session's cookie, a mark that this browser is known, and on to where the person wanted to go."""
    response = straight_on(opened, target) or redirect(after_sign_in(opened.account_id, target), 303)
    sign_in(response, opened.token)
    if read_cookie(SECOND_STEP) is not None:
        drop_cookie(response, SECOND_STEP)
    remember(response, opened.introduction)
    return response
