"""Witnessing a task, correcting a check, and taking an award back."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from onboarding.attendance import actor_of
from onboarding.award import RevokedFor, get_own_award, revoke
from onboarding.learner import same_learner
from onboarding.skill_check import Seen, SkillCheck, check_skill, get_check
from onboarding.skills import Skill, current_skills
from portal.database import db
from portal.language import of_two
from portal.pages import page
from portal.security import guarded, staff
from portal.services import now
from portal.training import blueprint
from portal.training.acting import acting_member, learner_in, own_session
from portal.training.forms import CheckForm, RevokeForm


@blueprint.get("/sessions/<uuid:session_id>/people/<uuid:learner_id>/check/<skill>")
def check(session_id: UUID, learner_id: UUID, skill: str) -> Response:
    return _page(_form(skill), session_id, learner_id, skill)


@blueprint.post("/sessions/<uuid:session_id>/people/<uuid:learner_id>/check/<skill>")
def save_check(session_id: UUID, learner_id: UUID, skill: str) -> Response | Answer:
    return _take(session_id, learner_id, skill, None)


@blueprint.get("/sessions/<uuid:session_id>/people/<uuid:learner_id>/correct/<uuid:check_id>")
def correction(session_id: UUID, learner_id: UUID, check_id: UUID) -> Response:
    original = get_check(db, acting_member(), check_id)
    form = _form(original.skill, tasks=original.tasks)
    return _page(form, session_id, learner_id, original.skill, original)


@blueprint.post("/sessions/<uuid:session_id>/people/<uuid:learner_id>/correct/<uuid:check_id>")
def correct(session_id: UUID, learner_id: UUID, check_id: UUID) -> Response | Answer:
    original = get_check(db, acting_member(), check_id)
    return _take(session_id, learner_id, original.skill, original)


@blueprint.post("/sessions/<uuid:session_id>/people/<uuid:learner_id>/awards/<uuid:award_id>/revoke")
@guarded(staff("lead"))
def take_back(session_id: UUID, learner_id: UUID, award_id: UUID) -> Answer:
    own_session(session_id)
    learner, form = learner_in(session_id, learner_id), RevokeForm()
    member, award = acting_member(), get_own_award(db, award_id, same_learner(db, learner.id))
    if award.team_id != member.team_id:
        raise Refused("check-not-yours", audited=True)
    if form.validate_on_submit():
        revoke(db, award, RevokedFor(form.why.data), actor_of(member), now=now())
    return redirect(url_for("training.person", session_id=session_id, learner_id=learner_id), 303)


def _take(session_id: UUID, learner_id: UUID, skill: str, original: SkillCheck | None) -> Response | Answer:
    own_session(session_id)
    form, learner = _form(skill), learner_in(session_id, learner_id)
    if form.validate_on_submit():
        seen = Seen(
            learner_id=learner.id,
            skill=skill,
            tasks=frozenset(form.tasks.data or []),
            not_family=bool(form.not_family.data),
            seen_at=original.seen_at if original else now(),
            session_id=session_id,
            supersedes=original.id if original else None,
        )
        try:
            check_skill(db, acting_member(), seen, now=now())
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("training.person", session_id=session_id, learner_id=learner_id), 303)
    return _page(form, session_id, learner_id, skill, original)


def _page(
    form: CheckForm, session_id: UUID, learner_id: UUID, skill: str, original: SkillCheck | None = None
) -> Response:
    return page(
        "training/check.html",
        form=form,
        session=own_session(session_id),
        learner=learner_in(session_id, learner_id),
        skill=_skill(skill),
        original=original,
        locale_words=of_two(),
    )


def _form(skill: str, **values: object) -> CheckForm:
    form = CheckForm(data=values) if values else CheckForm()
    form.offer(_skill(skill))
    return form


def _skill(code: str) -> Skill:
    return current_skills().get(code)
