"""One learner as a trainer sees them: first name or number of the slip, and how far they have got."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from onboarding.attendance import present_in
from onboarding.award import awards_of
from onboarding.credential import achievement_name
from onboarding.learner import same_learner
from onboarding.lessons import lessons_of, results_of
from onboarding.skill_check import checks_of, skills_held
from onboarding.skills import current_skills
from portal.database import db
from portal.language import current_locale, of_two
from portal.pages import page
from portal.security import me
from portal.training import blueprint
from portal.training.acting import learner_in, own_session
from portal.words.training import REVOKED_FOR


@blueprint.get("/sessions/<uuid:session_id>/people/<uuid:learner_id>")
def person(session_id: UUID, learner_id: UUID) -> Response:
    found, learner, locale = own_session(session_id), learner_in(session_id, learner_id), current_locale()
    done, held = results_of(db, learner.id), skills_held(db, learner.id)
    skills = [
        (skill, held.get(skill.code), sum(lesson.code in done for lesson in lessons_of(skill.code, "vi")))
        for skill in current_skills().skills
    ]
    visitor = me()
    return page(
        "training/person.html",
        session=found,
        learner=learner,
        skills=skills,
        checks=[(check, achievement_name(check.skill, locale)) for check in checks_of(db, learner.id)],
        awards=[
            (award, achievement_name(award.achievement, locale))
            for award in awards_of(db, same_learner(db, learner.id))
        ],
        revoked_for=REVOKED_FOR,
        may_revoke=visitor is not None and visitor.has_role("lead"),
        is_here=learner.id in {one.learner.id for one in present_in(db, session_id)},
        locale_words=of_two(),
    )
