"""How the operator's pages name the states of what is fed to other systems."""

from __future__ import annotations

from typing import Any

from onboarding.feeds.formats import Format
from onboarding.feeds.model import Access, DeliveryKind, FeedDelivery, FeedSubscription
from onboarding.figures.periods import PeriodKind
from portal.language import _, _l
from portal.operation.words import answer
from portal.words.entry_codes import calls

FORMATS: dict[str, str] = {
    Format.JSON: "JSON",
    Format.CSV: "CSV",
    Format.SDMX_CSV: "SDMX-CSV 2.0",
    Format.SDMX_JSON: "SDMX-JSON 1.0",
    Format.SDMX_JSON_2: "SDMX-JSON 2.0",
    Format.ADX: "ADX (IHE)",
    Format.DHIS2: "DHIS2",
}
calls("format", FORMATS)
PERIODS: dict[str, Any] = {
    PeriodKind.DAY: _l("Days"),
    PeriodKind.WEEK: _l("Weeks"),
    PeriodKind.MONTH: _l("Months"),
    PeriodKind.STATE_MONTH: _l("Months of state reporting"),
    PeriodKind.QUARTER: _l("Quarters"),
    PeriodKind.HALF_YEAR: _l("Half-years"),
    PeriodKind.YEAR: _l("Years"),
}
ACCESS: dict[str, Any] = {
    Access.NONE: _l("By nothing"),
    Access.SIGNATURE: _l("By a signature with a shared secret"),
    Access.PASSWORD: _l("By user name and password"),
    Access.CLIENT: _l("By an access that their server gives"),
}
KINDS: dict[str, Any] = {
    DeliveryKind.FIGURES: _l("Figures"),
    DeliveryKind.DELETION: _l("Figures to delete"),
    DeliveryKind.TRIAL: _l("Dry run"),
}
MISSED: dict[str, Any] = {"paused": _l("Waits while paused")}


def state(one: FeedSubscription) -> tuple[str, str, str]:
    """Word, kind of tag, icon."""
    if waits_for_start(one):
        return _("Not started yet"), "waiting", "clock"
    return (_("Paused"), "waiting", "clock") if one.paused_at else (_("Running"), "good", "check")


def waits_for_start(one: FeedSubscription) -> bool:
    """Made on its form, and never started."""
    return one.paused_at == one.made_at and one.passed_at is None


def receipt(one: FeedDelivery) -> tuple[str, str, str]:
    """How a message ended, or that it has not."""
    if one.taken_at:
        return _("Taken"), "good", "check"
    if one.refused_at:
        return _("Refused"), "bad", "x"
    if one.message_id is None:
        return _("Only shown"), "plain", ""
    return (_("Trying again"), "waiting", "clock") if one.attempts else (_("Waiting"), "waiting", "clock")


def came_back(one: FeedDelivery) -> str:
    """What the last attempt brought."""
    if one.error in MISSED:
        return str(MISSED[one.error])
    return answer(str(one.status) if one.status else one.error)
