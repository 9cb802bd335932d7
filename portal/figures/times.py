"""Which time the figures are for: the choices that are offered, and the periods before and after."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask import request
from sqlalchemy import select

from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from onboarding.campaign import Campaign
from onboarding.campaign.planning import takes_place_in
from onboarding.figures.periods import FIRST_YEAR, Period, PeriodKind, campaign_day, read_period, span
from portal.database import db
from portal.figures.scope import Place
from portal.language import _, day
from portal.services import now

CAMPAIGN, MOST_CAMPAIGNS, USUAL = "campaign-", 10, "year"
DAY_OF = re.compile(r"campaign-(?P<id>[0-9a-f-]{36})-D(?P<number>[1-9][0-9]{0,3})", re.ASCII)
"""A day of a campaign, counted from 1."""


@dataclass(frozen=True, slots=True)
class Times:
    """The period that is shown, in words; what else can be chosen as (code, words); its neighbours."""

    period: Period
    asked: str
    words: str
    choices: tuple[tuple[str, str], ...]
    before: str | None
    after: str | None
    campaign_day: int | None = None
    """Which day of a campaign it is, where it was asked for as one."""


@dataclass(frozen=True, slots=True)
class DayOf:
    """A day of a campaign."""

    campaign: Campaign
    number: int

    @property
    def period(self) -> Period:
        return campaign_day(self.campaign.first_day, self.number)

    @property
    def code(self) -> str:
        return f"{CAMPAIGN}{self.campaign.id}-D{self.number}"

    @property
    def words(self) -> str:
        told = {"number": self.number, "name": self.campaign.name, "day": day(self.period.first)}
        return str(_("Day %(number)s of %(name)s, %(day)s", **told))

    def beside(self, step: int, today: date) -> str | None:
        """The code of the day before or after, within the campaign and not to come."""
        other = DayOf(self.campaign, self.number + step)
        last = min(self.campaign.last_day, today)
        return other.code if other.number > 0 and other.period.first <= last else None


def times_of(place: Place) -> Times:
    """As the address asks (`period`). Refused "period-unknown"."""
    today = today_in_vietnam(now())
    campaigns = _campaigns(place)
    asked = request.args.get("period", "").strip()[:60] or USUAL
    one_day = _day_of(asked, campaigns)
    period = one_day.period if one_day else _read(asked, campaigns, today)
    if asked in {"week", "month", "quarter", "year", "half-year", "state-month"}:
        asked = period.code
    choices = [(code, words) for code, words in _offered(today)]
    choices += [(f"{CAMPAIGN}{one.id}", one.name) for one in campaigns]
    choices += [(found.code, found.words) for found in _yesterdays(campaigns, today)]
    if asked not in dict(choices):
        choices.insert(0, (asked, one_day.words if one_day else words_of(period)))
    if one_day:
        ways = one_day.beside(-1, today), one_day.beside(1, today)
        return Times(period, asked, one_day.words, tuple(choices), *ways, one_day.number)
    return Times(period, asked, _named(asked, period, campaigns), tuple(choices), *_neighbours(period, today))


def _read(asked: str, campaigns: list[Campaign], today: date) -> Period:
    if asked.startswith(CAMPAIGN):
        for one in campaigns:
            if asked == f"{CAMPAIGN}{one.id}":
                return span(one.first_day, one.last_day)
        raise Refused("period-unknown", field="period")
    current = {"week": week_code(today), "half-year": _half(today), "state-month": state_code(today)}
    return read_period(current.get(asked, asked), on=today)


def _day_of(asked: str, campaigns: list[Campaign]) -> DayOf | None:
    """None where something else is asked for."""
    found = DAY_OF.fullmatch(asked)
    one = next((one for one in campaigns if found and str(one.id) == found["id"]), None)
    if found is None or one is None or int(found["number"]) > (one.last_day - one.first_day).days + 1:
        return None
    return DayOf(one, int(found["number"]))


def _yesterdays(campaigns: list[Campaign], today: date) -> list[DayOf]:
    """Of each campaign that runs the last complete day."""
    days = [(one, (today - one.first_day).days) for one in campaigns if one.last_day >= today]
    return [DayOf(one, number) for one, number in days if number > 0]


def _campaigns(place: Place) -> list[Campaign]:
    """Those that take place here, or in what this lies in; the newest first."""
    query = select(Campaign).where(takes_place_in(place.lineage)).order_by(Campaign.first_day.desc(), Campaign.id)
    return list(db.scalars(query.limit(MOST_CAMPAIGNS)))


def _offered(today: date) -> list[tuple[str, str]]:
    state = state_code(today)
    periods = [week_code(today), f"{today:%Y-%m}", state, f"{today.year}-Q{(today.month + 2) // 3}", _half(today)]
    return [(code, words_of(read_period(code, on=today))) for code in (*periods, f"{today.year}")]


def week_code(on: date) -> str:
    year, week, _day = on.isocalendar()
    return f"{year}-W{week:02}"


def state_code(on: date) -> str:
    """The month of state reporting in which a day lies: it ends on its closing day, which may be next month's."""
    closing = int(rule("state_reporting_closing_day", on.replace(day=1)))
    month = on if on.day <= closing else on.replace(day=1) + timedelta(days=31)
    return f"S{month:%Y-%m}"


