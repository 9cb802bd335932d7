"""Refusals of the lock desk."""

from portal.language import _l

SENTENCES = {
    "lock-ground": _l("Nobody decides about this ground here: it begins and ends by itself."),
    "lock-not-there": _l("This lock is not there any more. Open the account again to see how it stands."),
    "lock-closed-already": _l("This account is closed already."),
    "lock-asked-already": _l("This very paper was taken in already and waits for its decision. See it under Locks."),
    "lock-request-moved": _l(
        "Somebody has gone on with this request meanwhile. Open it again to see how it stands; nothing was done twice."
    ),
    "lock-four-eyes": _l(
        "You took in or examined this request, so another officer decides it. Your attempt was recorded."
    ),
    "lock-reason": _l("Choose the reason of the refusal. It stands on the letter."),
    "lock-no-unit": _l("You receive for no unit today. Ask your administrator."),
}
STATUS = {
    "lock-not-there": 409,
    "lock-closed-already": 409,
    "lock-asked-already": 409,
    "lock-request-moved": 409,
    "lock-four-eyes": 403,
}
