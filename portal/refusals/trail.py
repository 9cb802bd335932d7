"""Refusals of the sealed trail."""

from portal.language import _l

SENTENCES = {
    "archive-broken": _l("The file does not hold exactly the events that were sealed. Nothing was deleted."),
    "archive-too-young": _l("The file holds events that histories still show. Nothing was deleted."),
    "not-sealed-yet": _l("This entry is sealed within a few minutes. Fetch its receipt after that."),
}
STATUS = {"not-sealed-yet": 409}
