"""Refusals of the breach register."""

from portal.language import _l

SENTENCES = {
    "breach-kind": _l("Choose at least one kind of data from the list."),
    "breach-days": _l("This lies in the future. Enter when it was found."),
    "breach-order": _l("It cannot have happened after it was found."),
    "breach-closed": _l("This file is closed. Its words stay as they are."),
    "breach-changed": _l("A colleague has changed this file meanwhile. Open it again, then enter what is missing."),
    "breach-told-already": _l("The authority was told already; the number of its receipt is in the file."),
    "breach-told-when": _l("Enter day and time: after it was found and not in the future."),
    "breach-why-late": _l("The 72 hours are over. First put the file right and say why: the notice has to say it."),
    "breach-authority-waits": _l("The authority has not been told. Tell it first, then close the file."),
    "breach-people-wait": _l("Not all people concerned were told. Wait for the last message, then close the file."),
    "breach-no-advice": _l("Write in both languages what the people should do; it goes out word by word."),
    "breach-nobody": _l("Nobody is named yet. Name the people concerned first."),
    "breach-telling-already": _l("The people are being told; nobody can be added any more."),
}
STATUS = {
    "breach-closed": 409,
    "breach-changed": 409,
    "breach-told-already": 409,
    "breach-why-late": 409,
    "breach-authority-waits": 409,
    "breach-people-wait": 409,
    "breach-telling-already": 409,
}
