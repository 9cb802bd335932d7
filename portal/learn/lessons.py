"""Lessons for everybody: skills, readings, and three questions with explained answers."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.deadlines import today_in_vietnam
from identity.person import Person
from onboarding.lessons import QUESTIONS, Lesson, get_lesson, lessons_of, note_result, results_of
from onboarding.skill_check import skills_held
from onboarding.skills import LocalPlatform, Skill, current_skills, local_platform
from portal.database import db
from portal.language import current_locale, of_two
from portal.learn import blueprint
from portal.learn.pictures import picture
from portal.learn.visitor import acting_learner, known_learner, person_id
from portal.pages import page
from portal.services import now

NOT_ANSWERED = "x"


@blueprint.get("")
def home() -> Response:
    learner, locale = known_learner(), current_locale()
    held = skills_held(db, learner.id) if learner else {}
    skills = [(skill, len(lessons_of(skill.code, locale))) for skill in current_skills().skills]
    return page("learn/home.html", skills=skills, held=held, locale_words=of_two())


@blueprint.get("/<skill>")
def skill(skill: str) -> Response:
    found, learner = current_skills().get(skill), known_learner()
    return page(
        "learn/skill.html",
        skill=found,
        lessons=lessons_of(skill, current_locale()),
        done=results_of(db, learner.id) if learner else {},
        platform=_platform(found),
        locale_words=of_two(),
    )


@blueprint.get("/<skill>/<lesson>")
def lesson(skill: str, lesson: str) -> Response:
    all_of_skill = lessons_of(skill, current_locale())
    found = get_lesson(skill, lesson, current_locale())
    place = all_of_skill.index(found)
    following = all_of_skill[place + 1] if place + 1 < len(all_of_skill) else None
    return page(
        "learn/lesson.html",
        skill=current_skills().get(skill),
        lesson=found,
        picture=picture(found.code),
        number=place + 1,
        total=len(all_of_skill),
        following=following,
        answers=_answers(request.args.get("answers", "")),
        locale_words=of_two(),
    )


@blueprint.post("/<skill>/<lesson>")
def answer(skill: str, lesson: str) -> Answer:
    found = get_lesson(skill, lesson, current_locale())
    given = [request.form.get(f"q{number}", NOT_ANSWERED)[:1] for number in range(QUESTIONS)]
    if person_id() and NOT_ANSWERED not in given:
        _keep(found, given)
    return redirect(
        url_for("learn.lesson", skill=skill, lesson=lesson, answers="-".join(given), _anchor="answers"), 303
    )


def _keep(lesson: Lesson, given: list[str]) -> None:
    right = lesson.count_right([answer for answer in _answers("-".join(given)) if answer is not None])
    note_result(db, acting_learner().id, lesson, right, now=now())


def _answers(text: str) -> list[int | None]:
    """The choices in an address, one for each question; None where nothing was chosen."""
    parts = text.split("-")[:QUESTIONS] if text else []
    return [int(part) if part in {"0", "1", "2"} else None for part in parts]


def _platform(skill: Skill) -> LocalPlatform | None:
    """What the reader's own place teaches in the fifth slot."""
    person = db.get(Person, person_id()) if skill.is_local and person_id() else None
    if person is None or person.unit_id is None:
        return None
    return local_platform(db, person.unit_id, on=today_in_vietnam(now()))
