"""Which language this reader gets, and how dates, numbers and names look in it.

Order: the reader's own choice (cookie `language`), a relying party's `ui_locales`, the browser, Vietnamese.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import flask_babel
from babel import Locale, negotiate_locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal, format_percent
from flask import Flask, g, has_app_context, has_request_context, request
from flask_babel import Babel, LazyString, get_locale, get_translations

from portal.locales import NAMES
from portal.settings import ROOT, Settings

COOKIE = "language"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CATALOGUES = ROOT / "translations"
DAY = {"vi": "dd/MM/yyyy", "en": "d MMMM yyyy"}
CLOCK = {"vi": "HH:mm", "en": "h:mm a"}

__all__ = [
    "NAMES",
    "_",
    "_l",
    "amount",
    "clock",
    "current_locale",
    "day",
    "force_locale",
    "moment",
    "ngettext",
    "percent",
]


@dataclass(frozen=True, slots=True)
class _Reader:
    """The language in use and its catalogue."""

    tag: str
    catalogue: Any


def _reader() -> _Reader:
    """Found once a request: the library looks for it again at every sentence, a sixth of the cost of a long page."""
    found: _Reader | None = g.get("reader") if has_app_context() else None
    if found is None:
        locale = get_locale()
        found = _Reader(str(locale).replace("_", "-") if locale else "vi", get_translations())
        if has_app_context():
            g.reader = found
    return found


def gettext(text: str, /, **values: Any) -> str:
    """`_('Sent to %(office)s', office=…)` in the reader's language."""
    said: str = _reader().catalogue.ugettext(text)
    return said % values if values else said


def lazy_gettext(text: str, /, **values: Any) -> LazyString:
    """The same, in the language of whoever reads it at last."""
    return LazyString(gettext, text, **values)


def ngettext(one: str, many: str, num: int, /, **values: Any) -> str:
    """`ngettext('%(num)s day left', '%(num)s days left', days)`."""
    said: str = _reader().catalogue.ungettext(one, many, num)
    return said % {"num": num, **values}


_ = gettext
_l = lazy_gettext


@contextmanager
def force_locale(locale: str) -> Iterator[None]:
    """Another language than the reader's, for a message to somebody else."""
    before = g.pop("reader", None) if has_app_context() else None
    try:
        with flask_babel.force_locale(locale):
            yield
    finally:
        if has_app_context():
            g.reader = before


def current_locale() -> str:
    """The tag of the language in use: vi, en, zh-Hans …"""
    return _reader().tag


def offer_locales(wanted: Sequence[str]) -> None:
    """Languages that a relying party asks for (`ui_locales`); the reader's own choice still wins."""
    g.asked_locales = list(wanted)


def _chosen() -> str:
    offered: tuple[str, ...] = g.offered_locales if "offered_locales" in g else ("vi", "en")
    if not has_request_context():
        return offered[0]
    own = g.get("another_language") or request.cookies.get(COOKIE)
    if own in offered:
        return own
    wanted = [*g.get("asked_locales", []), *(tag for tag, _quality in request.accept_languages)]
    return negotiate_locale([tag.replace("-", "_") for tag in wanted], offered, sep="_") or offered[0]


def of_two() -> Literal["vi", "en"]:
    """The language of what is kept in two: Vietnamese for its readers, English for everybody else."""
    return "vi" if current_locale() == "vi" else "en"


def in_our_language(texts: Mapping[str, str]) -> str:
    """A text kept by language tag: in the reader's language, else in any (empty tag), in Vietnamese, what there is."""
    found = (texts.get(tag) for tag in (current_locale(), "", "vi"))
    return next((text for text in found if text), None) or next(iter(texts.values()), "")


def _local(value: datetime | date) -> datetime | date:
    return value.astimezone(ZONE) if isinstance(value, datetime) else value


