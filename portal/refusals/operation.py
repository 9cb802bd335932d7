"""Refusals of what operators keep in their hands."""

from portal.language import _l

SENTENCES = {
    "key-turning": _l("This key is being turned already. Wait until that is done."),
    "key-known": _l("There is no such newer key."),
    "key-used": _l("This key still writes or counts. It cannot be dropped yet."),
    "key-unknown": _l("There is no such key to sign with."),
    "key-withdrawn": _l("This key was withdrawn before. Nothing was changed."),
    "rule-unknown": _l("There is no such rule."),
    "rule-no-json": _l("Write the value as it is shown for the rule today: a number, a word in quotes, or a list."),
    "rule-other-kind": _l(
        "The value must have the same form as the one of today, with words that stand in it and with numbers that can "
        "be meant: rarely zero, never below it, and no term longer than anybody lives."
    ),
    "rule-source": _l("Say which decree or decision this follows from."),
    "rule-day": _l("A change begins tomorrow at the earliest."),
    "rule-proposed-already": _l("A change of this rule waits for its second person already."),
    "rule-own": _l("Somebody else has to confirm what you proposed."),
    "rule-answered": _l("This change was answered already."),
    "route-reason": _l("Say why the way is changed: officers read it."),
    "route-stands": _l("It is so already, perhaps since a moment ago."),
    "message-gone": _l("This message cannot be sent any more."),
    "give-up-reason": _l("Choose why it is given up."),
    "job-stands": _l("This work is done, or is being done already."),
}
STATUS = {"rule-own": 403, "rule-unknown": 404, "key-turning": 409, "route-stands": 409, "rule-answered": 409}
