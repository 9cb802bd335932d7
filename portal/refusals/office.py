"""Refusals of the office and of staff roles."""

from portal.language import _l

SENTENCES = {
    "out-of-scope": _l("This application belongs to another office. Your attempt was recorded."),
    "role-unknown": _l("There is no role of this name."),
    "role-needs-unit": _l("This role is held in a unit. Choose the unit."),
    "role-days": _l("The last day must come after the first."),
    "role-held": _l("This person holds the role in this unit already."),
    "slip-not-needed": _l("No slip is needed: the account of this person is in use, and nothing has to be activated."),
    "slip-shown": _l(
        "This slip was shown already and cannot be shown again. Make a new slip; the old secret stops working."
    ),
    "register-away-at-counter": _l(
        "The register does not answer. The visit is saved. Ask again in a few minutes; while it is on the manual "
        "route, compare by hand."
    ),
    "supervisor-only": _l("This is for a supervisor of the office. Your attempt was recorded."),
    "case-not-taken": _l("Take the next case, or open this one while its applicant stands before you."),
    "case-held": _l("Another officer works on this application. A supervisor can give it to the next one."),
    "not-holding": _l("You do not hold this application any more. Somebody took it, or it went on."),
    "paper-not-of-file": _l("These are not the last 4 signs of the paper of this file. The attempt was recorded."),
    "nobody-with-number": _l("No open application of your offices has this number. The attempt was recorded."),
    "brought-incomplete": _l("Something that was asked for is missing. The request stands until everything is there."),
    "past-the-counter": _l(
        "The counter is done with this application: another officer has the next step. Nothing is to be done here."
    ),
    "conflict-declared": _l("You declared a conflict of interest with this person. Another officer works on it."),
    "conflict-label": _l("Say who it is, in words for your own list."),
    "conflict-number": _l("Enter 12 digits, or a passport number with the three letters of its country first."),
    "linking-open": _l("Somebody is known who may be this person. First an officer says whether they are two people."),
    "linking-same": _l("An officer found that this person has an account. The application can only be refused."),
    "earlier-unknown": _l("Not found: no account of a foreign resident has this number. The attempt was recorded."),
    "earlier-known": _l("The papers of this application already name the person’s account. No other number is needed."),
    "earlier-compared": _l("Found, and an officer has compared the two already."),
    "task-four-eyes": _l("You had a part in this application. Another officer looks at it. Your attempt was recorded."),
    "task-done": _l("Another officer answered this meanwhile."),
    "task-note-missing": _l("Say why, so that the next officer understands."),
    "break-glass-reason": _l("Give the reason in %(least)s to %(most)s characters."),
    "wish-reason": _l("Give the reason in %(least)s to %(most)s characters."),
    "wish-not-needed": _l("You may ask for it yourself: no supervisor is needed."),
    "wish-open": _l("A supervisor was asked already. Look at the application again."),
    "wish-own": _l("You asked for it yourself: another supervisor answers. Your attempt was recorded."),
    "wish-answered": _l("This wish was answered meanwhile, or is not needed any more."),
    "wish-answer-missing": _l("Say why not, so that the officer can go on."),
    "dossier-unknown": _l("There is no application of this number. The attempt was recorded."),
    "break-glass-open": _l("You asked for this application already; the answer is still to come."),
    "glass-own": _l("You asked for it yourself: somebody else answers. Your attempt was recorded."),
    "glass-answered": _l("Another supervisor answered this meanwhile."),
    "glass-over": _l("Nobody answered in time, so this wish has ended. The officer may ask anew."),
    "glass-shut": _l("This application is not open for you, or not any more. Your attempt was recorded."),
    "hand-route": _l("The register is asked. There is nothing to compare by hand."),
    "hand-paper": _l(
        "This is not the number of a paper in this application that still counts. Read it from the original again. "
        "The attempt was recorded."
    ),
    "hand-compared": _l("Another officer compared by hand already. A supervisor confirms it."),
    "hand-second-person": _l(
        "You received or compared this person yourself. A second person confirms it. Your attempt was recorded."
    ),
    "hand-register-back": _l(
        "The register answers again and is being asked about this person. Open the application again in a few minutes."
    ),
    "nothing-waits": _l("No application waits for you. New ones appear in the list."),
}
STATUS = {
    "case-not-taken": 403,
    "supervisor-only": 403,
    "conflict-declared": 403,
    "task-four-eyes": 403,
    "hand-second-person": 403,
    "hand-register-back": 503,
    "glass-own": 403,
    "wish-own": 403,
    "glass-shut": 403,
    "out-of-scope": 403,
    "register-away-at-counter": 503,
}
