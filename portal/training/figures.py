"""How many adults can do what in a place, and which platform the place chose for the fifth skill."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.audit import Actor
from identity.deadlines import today_in_vietnam
from identity.places import Unit, units_within
from onboarding.attendance import count_reached
from onboarding.skill_check import count_skilled
from onboarding.skills import current_skills, local_platform, set_local_platform
from portal.database import db
from portal.language import of_two
from portal.pages import page
from portal.security import guarded, in_a_unit, me
from portal.services import now
from portal.training import blueprint
from portal.training.forms import PlatformForm

A_YEAR = timedelta(days=365)
READERS = ("member", "lead", "coordinator", "leader")
DECIDERS = ("lead", "coordinator")


@blueprint.get("/figures")
@guarded(in_a_unit(*READERS))
def figures() -> Response:
    return _page(PlatformForm())


@blueprint.post("/figures")
@guarded(in_a_unit(*DECIDERS))
def choose_platform() -> Response | Answer:
    form, visitor = PlatformForm(), me()
    assert visitor is not None  # the guard let nobody else pass
    if form.validate_on_submit():
        unit_id = visitor.units_for(*DECIDERS)[0]
        actor: Actor = visitor.acting_as(*DECIDERS)
        set_local_platform(db, unit_id, form.name.data, "", actor, now=now())
        return redirect(url_for("training.figures"), 303)
    return _page(form)


def _page(form: PlatformForm) -> Response:
    visitor, moment = me(), now()
    assert visitor is not None  # the guard let nobody else pass
    unit_id: UUID = visitor.units_for(*READERS)[0]
    return page(
        "training/figures.html",
        form=form,
        unit=db.get_one(Unit, unit_id),
        reached=sum(count_reached(db, units_within(db, unit_id), since=moment - A_YEAR, until=moment).values()),
        skilled=count_skilled(db, units_within(db, unit_id), until=moment),
        skills=current_skills().skills,
        platform=local_platform(db, unit_id, on=today_in_vietnam(moment)),
        may_choose=visitor.has_role(*DECIDERS),
        is_member=visitor.has_role("member", "lead"),
        at=moment,
        locale_words=of_two(),
    )