def day(value: datetime | date | None) -> str:
    """21/11/2026 · 21 November 2026, in Vietnam's time."""
    if value is None:
        return ""
    tag = current_locale()
    local = _local(value)
    return _in_words(local.date() if isinstance(local, datetime) else local, tag)


@lru_cache(maxsize=4096)
def _in_words(value: date, tag: str) -> str:
    """The same few days stand in every line of a list."""
    return format_date(value, DAY.get(tag, "long"), locale=_babel(tag))


def short_day(value: date) -> str:
    """30/6 · 30 Jun, where the year is known."""
    tag = current_locale()
    return format_date(value, "d/M" if tag == "vi" else "d MMM", locale=_babel(tag))


def short_month(value: date) -> str:
    """6/2025 · Jun 2025."""
    tag = current_locale()
    return format_date(value, "M/y" if tag == "vi" else "MMM y", locale=_babel(tag))


def weekday_day(value: datetime | date) -> str:
    """Thứ Bảy, 21/11/2026 · Saturday, 21 November 2026."""
    tag = current_locale()
    return f"{format_date(_local(value), 'EEEE', locale=_babel(tag))}, {day(value)}"


def clock(value: datetime) -> str:
    """14:32 · 2:32 pm, in Vietnam's time."""
    tag = current_locale()
    text = format_time(value, CLOCK.get(tag, "short"), tzinfo=ZONE, locale=_babel(tag))
    return text.replace("AM", "am").replace("PM", "pm") if tag == "en" else text


def moment(value: datetime | None) -> str:
    """Time and day together."""
    return f"{clock(value)}, {day(value)}" if value else ""


def amount(value: float) -> str:
    """12.480 · 12,480."""
    return format_decimal(value, locale=_babel(current_locale()))


def percent(value: float, digits: int = 1) -> str:
    """68,4% · 68.4% from 0.684."""
    pattern = "#,##0." + "0" * digits + "%" if digits else "#,##0%"
    return format_percent(value, format=pattern, locale=_babel(current_locale()))


def masked_phone(value: str | None) -> str:
    """+84912345214 as 09•• ••• 214: enough to recognise one's own."""
    if not value:
        return ""
    digits = "0" + value[3:] if value.startswith("+84") else value
    return f"{digits[:2]}•• ••• {digits[-3:]}"


def masked(value: str | None, keep: int = 3) -> str:
    """All but the last `keep` characters hidden."""
    return "" if not value else "•" * max(len(value) - keep, 3) + value[-keep:]


def spaced(value: str | None) -> str:
    """001158012345 as 001 158 012 345."""
    return " ".join(value[i : i + 3] for i in range(0, len(value), 3)) if value else ""


@cache
def _babel(tag: str) -> Locale:
    return Locale.parse(tag, sep="-")


FILTERS = (day, weekday_day, clock, moment, amount, percent, masked_phone, masked, spaced)


def init(app: Flask, settings: Settings) -> None:
    """Catalogues, locale choice and template filters. Refuses to start without a usable catalogue."""
    compiled = [tag for tag in settings.locales if _catalogue(tag).exists()]
    if set(compiled) != set(settings.locales):
        missing = ", ".join(sorted(set(settings.locales) - set(compiled)))
        raise RuntimeError(f"catalogues not compiled: {missing} (run `make catalogues`)")
    Babel(
        app,
        default_locale="vi",
        default_timezone=str(ZONE),
        default_translation_directories=str(CATALOGUES),
        locale_selector=lambda: _babel(_chosen().replace("_", "-")),  # parsed once
    )
    app.before_request(lambda: setattr(g, "offered_locales", settings.locales))
    app.jinja_env.filters.update({rule.__name__: rule for rule in FILTERS})
    app.jinja_env.globals.update(language_names=NAMES, offered_locales=settings.locales)


def _catalogue(tag: str) -> Path:
    return CATALOGUES / tag.replace("-", "_") / "LC_MESSAGES" / "messages.mo"
