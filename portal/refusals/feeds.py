"""Refusals about figures that are sent to other systems."""

from portal.language import _l

SENTENCES = {
    "feed-name": _l("Give the receiver a name of at most 60 letters."),
    "feed-name-taken": _l("Another receiver has this name already."),
    "feed-address": _l("Write an address that begins with https://, without a user name in it."),
    "feed-format": _l("Choose one of the formats."),
    "feed-indicators": _l("Name at least one indicator by its code."),
    "feed-period-kind": _l("Choose day, week, month, state-month, quarter, half-year or year."),
    "feed-periods": _l("Choose from 1 to 60 periods."),
    "feed-access": _l("Choose how we show the receiver who we are."),
    "feed-secret": _l("Give everything that this way of signing in needs, in plain letters and digits."),
    "feed-unknown": _l("There is no receiver of this name."),
    "feed-stands": _l("It is so already."),
}
STATUS = {"feed-unknown": 404}
