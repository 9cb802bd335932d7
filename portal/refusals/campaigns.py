"""Refusals of campaigns: spans, targets, tasks."""

from portal.language import _l

SENTENCES = {
    "campaign-span": _l("The last day must not lie before the first, and a campaign lasts three years at most."),
    "campaign-unit": _l("Choose at least one of your own units."),
    "campaign-not-yours": _l("Only whoever coordinates all units of this campaign can change it."),
    "campaign-closed": _l("This campaign is closed; nothing in it changes any more."),
    "campaign-not-over": _l("A campaign is closed after its last day."),
    "campaign-tasks-open": _l("%(count)s tasks are still open. Have them done or dropped first."),
    "target-indicator": _l("Choose an indicator of the list."),
    "target-unit": _l("Choose a unit in which the campaign takes place."),
    "target-amount": _l(
        "A share lies above 0 and goes up to 100 percent. A number of people is a whole number above 0."
    ),
    "target-deadline": _l("Choose a day of the campaign."),
    "target-past": _l("This day is over. Choose today or a later day."),
    "task-unit": _l("Choose a unit in which the campaign takes place."),
    "task-owner": _l("Choose a coordinator or leader of these units."),
    "task-due": _l("This day is over. Choose today or a later day."),
    "task-move": _l("This step does not follow from where the task stands. Look at the task again."),
    "task-note": _l("Say why the task is dropped."),
    "task-later": _l("Choose a day after the last day so far, and not one that is over."),
    "task-reason": _l("Say why."),
    "task-not-own": _l("Only who does the task asks for more time."),
    "task-own-time": _l("You do this task yourself: somebody else decides until when, and who does it."),
}
STATUS: dict[str, int] = {
    "campaign-not-yours": 403,
    "campaign-closed": 409,
    "task-not-own": 403,
    "task-own-time": 403,
}
