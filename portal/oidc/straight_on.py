"""The code in the answer to the password or the second step, where nothing else is to be asked.

It is what `authorize` would answer a moment later to the same request of the same person. Whatever else it would show,
a page, an error, a form to be posted, it shows itself: the person is sent there, as after any sign-in.
"""

from __future__ import annotations

from flask import g
from werkzeug.wrappers import Response

from identity.oidc.errors import FORM_POST, NoWayBack, ProtocolError
from identity.oidc.prompts import Visitor, next_prompt
from identity.session import Opened
from portal.oidc.asking import code_for, situation, this_request
from portal.oidc.leading_back import LONGEST, request_at
from portal.oidc.onward import forget_the_way
from portal.security.visitor import STAFF
from portal.straight_on import WAYS


def code_at_once(opened: Opened, target: str) -> Response | None:
    """The way back with a code; None where `authorize` has more to do, or another page than these asks."""
    sent = request_at(target) if g.get("leads_back") and len(target) <= LONGEST else None
    if sent is None or opened.kind == STAFF or opened.person_id is None:
        return None
    visitor = Visitor(
        account_id=opened.account_id,
        person_id=opened.person_id,
        session_id=opened.session_id,
        auth_time=opened.auth_time,
        aal=opened.aal,
        amr=opened.amr,
    )
    try:
        asking = this_request(sent)
        standing = situation(asking, visitor, sent)
        if asking.way_back.mode == FORM_POST or next_prompt(standing) is not None:
            return None
        return forget_the_way(code_for(standing, standing.given))
    except (NoWayBack, ProtocolError):
        return None


WAYS.append(code_at_once)
