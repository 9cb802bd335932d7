"""Short lessons for each skill: a reading, a picture, a task to practise, three questions with explained answers.

Lessons are data, a file for each language and skill, written for people who are new to phones. They can be read
without an account. A quiz never makes anybody skilled: that takes a witness (`onboarding.skill_check`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Refused
from identity.writing import insert_into
from onboarding.skills import current_skills

FOLDER = Path(__file__).parent / "data" / "lessons"
QUESTIONS = 3


@dataclass(frozen=True, slots=True)
class Question:
    """A question, its choices, which is right, and why."""

    ask: str
    choices: tuple[str, ...]
    right: int
    why: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson in one language. The picture is named after the lesson; `alt` says what it shows."""

    skill: str
    code: str
    version: int
    title: str
    reading: tuple[str, ...]
    alt: str
    practice: str
    questions: tuple[Question, ...]

    def count_right(self, answers: Sequence[int]) -> int:
        """How many answers are right."""
        return sum(given == question.right for given, question in zip(answers, self.questions, strict=False))


class LessonDone(Base):
    """The best result of one learner in one lesson."""

    __tablename__ = "lesson_done"

    learner_id: Mapped[UUID] = mapped_column(ForeignKey("learner.id"), primary_key=True)
    lesson: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int]
    right: Mapped[int]
    at: Mapped[datetime]


def lessons_of(skill: str, locale: str) -> tuple[Lesson, ...]:
    """The lessons of a skill in the reader's language, in their order."""
    current_skills().get(skill)
    return _read("vi" if locale == "vi" else "en", skill)


def get_lesson(skill: str, code: str, locale: str) -> Lesson:
    """One lesson; refused when there is none."""
    found = next((lesson for lesson in lessons_of(skill, locale) if lesson.code == code), None)
    if found is None:
        raise Refused("lesson-unknown")
    return found


def note_result(db: Session, learner_id: UUID, lesson: Lesson, right: int, *, now: datetime) -> None:
    """Keep the learner's result; a worse one later changes nothing."""
    values = {"version": lesson.version, "right": right, "at": now}
    statement = insert_into(db, LessonDone).values(learner_id=learner_id, lesson=lesson.code, **values)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=[LessonDone.learner_id, LessonDone.lesson], set_=values, where=LessonDone.right <= right
        )
    )


def results_of(db: Session, learner_id: UUID) -> dict[str, LessonDone]:
    """What a learner has done, by code of the lesson."""
    return {row.lesson: row for row in db.scalars(select(LessonDone).where(LessonDone.learner_id == learner_id))}


@cache
def _read(language: str, skill: str) -> tuple[Lesson, ...]:
    data = json.loads((FOLDER / language / f"{skill}.json").read_text(encoding="utf-8"))
    return tuple(_lesson(skill, data["version"], row) for row in data["lessons"])


def _lesson(skill: str, version: int, row: dict[str, Any]) -> Lesson:
    questions = [Question(q["ask"], tuple(q["choices"]), q["right"], q["why"]) for q in row["questions"]]
    return Lesson(
        skill, row["code"], version, row["title"], tuple(row["reading"]), row["alt"], row["practice"], tuple(questions)
    )
