"""A record of help as the rows of a summary list."""

from __future__ import annotations

from typing import Any

from identity.helping import Outcome
from onboarding.assistance import AssistanceEvent
from onboarding.catalogue import AgeBand, Mode, Obstacle, Result, Sex, Trait
from onboarding.records import was_used
from portal.language import _, moment, ngettext
from portal.words.assistance import AGE_BANDS, MODES, OBSTACLES, RESULTS, SEXES, TRAITS


def rows_of(event: AssistanceEvent, village: str = "") -> list[dict[str, Any]]:
    """What the member wrote, in the order of the form; what was left open is left out."""
    known = [
        (_("How you helped"), MODES[Mode(event.mode)].name),
        (_("How it ended"), RESULTS[Result(event.result)]),
        (_("Why it got stuck"), OBSTACLES[Obstacle(event.obstacle)] if event.obstacle else None),
        (_("Time spent"), ngettext("%(num)s minute", "%(num)s minutes", event.minutes)),
        (_("When"), moment(event.happened_at)),
        (_("Village"), village),
        (_("Help code"), _("Given") if event.pseudonym else _("Not given")),
        (_("Age"), AGE_BANDS[AgeBand(event.age_band)] if event.age_band else None),
        (_("Sex"), SEXES[Sex(event.sex)] if event.sex else None),
        (_("The person"), ", ".join(str(TRAITS[Trait(trait)]) for trait in event.traits)),
        (_("Name or code of the public service"), event.procedure),
        (_("Note"), event.note),
    ]
    rows = [{"key": key, "value": value} for key, value in known if value]
    return [*rows, {"key": _("Received by the server"), "value": moment(event.received_at)}]


def way_of(outcome: Outcome) -> list[dict[str, Any]]:
    """How far the person has come, as the system knows it and nobody can enter it."""
    used = moment(outcome.used_at) if was_used(outcome) else _("not yet")
    return [
        {"key": _("Account issued"), "value": moment(outcome.issued_at) or _("not yet")},
        {"key": _("Activated"), "value": moment(outcome.activated_at) or _("not yet")},
        {"key": _("Used within 30 days"), "value": used},
    ]
