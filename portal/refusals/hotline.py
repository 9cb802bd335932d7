"""Refusals of the hotline desk."""

from portal.language import _l

SENTENCES = {
    "hotline-nobody": _l("Nothing is found under this. Ask the caller to read it once more, or for another number."),
    "hotline-many": _l(
        "You have looked up as many people as calls can explain. Your administrator was told; go on in a few hours."
    ),
    "hotline-call-over": _l("This call is over. If the person still speaks to you, look the case up again."),
    "hotline-wrong": _l(
        "Not everything agrees, and we do not say what. Read the questions once more, and tell the caller no more."
    ),
    "hotline-tries": _l(
        "The answers were wrong too often today, so nothing can be done by phone. Send the caller to an office with "
        "the original of their document."
    ),
    "hotline-verify-first": _l("Ask the questions first; this needs right answers. Your attempt was recorded."),
    "hotline-call-back-first": _l("Call back to the phone on file first."),
    "hotline-no-phone": _l("No phone is on file. The office puts one there, in person, with the document."),
    "hotline-sent-lately": _l(
        "A notice was sent a short while ago. Ask the caller to wait for it, or to go to an office."
    ),
    "hotline-held-lately": _l(
        "New sign-ins were stopped for a day within the last week already. Offer the freeze, which needs right answers."
    ),
    "hotline-no-account": _l("There is no account yet. Only the state of the application can be told."),
    "hotline-outcome": _l("Choose how the call ended."),
}
STATUS = {
    "hotline-many": 429,
    "hotline-call-over": 409,
    "hotline-tries": 403,
    "hotline-verify-first": 403,
    "hotline-call-back-first": 409,
    "hotline-sent-lately": 409,
    "hotline-held-lately": 409,
}
