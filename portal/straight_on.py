"""Whoever has just signed in may be answered at once by the slice that waits for them, without a further request.

Slices never import one another: the provider says here how it goes on, the sign-in pages ask here.
"""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.wrappers import Response

from identity.session import Opened

WAYS: list[Callable[[Opened, str], Response | None]] = []
"""Each is given the session and the address that the person wanted. None: they are sent there."""


def straight_on(opened: Opened, target: str | None) -> Response | None:
    """What answers now, in the transaction of the sign-in."""
    answers = (way(opened, target) for way in WAYS) if target else ()
    return next((answer for answer in answers if answer is not None), None)
