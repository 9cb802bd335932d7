"""Words for indicators, states of tasks, and how targets stand."""

from __future__ import annotations

from identity.base import Refused
from onboarding.campaign import AimKind, Standing, TaskState, TaskStep
from onboarding.campaign.tasks import Line
from onboarding.figures.registry import Better, Indicator, fed, get_indicator
from portal.language import _, _l, day, of_two
from portal.words.entry_codes import calls

KINDS = {AimKind.SHARE: _l("A share in percent"), AimKind.COUNT: _l("A number, of what is counted above the line")}
STATES = {
    TaskState.OPEN: (_l("To be done"), "plain", ""),
    TaskState.DOING: (_l("In hand"), "waiting", "clock"),
    TaskState.DONE: (_l("Done"), "good", "check"),
    TaskState.DROPPED: (_l("Dropped"), "off", "x"),
}
calls("state", STATES)
MOVE_WORDS = {
    TaskState.OPEN: _l("Put it back"),
    TaskState.DOING: _l("I take it in hand"),
    TaskState.DONE: _l("It is done"),
    TaskState.DROPPED: _l("Drop it"),
}
STANDINGS = {
    Standing.NOT_BEGUN: (_l("Not begun"), "plain", ""),
    Standing.NOTHING_TO_COUNT: (_l("Nothing to count yet"), "plain", ""),
    Standing.HIDDEN: (_l("Too few to be shown"), "plain", ""),
    Standing.REACHED: (_l("Reached"), "good", "check"),
    Standing.NEAR: (_l("Nearly there"), "waiting", "triangle-alert"),
    Standing.ON_COURSE: (_l("On course"), "good", ""),
    Standing.BEHIND: (_l("Behind"), "waiting", "clock"),
    Standing.MISSED: (_l("Missed"), "bad", "x"),
}


def step_words(line: Line) -> str:
    """A line of a task's history."""
    one, words = line.change, {"day": day(line.change.due_on)}
    match one.step:
        case TaskStep.ASKED:
            return str(_("More time asked for, until %(day)s", **words))
        case TaskStep.GIVEN:
            return str(_("More time given, until %(day)s", **words))
        case TaskStep.KEPT:
            return str(_("No more time given, it stays until %(day)s", **words))
        case TaskStep.HANDED:
            return str(_("Handed over from %(before)s to %(after)s", before=line.before, after=line.after))
    return str(STATES[TaskState(one.state)][0])


def indicator_choices() -> list[tuple[str, str]]:
    """For a form: everything that something feeds, as the registry names it."""
    return [(one.code, _choice(one)) for one in fed()]


def _choice(one: Indicator) -> str:
    name = one.name[of_two()]
    return str(_("%(name)s (less is better)", name=name)) if one.better is Better.LESS else name


def indicator_name(code: str) -> str:
    """As the registry names it; its code where the registry knows it no more."""
    try:
        return get_indicator(code).name[of_two()]
    except Refused:
        return code
