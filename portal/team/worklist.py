"""People who wait for activation and agreed to be helped: the list, and guiding one of them.

Read online only and never stored (`no-store`); each look is recorded, so these GET views write.
"""

from __future__ import annotations

from typing import Any

from flask import Response, url_for

from identity.base import Refused
from identity.helping import Waiting
from onboarding.guidance import TROUBLES as TROUBLES_OF_STEP
from onboarding.guidance import Trouble, get_person_to_guide, trouble_of, worklist
from portal.database import db
from portal.errors import sentence
from portal.language import _, ngettext
from portal.pages import page, page_number
from portal.security import writes
from portal.services import now
from portal.team import blueprint
from portal.team.today import acting_member
from portal.words.assistance import STEPS, TROUBLES, Mark


@blueprint.get("/people")
@writes
def people() -> Response:
    member = acting_member()
    found = worklist(db, member, now=now(), page=page_number())
    return page(
        "team/people.html",
        member=member,
        worklist=found,
        days_left=days_left,
        over=_is_over,
        trouble=_trouble,
        href_for=_page_address,
    )


@blueprint.get("/people/<handle>")
@writes
def guide(handle: str) -> Response:
    member = acting_member()
    try:
        person = get_person_to_guide(db, member, handle, now=now())
    except Refused as refusal:  # mostly the good end: the person has just activated
        return page("team/guided.html", 404, sentence=sentence(refusal))
    steps = [
        {
            "words": words,
            "troubles": [TROUBLES[trouble] for trouble in TROUBLES_OF_STEP[step]],
            "here": step == person.step,
        }
        for step, words in STEPS.items()
    ]
    return page(
        "team/guide.html",
        person=person,
        steps=steps,
        trouble=_trouble(person.reason),
        days=days_left(person.days_left),
        over=_is_over,
    )


def days_left(days: int | None) -> Mark | None:
    """The window of activation as a tag."""
    if days is None:
        return None
    if days < 0:
        return Mark(_("7 days are over"), "bad", "circle-alert")
    if days == 0:
        return Mark(_("Last day"), "bad", "clock")
    return Mark(ngettext("%(num)s day left", "%(num)s days left", days), "waiting" if days <= 2 else "plain", "clock")


def _is_over(person: Waiting) -> bool:
    """Whether the tag says already what stands in the way."""
    return trouble_of(person.reason) is Trouble.PAST_WINDOW


def _trouble(reason: str | None) -> Any:
    found = trouble_of(reason)
    return TROUBLES[found] if found else None


def _page_address(number: int) -> str:
    return url_for("team.people", page=number)
