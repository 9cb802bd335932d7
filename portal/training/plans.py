"""A team's courses and the planning of sessions."""

from __future__ import annotations

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from onboarding.attendance import count_present
from onboarding.training import add_course, courses_of, plan_session, sessions_of_team
from portal.database import db
from portal.pages import page
from portal.services import now
from portal.training import blueprint
from portal.training.acting import acting_member
from portal.training.forms import CourseForm, SessionForm
from portal.words.training import GROUPS, LANGUAGES


@blueprint.get("")
def index() -> Response:
    member, moment = acting_member(), now()
    listed = sessions_of_team(db, member.team_id)
    ahead = sorted((one for one in listed if one.session.ends_at > moment), key=lambda one: one.session.starts_at)
    return page(
        "training/index.html",
        member=member,
        ahead=ahead,
        past=[one for one in listed if one.session.ends_at <= moment],
        present=count_present(db, [one.session.id for one in listed]),
        courses=courses_of(db, member.team_id),
        languages=LANGUAGES,
        groups=GROUPS,
    )


@blueprint.get("/courses/new")
def new_course() -> Response:
    acting_member()
    return page("training/course.html", form=CourseForm())


@blueprint.post("/courses/new")
def save_course() -> Response | Answer:
    form, member = CourseForm(), acting_member()
    if form.validate_on_submit():
        add_course(db, member, form.name.data, form.skills.data, now=now())
        return redirect(url_for("training.new_session"), 303)
    return page("training/course.html", form=form)


@blueprint.get("/sessions/new")
def new_session() -> Response | Answer:
    form = _session_form()
    if not form.course.choices:
        return redirect(url_for("training.new_course"))
    return page("training/plan.html", form=form)


@blueprint.post("/sessions/new")
def save_session() -> Response | Answer:
    form = _session_form()
    if form.validate_on_submit():
        try:
            session = plan_session(db, acting_member(), form.plan(), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("training.session", session_id=session.id), 303)
    return page("training/plan.html", form=form)


def _session_form() -> SessionForm:
    form = SessionForm()
    form.offer(courses_of(db, acting_member().team_id))
    return form
