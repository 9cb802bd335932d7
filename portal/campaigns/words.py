"""Words for indicators, states of tasks, and how targets stand."""

from __future__ import annotations

from onboarding.campaign import Standing, TaskState
from portal.language import _l

INDICATORS = {
    "applied": _l("Applications for level 2"),
    "issued": _l("Accounts issued"),
    "activated": _l("Accounts activated"),
    "issued-of-applied": _l("Issued, of those who applied"),
    "activated-of-issued": _l("Activated, of the accounts issued"),
    "activated-of-applied": _l("Activated, of those who applied"),
}
STATES = {
    TaskState.OPEN: (_l("To be done"), "plain", ""),
    TaskState.DOING: (_l("In hand"), "waiting", "clock"),
    TaskState.DONE: (_l("Done"), "good", "check"),
    TaskState.DROPPED: (_l("Dropped"), "off", "x"),
}
MOVE_WORDS = {
    TaskState.OPEN: _l("Put it back"),
    TaskState.DOING: _l("I take it in hand"),
    TaskState.DONE: _l("It is done"),
    TaskState.DROPPED: _l("Drop it"),
}
STANDINGS = {
    Standing.NOT_BEGUN: (_l("Not begun"), "plain", ""),
    Standing.NOTHING_TO_COUNT: (_l("Nothing to count yet"), "plain", ""),
    Standing.REACHED: (_l("Reached"), "good", "check"),
    Standing.ON_COURSE: (_l("On course"), "good", ""),
    Standing.BEHIND: (_l("Behind"), "waiting", "clock"),
    Standing.MISSED: (_l("Missed"), "bad", "x"),
}
