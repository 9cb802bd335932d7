"""What I have reached: skills, lessons, sessions, certificates; and the slip of a day without an account."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from onboarding.attendance import THEMSELVES, attended
from onboarding.award import ALL_FIVE, Award, awards_of, get_own_award
from onboarding.credential import achievement_name
from onboarding.lessons import lessons_of, results_of
from onboarding.skill_check import skills_held, take_over_slip
from onboarding.skills import current_skills
from onboarding.training import Course, Listed, Standing, sessions_of_learners
from portal.database import db
from portal.fields import CodeField, HouseForm
from portal.language import _l, current_locale, of_two
from portal.learn import blueprint
from portal.learn.visitor import acting_learner, known_learner, own_ids
from portal.pages import page
from portal.security import guarded, limiter, resident
from portal.services import now
from portal.words.training import REVOKED_FOR

DONE = {
    "counted": _l("You are on the list. Enjoy the session."),
    "linked": _l("What you did with the slip is yours now."),
}


class SlipForm(HouseForm):
    """The code on a slip."""

    slip = CodeField(
        _l("Code on the slip"),
        hint=_l("Eight letters and digits"),
        digits=None,
        required=_l("Enter the code on the slip"),
    )


@blueprint.get("/progress")
@guarded(resident)
def progress() -> Response:
    return _page(SlipForm())


@blueprint.post("/progress/slip")
@guarded(resident)
@limiter.limit("10 per minute")
def link_slip() -> Response | Answer:
    form = SlipForm()
    if form.validate_on_submit():
        try:
            take_over_slip(db, acting_learner(), form.slip.data, THEMSELVES, now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("learn.progress", done="linked"), 303)
    return _page(form)


@blueprint.post("/awards/<uuid:award_id>/name")
@guarded(resident)
def show_name(award_id: UUID) -> Answer:
    """The holder decides whether whoever checks the certificate sees the first name."""
    get_own_award(db, award_id, own_ids(known_learner())).shows_name = request.form.get("shows") == "yes"
    return redirect(url_for("learn.progress", _anchor="awards"), 303)


def _page(form: SlipForm) -> Response:
    learner, locale = known_learner(), current_locale()
    ids = own_ids(learner)
    there = attended(db, ids)
    courses = {session.course_id: db.get_one(Course, session.course_id) for session in there}
    done = results_of(db, learner.id) if learner else {}
    held = skills_held(db, learner.id) if learner else {}
    skills = [(skill, held.get(skill.code), *_lessons_done(skill.code, done)) for skill in current_skills().skills]
    return page(
        "learn/progress.html",
        form=form,
        done=DONE.get(request.args.get("done", "")),
        skills=skills,
        awards=[(award, achievement_name(award.achievement, locale)) for award in _all_five_first(awards_of(db, ids))],
        revoked_for=REVOKED_FOR,
        coming=_ahead(sessions_of_learners(db, ids), {session.id for session in there}),
        there=[(session, courses[session.course_id]) for session in there],
        locale_words=of_two(),
    )


def _ahead(listed: list[tuple[Listed, Standing]], there: set[UUID]) -> list[tuple[Listed, Standing]]:
    """What somebody may still come to, or must know that they need not."""
    moment = now()
    return [row for row in listed if row[0].session.ends_at > moment and row[0].session.id not in there]


def _lessons_done(skill: str, done: dict[str, object]) -> tuple[int, int]:
    lessons = lessons_of(skill, "vi")
    return sum(lesson.code in done for lesson in lessons), len(lessons)


def _all_five_first(awards: list[Award]) -> list[Award]:
    """The whole before its parts, then in the order of the skills; what was revoked comes last."""
    order = [ALL_FIVE, *(skill.code for skill in current_skills().skills)]
    return sorted(awards, key=lambda award: (award.revoked_at is not None, order.index(award.achievement)))
