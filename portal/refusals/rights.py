"""Refusals about one's own data and about consent for a purpose."""

from portal.language import _l

SENTENCES = {
    "rights-already-open": _l("You have already asked for this, and the answer is on its way. See it under My data."),
    "rights-over": _l("This request was answered or taken back already."),
    "rights-taken": _l("Somebody has taken this request already. Open the page again to see how it stands."),
    "rights-reason": _l("Choose a reason that fits the answer."),
    "export-lately": _l("You can ask for a copy once in %(hours)s hours. The last one is still here."),
    "words-changed": _l("The text has changed in the meantime. Read it again, then choose."),
    "use-restricted": _l("You had the use of your data restricted. Lift that first, under My data."),
}
STATUS = {"rights-over": 409, "rights-taken": 409}
