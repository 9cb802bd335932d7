"""Refusals about one's own data and about consent for a purpose."""

from portal.language import _l

SENTENCES = {
    "rights-already-open": _l("You have already asked for this, and the answer is on its way. See it under My data."),
    "rights-over": _l("This request was answered or taken back already."),
    "rights-taken": _l("Somebody has taken this request already. Open the page again to see how it stands."),
    "rights-reason": _l("Choose a reason that fits the answer."),
    "rights-asked-before": _l("This has been asked for already, and the answer is on its way."),
    "rights-about": _l("Choose what it is about."),
    "rights-words": _l("Write what they want, in their words."),
    "rights-paper": _l("Enter number and day of the paper that shows who asks."),
    "rights-not-dead": _l("No death is on record for this account. Take the death certificate to the lock desk first."),
    "rights-four-eyes": _l("You took this request in. A colleague answers it. Your attempt was recorded."),
    "rights-nothing-may-go": _l(
        "Nothing may be erased while the application is open or its refusal can be appealed. Say so in an answer of "
        '"Not granted".'
    ),
    "rights-needs-account": _l("There is no account yet whose consents could be taken back. Choose something else."),
    "export-lately": _l("You can ask for a copy once in %(hours)s hours. The last one is still here."),
    "words-changed": _l("The text has changed in the meantime. Read it again, then choose."),
    "use-restricted": _l("You had the use of your data restricted. Lift that first, under My data."),
}
STATUS = {"rights-four-eyes": 403, "rights-over": 409, "rights-taken": 409}
