"""The lessons are complete in both languages, short, and honest about their answers."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from onboarding.learner import learner_of
from onboarding.lessons import FOLDER, QUESTIONS, get_lesson, lessons_of, note_result, results_of
from onboarding.skills import current_skills, local_platform, set_local_platform
from tests.onboarding.scene import communes, resident, staff_account

SKILLS = [skill.code for skill in current_skills().skills]
PICTURES = Path(__file__).resolve().parents[2] / "static/img/lessons"
LONGEST_READING, LEAST_LESSONS, LARGEST_PICTURE = 120, 4, 4096
LESSON_FIELDS = {"code", "title", "reading", "alt", "practice", "questions"}
QUESTION_FIELDS = {"ask", "choices", "right", "why"}


def test_there_are_five_skills_in_five_slots_and_the_last_is_local() -> None:
    skills = current_skills().skills
    assert [skill.slot for skill in skills] == [1, 2, 3, 4, 5]
    assert [skill.is_local for skill in skills] == [False] * 4 + [True]
    assert any(skill.unesco_area_0 for skill in skills)
    assert all(len(skill.tasks) >= 3 and set(skill.names) == {"vi", "en"} for skill in skills)


def test_every_digcomp_code_is_one_of_the_21() -> None:
    there = {
        f"{area}.{number}" for area, count in ((1, 3), (2, 6), (3, 4), (4, 4), (5, 4)) for number in range(1, count + 1)
    }
    assert len(there) == 21
    assert {code for skill in current_skills().skills for code in skill.digcomp} <= there


@pytest.mark.parametrize("skill", SKILLS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_files_have_the_shape_of_lessons(language: str, skill: str) -> None:
    data = json.loads((FOLDER / language / f"{skill}.json").read_text(encoding="utf-8"))
    assert set(data) == {"version", "lessons"} and len(data["lessons"]) >= LEAST_LESSONS
    for lesson in data["lessons"]:
        assert set(lesson) == LESSON_FIELDS, lesson["code"]
        assert len(lesson["questions"]) == QUESTIONS
        for question in lesson["questions"]:
            assert set(question) == QUESTION_FIELDS
            assert len(set(question["choices"])) == 3 and 0 <= question["right"] < 3
            assert all([question["ask"], question["why"], *question["choices"]])


@pytest.mark.parametrize("skill", SKILLS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_reading_has_at_most_120_words(language: str, skill: str) -> None:
    long = [
        lesson.code for lesson in lessons_of(skill, language) if len(" ".join(lesson.reading).split()) > LONGEST_READING
    ]
    assert long == []


@pytest.mark.parametrize("skill", SKILLS)
def test_both_languages_teach_the_same(skill: str) -> None:
    def bones(language: str) -> list[object]:
        return [(lesson.code, [q.right for q in lesson.questions]) for lesson in lessons_of(skill, language)]

    assert bones("vi") == bones("en")


def test_the_right_answer_is_not_always_in_the_same_place() -> None:
    for skill in SKILLS:
        for lesson in lessons_of(skill, "vi"):
            assert len({question.right for question in lesson.questions}) > 1, lesson.code


@pytest.mark.parametrize("skill", SKILLS)
def test_every_lesson_has_a_small_picture_of_its_own_that_holds_no_words_and_no_script(skill: str) -> None:
    for lesson in lessons_of(skill, "vi"):
        content = (PICTURES / f"{lesson.code}.svg").read_bytes()
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(content).iter()}
        assert len(content) <= LARGEST_PICTURE
        assert not tags & {"text", "script", "image", "use", "foreignObject", "style"}


def test_other_readers_get_english() -> None:
    assert get_lesson("safety", "fake-police", "ko") == get_lesson("safety", "fake-police", "en")


def test_the_best_result_of_a_lesson_stays(db, now) -> None:
    learner = learner_of(db, resident(db, communes(db)[0], now=now).id, now=now)
    lesson = get_lesson("safety", "fake-police", "vi")
    for right in (2, 3, 1):
        note_result(db, learner.id, lesson, right, now=now)
    assert results_of(db, learner.id)["fake-police"].right == 3


def test_answers_are_counted() -> None:
    lesson = get_lesson("payment", "glued-qr", "en")
    assert lesson.count_right([question.right for question in lesson.questions]) == 3
    assert lesson.count_right([]) == 0


def test_the_fifth_skill_is_what_the_nearest_unit_chose(db, now) -> None:
    here, beside, _ = communes(db)
    account = staff_account(db, "coordinator", now=now)
    from identity.audit import Actor

    by, today = Actor(account.id, "coordinator"), now.date()
    set_local_platform(db, here.parent_id, "Ứng dụng của tỉnh", "", by, now=now)
    set_local_platform(db, here.id, "Sổ tay của phường", "", by, now=now)
    db.flush()
    assert local_platform(db, here.id, on=today).name == "Sổ tay của phường"
    assert local_platform(db, beside.id, on=today).name == "Ứng dụng của tỉnh"
    set_local_platform(db, here.id, "Ứng dụng mới", "", by, now=now)
    db.flush()
    assert local_platform(db, here.id, on=today).name == "Ứng dụng mới"
