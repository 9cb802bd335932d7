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
    "feed-not-tried": _l("Do a dry run first. Nothing is sent before one has gone well."),
    "feed-secret-shown": _l("The secret is shown only once. Make a new one if it was not kept."),
    "feed-not-public": _l("This address does not lead to the public internet."),
    "feed-not-trusted": _l("The certificate of this address is not trusted."),
    "feed-unreachable": _l("Nobody answers at this address."),
    "feed-too-slow": _l("Nobody answered at this address in time."),
}
STATUS = {"feed-unknown": 404}
