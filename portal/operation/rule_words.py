"""How the operator's pages name the units of the rules; a unit without a word here is shown as the rule says it."""

from __future__ import annotations

from typing import Any

from portal.language import _l

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
}
