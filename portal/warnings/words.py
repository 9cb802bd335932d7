"""What a warning says, in words: its title, what was seen, and its steps."""

from __future__ import annotations

from datetime import date
from typing import Any

from onboarding.figures.registry import get_indicator
from onboarding.warnings import FigureWarning, Kind, Step
from portal.language import _, _l, amount, current_locale
from portal.language import day as day_word
from portal.words.entry_codes import calls

TITLES = {
    Kind.OUTLIER: _l("A week unlike the weeks before"),
    Kind.JUMP: _l("A day far above every day before"),
    Kind.SILENT: _l("A team recorded nothing"),
    Kind.BUNCHING: _l("Most of a month in its last three days"),
    Kind.BURST: _l("Many records in a few minutes"),
    Kind.UNCONFIRMED: _l("Claims that the system did not see come true"),
}
STEPS = {
    Step.FOUND: _l("Found"),
    Step.RAISED: _l("Past its day: handed to the office above"),
    Step.LESSON: _l("Resolved by a lesson"),
    Step.CORRECTION: _l("Resolved by a correction"),
    Step.REOPENED: _l("Reopened"),
}
calls("kind", TITLES)
calls("way", STEPS)


def seen(warning: FigureWarning) -> str:
    """The sentence with the numbers."""
    facts = {**warning.facts, "what": _measure(warning)}
    for name in ("number", "whole", "most", "middle", "claims", "confirmed", "minutes", "days"):
        if name in facts:
            facts[name] = amount(round(facts[name]))
    for name in ("week", "day", "since"):
        if name in facts:
            facts[name] = day_word(date.fromisoformat(facts[name]))
    return _sentence(warning, facts)


def _sentence(warning: FigureWarning, facts: dict[str, Any]) -> str:
    if warning.kind == Kind.OUTLIER:
        return _("%(what)s: %(number)s in the week from %(week)s. In the weeks before, %(middle)s was usual.", **facts)
    if warning.kind == Kind.JUMP:
        return _("%(what)s: %(number)s on %(day)s. In the four weeks before, the highest day had %(most)s.", **facts)
    if warning.kind == Kind.SILENT and warning.facts["ever"]:
        return _("The team has recorded nothing since %(since)s, for %(days)s days.", **facts)
    if warning.kind == Kind.SILENT:
        return _("The team has recorded nothing at all since it was founded on %(since)s.", **facts)
    if warning.kind == Kind.BUNCHING:
        return _("%(number)s of the month's %(whole)s records are of its last three days.", **facts)
    if warning.kind == Kind.BURST:
        return _(
            "One member has %(number)s records of %(minutes)s minutes of help within a quarter of an hour on %(day)s.",
            **facts,
        )
    return _("Of %(claims)s activations claimed with a help code, the system saw %(confirmed)s.", **facts)


def _measure(warning: FigureWarning) -> str:
    """What was counted, in the words of the registry."""
    if "part" not in warning.facts or not warning.indicator:
        return ""
    part = getattr(get_indicator(warning.indicator), warning.facts["part"])
    return str(part.words[current_locale()])
