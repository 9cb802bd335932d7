"""How the office names states, people and countries."""

from __future__ import annotations

from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from identity.application import Application, Line, State
from portal.language import _, _l, current_locale
from portal.words.entry_codes import calls

STATES: dict[str, tuple[Any, str]] = {
    State.SUBMITTED: (_l("New"), "waiting"),
    State.RECEIVED: (_l("Received"), "plain"),
    State.SUPPLEMENT_REQUESTED: (_l("Waiting for the applicant"), "off"),
    State.RESUBMITTED: (_l("Supplemented"), "waiting"),
    State.CAPTURED: (_l("Visited the counter"), "plain"),
    State.MATCHED: (_l("Ready to decide"), "waiting"),
    State.APPROVED: (_l("Approved"), "good"),
    State.REFUSED: (_l("Refused"), "bad"),
    State.APPEALED: (_l("Appealed"), "waiting"),
    State.ISSUED: (_l("Account issued"), "good"),
    State.WITHDRAWN: (_l("Withdrawn"), "off"),
    State.ABANDONED: (_l("Closed: no answer came"), "off"),
    State.DECEASED: (_l("Ended by a death"), "off"),
}
TODO: dict[str, Any] = {
    State.SUBMITTED: _l("Check and acknowledge"),
    State.RECEIVED: _l("Counter visit"),
    State.SUPPLEMENT_REQUESTED: _l("The applicant answers"),
    State.RESUBMITTED: _l("Look at the supplement"),
    State.CAPTURED: _l("Ask the register to compare"),
    State.MATCHED: _l("Decide"),
    State.APPEALED: _l("Hear the appeal"),
}
NEXT_STEP: dict[str, Any] = {
    State.SUBMITTED: _l("Check that the application is complete. Acknowledge it, or ask for what is missing."),
    State.RECEIVED: _l("The applicant comes to the counter with the documents."),
    State.SUPPLEMENT_REQUESTED: _l(
        "The clock stands until the applicant answers, or brings what was asked for to the counter."
    ),
    State.RESUBMITTED: _l(
        "Look at the supplement. If it is complete, acknowledge it: the applicant is told and the application goes on."
    ),
    State.CAPTURED: _l("The visit is saved. The register has not compared the fingerprints yet."),
    State.MATCHED: _l("Everything is there. An officer who did not receive this application decides."),
    State.APPROVED: _l("Approved. The account is being issued."),
    State.APPEALED: _l("The applicant appealed. An officer who had no part in this application hears it."),
    State.REFUSED: _l("Refused. The applicant has the reason and may appeal to another officer."),
    State.ISSUED: _l("Account issued. The applicant activates it with the notice and the slip."),
    State.WITHDRAWN: _l("The applicant withdrew the application."),
    State.ABANDONED: _l("The applicant did not answer in time."),
    State.DECEASED: _l(
        "A death was recorded: of the applicant, or of the guardian who applied. Nothing is to be done."
    ),
}


HAND_BACK: dict[str, Any] = {
    "leaving": _l("My working day ends, or I am away"),
    "language": _l("It needs a language that I do not speak"),
    "not-for-me": _l("It is not for my desk"),
    "too-much": _l("I have too much to do to keep the date"),
}
TIES: dict[str, Any] = {
    "self": _l("It is my own"),
    "relative": _l("A relative of mine"),
    "household": _l("Somebody I live with"),
    "business": _l("We do business together"),
    "friendship": _l("A friend"),
    "quarrel": _l("We are in a dispute"),
}
calls("reason", HAND_BACK)
calls("tie", TIES)


def who(applicant: Application | Line) -> str:
    """Citizen, or foreign resident with the nationality."""
    if applicant.person_kind == "citizen":
        return _("Citizen")
    nationality = country(applicant.nationality or "")
    return _("Foreign resident, %(country)s", country=nationality) if nationality else _("Foreign resident")


def country(alpha_3: str) -> str:
    """The name of a country (ISO 3166-1 alpha-3, as passports write it) in the reader's language."""
    aliases = get_global("territory_aliases").get(alpha_3)
    if not aliases:
        return alpha_3
    try:
        return str(Locale.parse(current_locale(), sep="-").territories.get(aliases[0], alpha_3))
    except UnknownLocaleError:
        return alpha_3
