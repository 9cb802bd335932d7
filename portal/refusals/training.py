"""Refusals of training: lessons, sessions, checking in, witnessed checks, awards."""

from portal.language import _l

SENTENCES = {
    "skill-unknown": _l("There is no such skill."),
    "lesson-unknown": _l("There is no such lesson."),
    "course-without-skill": _l("Choose at least one skill."),
    "course-not-yours": _l("Choose a course of your own team."),
    "session-ends-before": _l("The end must be later than the start."),
    "session-in-past": _l("This time is over. Choose a later one."),
    "session-begun": _l("This session has begun and can no longer be cancelled."),
    "session-unknown": _l("There is no such session."),
    "session-not-yours": _l("This session belongs to another team."),
    "training-session-over": _l("This session is over or was cancelled."),
    "roster-closed": _l("The list of this session is closed: it opens shortly before the start, for a week."),
    "check-in-wrong": _l("This code is not right. Look at the screen again: it changes all the time."),
    "check-in-stale": _l("This code is too old. Scan the one that is on the screen now."),
    "check-in-not-late": _l(
        "This code is too old. Use the one that is on the screen now. "
        "If the room had no network, the trainer can say so: then it still counts."
    ),
    "check-in-closed": _l("Checking in is open around the hours of the session only."),
    "check-in-again": _l("Your scan has expired. Scan the code on the screen once more."),
    "check-in-blocked": _l("Too many wrong codes. Ask the trainer to tick you off the list."),
    "slip-unknown": _l("This slip is not known, too old, or linked already. Check the eight characters."),
    "learner-unknown": _l("This person is not on the list."),
    "task-unknown": _l("Choose tasks of this skill only."),
    "check-family": _l("Only a member who is neither the person nor their family may confirm. Ask a colleague."),
    "check-own": _l("Nobody confirms themselves. Ask a colleague."),
    "check-not-yours": _l("This check belongs to another team or to another skill."),
    "check-superseded": _l("This check was corrected already. Open the newest one."),
    "check-too-late": _l("A check of more than %(days)s days ago is not taken in any more. Do it again."),
    "award-unknown": _l("There is no such award."),
    "award-revoked": _l("This award was revoked and can no longer be printed."),
}
STATUS = {
    "skill-unknown": 404,
    "lesson-unknown": 404,
    "session-unknown": 404,
    "session-not-yours": 403,
    "learner-unknown": 404,
    "check-own": 403,
    "check-not-yours": 403,
    "award-unknown": 404,
}
