"""How much time is left, in words: overdue, due today, later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from identity.deadlines import today_in_vietnam
from portal.language import _, day, ngettext

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A term as an officer reads it. `kind` is the colour of its tag."""

    text: str
    kind: str


def due(at: datetime | None, now: datetime) -> Due:
    """The words for a term that ends `at`; None is a clock that stands still."""
    if at is None:
        return Due(_("Clock stopped"), "off")
    if at < now:
        return Due(_overdue(now - at), "bad")
    if today_in_vietnam(at) == today_in_vietnam(now):
        return Due(_left(at - now), "waiting")
    return Due(day(at), "plain")


def _overdue(late: timedelta) -> str:
    if late >= DAY:
        return ngettext("%(num)s day overdue", "%(num)s days overdue", late // DAY)
    if late >= HOUR:
        return ngettext("%(num)s hour overdue", "%(num)s hours overdue", late // HOUR)
    return _("Just overdue")


def _left(left: timedelta) -> str:
    if left >= HOUR:
        return ngettext("%(num)s hour left", "%(num)s hours left", left // HOUR)
    return _("Less than an hour left")
