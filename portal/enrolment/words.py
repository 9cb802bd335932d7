"""What the applicant is told about where an application is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from identity.application import State
from portal.language import _l

S = State


@dataclass(frozen=True, slots=True)
class Standing:
    """A step in words: what happened, who acts now, and the colour of its tag."""

    title: Any
    acts: Any
    tag: str = "waiting"


STANDINGS: dict[str, Standing] = {
    S.SUBMITTED: Standing(
        _l("Sent"), _l("The office is checking the application. You need do nothing until we write to you.")
    ),
    S.RECEIVED: Standing(
        _l("Accepted"),
        _l("It is your turn: come to the office you chose with the documents, during opening hours."),
    ),
    S.SUPPLEMENT_REQUESTED: Standing(
        _l("Something is missing"), _l("It is your turn: see what the office asks for and answer."), "bad"
    ),
    S.RESUBMITTED: Standing(
        _l("Your answer has arrived"),
        _l("The office is looking at it. If you have not been there yet, come with the documents."),
    ),
    S.CAPTURED: Standing(_l("You have been at the counter"), _l("The office is comparing portrait and fingerprints.")),
    S.MATCHED: Standing(_l("Being decided"), _l("A second officer decides. You need do nothing.")),
    S.APPROVED: Standing(_l("Approved"), _l("The account is being made ready."), "good"),
    S.ISSUED: Standing(
        _l("Account issued"), _l("It is your turn: activate the account with the code in our message."), "good"
    ),
    S.REFUSED: Standing(_l("Refused"), _l("Read why, what to bring, and how to appeal."), "bad"),
    S.APPEALED: Standing(
        _l("Appeal under way"), _l("An officer who had no part in the decision looks at it again. You need do nothing.")
    ),
    S.WITHDRAWN: Standing(_l("Withdrawn"), _l("You took it back. You may apply again at any time."), "off"),
    S.ABANDONED: Standing(
        _l("Closed"), _l("What the office asked for did not arrive in time. You may apply again at any time."), "off"
    ),
    S.DECEASED: Standing(
        _l("Closed"),
        _l(
            "A death was recorded: of the applicant, or of the guardian who applied. If that is a mistake, come to an "
            "office with your document. If the guardian died, the new guardian may apply."
        ),
        "off",
    ),
}
ACTIVATED = Standing(_l("Account active"), _l("Everything is done. Sign in with your number and password."), "good")
AWAITS_HOLDER = Standing(
    _l("Account issued"),
    _l("The account is the young person's own now. They take it over: they apply here, with a phone of their own."),
    "good",
)
PLACES = {
    S.SUBMITTED: 1, S.SUPPLEMENT_REQUESTED: 1, S.RECEIVED: 2, S.RESUBMITTED: 2, S.CAPTURED: 3, S.MATCHED: 3,
    S.APPROVED: 4, S.ISSUED: 4,
}  # fmt: skip
"""Which of the five steps of the tracker is the present one, counted from 0."""
TRACK = (
    _l("Sent"),
    _l("Checked by the office"),
    _l("Face and fingerprints at the counter"),
    _l("Decided by a second officer"),
    _l("Activated by you"),
)


REFUSED_TRACKS = {
    S.REFUSED: ((TRACK[0], "done"), (TRACK[1], "done"), (STANDINGS[S.REFUSED].title, "stopped")),
    S.APPEALED: ((TRACK[0], "done"), (STANDINGS[S.REFUSED].title, "stopped"), (STANDINGS[S.APPEALED].title, "now")),
}
"""What the tracker shows instead when nothing goes on by itself. A file may be refused before anybody came."""

ONLINE = {
    S.RECEIVED: Standing(_l("Accepted"), _l("An officer compares your portrait. You need do nothing.")),
    S.RESUBMITTED: Standing(_l("Your answer has arrived"), _l("The office is looking at it. You need do nothing.")),
    S.ISSUED: STANDINGS[S.ISSUED],
}
"""What differs for an application that was sent online: nobody has to come."""
VISIT = 2
"""Which step of the tracker falls away online."""


def standing_of(state: str, activated: bool, level: int) -> Standing:
    """Where an application is, in words."""
    if activated:
        return ACTIVATED
    online = ONLINE.get(State(state)) if level == 1 else None
    return online or STANDINGS[state]


def tracker_steps(state: str, activated: bool = False, level: int = 2) -> list[dict[str, Any]]:
    """The steps of the journey with their state; none for an application that was closed on the way."""
    if (track := REFUSED_TRACKS.get(State(state))) is not None:
        return [{"text": text, "state": step} for text, step in track]
    here = len(TRACK) if activated else PLACES.get(State(state))
    if here is None:
        return []
    if level == 1 and here == VISIT:
        here += 1
    return [
        {"text": text, "state": "done" if place < here else "now" if place == here else "later"}
        for place, text in enumerate(TRACK)
        if level == VISIT or place != VISIT
    ]
