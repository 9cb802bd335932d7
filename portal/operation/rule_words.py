"""How the operator's pages name the units of the rules, and their sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.language import _l, in_our_language

UNITS: dict[str, Any] = {
    "days": _l("days"),
    "working days": _l("working days"),
    "hours": _l("hours"),
    "working hours": _l("working hours"),
    "minutes": _l("minutes"),
    "seconds": _l("seconds"),
    "years": _l("years"),
    "as each name says": _l("as each name says"),
    "tries": _l("tries"),
    "look-ups": _l("look-ups"),
    "messages": _l("messages"),
    "codes": _l("codes"),
    "requests": _l("requests"),
    "questions": _l("questions"),
    "complaints": _l("complaints"),
    "people": _l("people"),
    "people or records": _l("people or records"),
    "percent of approvals": _l("percent of approvals"),
    "day of the month": _l("day of the month"),
    "trusted contacts": _l("trusted contacts"),
    "characters": _l("characters"),
    "leading digits": _l("leading digits"),
    "passkeys": _l("device locks"),
    "tries before a wait": _l("tries before a wait"),
    "days from its own day on, worked (true) or off (false)": _l(
        "days from its own day on, worked (true) or off (false)"
    ),
    "hours of a working day, Asia/Ho_Chi_Minh": _l("hours of a working day, Vietnam's time"),
    "days before the guardian's authority ends": _l("days before the guardian's authority ends"),
    "failures of an address that one success pays back": _l("failures of an address that one success pays back"),
    "kinds": _l("kinds"),
    "minutes after which failures are forgotten": _l("minutes after which failures are forgotten"),
    "minutes; numbers served last": _l("minutes; numbers served last"),
    "pixels of the shorter side": _l("pixels of the shorter side"),
    "remainder or restart": _l("the rest of the term (remainder) or the whole anew (restart)"),
    "requests told": _l("requests that are told"),
    "seconds, doubled by each further failure": _l("seconds, doubled by each further failure"),
    "things, by kind of person": _l("things, by kind of person"),
    "ways of a message": _l("ways of a message"),
    "ways to a level from an age on": _l("ways to a level from an age on"),
}


def source_in_our_language(source: str | Mapping[str, str]) -> str:
    """The release's own rules name theirs in both languages; a proposal keeps what was typed."""
    return source if isinstance(source, str) else in_our_language(source)