def _half(on: date) -> str:
    return f"{on.year}-H{1 if on.month <= 6 else 2}"


def words_of(period: Period) -> str:
    """As a person says it."""
    first, year = period.first, period.first.year
    days = {"first": day(first), "last": day(period.last)}
    words = {
        PeriodKind.DAY: lambda: day(first),
        PeriodKind.WEEK: lambda: _("Week from %(first)s to %(last)s", **days),
        PeriodKind.MONTH: lambda: _("Month %(month)s/%(year)s", month=first.month, year=year),
        PeriodKind.QUARTER: lambda: _("Quarter %(quarter)s/%(year)s", quarter=(first.month + 2) // 3, year=year),
        PeriodKind.HALF_YEAR: lambda: _("Half-year %(half)s/%(year)s", half=1 if first.month == 1 else 2, year=year),
        PeriodKind.YEAR: lambda: _("Year %(year)s", year=year),
        PeriodKind.SPAN: lambda: _("%(first)s to %(last)s", **days),
    }
    return str(words.get(period.kind, lambda: _("State reporting, %(first)s to %(last)s", **days))())


def _named(asked: str, period: Period, campaigns: list[Campaign]) -> str:
    own = next((one for one in campaigns if asked == f"{CAMPAIGN}{one.id}"), None)
    return f"{own.name} · {words_of(period)}" if own else words_of(period)


def _neighbours(period: Period, today: date) -> tuple[str | None, str | None]:
    """The same length before and, where it has begun, after."""
    before, after = _code_before(period), _code_at(period, period.end)
    return before, after if period.end <= today else None


def earlier(period: Period) -> Period | None:
    """The same length before; a campaign has none."""
    code = _code_before(period)
    return read_period(code, on=period.first) if code else None


def _code_before(period: Period) -> str | None:
    """None before the first year that has a code."""
    on = period.first - timedelta(days=1)
    return _code_at(period, on) if on.year >= FIRST_YEAR else None


def _code_at(period: Period, on: date) -> str | None:
    match period.kind:
        case PeriodKind.DAY:
            return on.isoformat()
        case PeriodKind.WEEK:
            return week_code(on)
        case PeriodKind.MONTH:
            return f"{on:%Y-%m}"
        case PeriodKind.QUARTER:
            return f"{on.year}-Q{(on.month + 2) // 3}"
        case PeriodKind.HALF_YEAR:
            return _half(on)
        case PeriodKind.YEAR:
            return f"{on.year}"
        case PeriodKind.STATE_MONTH:
            return state_code(on)
    return None


def usual_for(unit_id: UUID | None) -> dict[str, object]:
    """Parts of an address that keep the chosen time."""
    asked = request.args.get("period", "").strip()[:60]
    found: dict[str, object] = {"id": unit_id} if unit_id else {}
    return {**found, "period": asked} if asked else found
