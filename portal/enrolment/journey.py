"""The journey as a table of contents: its steps in order, for whom they are, and what shows that one is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for

from identity.application import Draft
from identity.deadlines import rule, today_in_vietnam
from portal.language import _l
from portal.services import now

CITIZEN, FOREIGNER = "citizen", "foreigner"
BOTH = (CITIZEN, FOREIGNER)
LEVELS = ("1", "2")
Answers = dict[str, Any]

PARTS = (
    _l("Who you are"),
    _l("Phone"),
    _l("Documents"),
    _l("Office and messages"),
    _l("Check and send"),
)


PARTS_ONLINE = (PARTS[0], PARTS[1], PARTS[2], _l("Portrait and messages"), PARTS[4])


KNOWN = ("person_id", "renews")
"""Begun for somebody who has an account: for a level more, or with a paper that was renewed."""


def is_known(answers: Answers) -> bool:
    """Whether the answers about the person come from their account."""
    return any(name in answers for name in KNOWN)


def is_signed_in(answers: Answers) -> bool:
    """Begun under My account, for a child or for more than one has: who one is, is known there."""
    return "guardian_id" in answers or is_known(answers)


def _stranger(answers: Answers) -> bool:
    return not is_signed_in(answers)


def _not_known(answers: Answers) -> bool:
    return not is_known(answers)


def _always(_answers: Answers) -> bool:
    return True


def _paper_needed(answers: Answers) -> bool:
    return "guardian_id" in answers and "record" in answers and answers.get("guardian_basis") != "register"


@dataclass(frozen=True, slots=True)
class Step:
    """One page. `done` looks at the answers; `endpoint` is its view; `when` says who is asked."""

    name: str
    part: int
    done: Callable[[Answers], bool]
    kinds: tuple[str, ...] = BOTH
    endpoint: str = "enrolment.step"
    levels: tuple[int, ...] = (1, 2)
    when: Callable[[Answers], bool] = _always


def _has(*names: str) -> Callable[[Answers], bool]:
    return lambda answers: all(name in answers for name in names)


def _record_is_fresh(answers: Answers) -> bool:
    if "record_at" not in answers:
        return False
    hours = int(rule("register_answer_hours", today_in_vietnam(now())))
    return now() - datetime.fromisoformat(answers["record_at"]) < timedelta(hours=hours)


STEPS = (
    Step("who", 1, _has("person_kind"), endpoint="enrolment.start", when=_stranger),
    Step("language", 1, _has("locale"), when=_stranger),
    Step("phone", 2, _has("phone"), endpoint="enrolment.phone", when=_stranger),
    Step("code", 2, _has("phone_proved_at"), endpoint="enrolment.code", when=_stranger),
    Step("personal-number", 3, _has("personal_number"), (CITIZEN,), when=_not_known),
    Step("passport-number", 3, _has("passport_number"), (FOREIGNER,)),
    Step("nationality", 3, _has("nationality"), (FOREIGNER,), when=_not_known),
    Step("name", 3, _has("full_name"), when=_not_known),
    Step("birth-date", 3, _has("birth_date"), when=_not_known),
    Step("residence-card", 3, _has("residence_card"), (FOREIGNER,)),
    Step("register", 3, _record_is_fresh, endpoint="enrolment.register"),
    Step("guardianship", 3, _has("guardian_basis"), endpoint="enrolment.guardianship", when=_paper_needed),
    Step("office", 4, _has("office_id"), endpoint="enrolment.office", levels=(2,)),
    Step("portrait", 4, _has("portrait_file_id"), endpoint="enrolment.portrait", levels=(1,)),
    Step("messages", 4, _has("notify_by"), when=_stranger),
    Step("help", 4, _has("agreed_to_help"), when=_stranger),
    Step("check", 5, lambda _answers: False, endpoint="enrolment.check"),
)
IDENTITY = (
    "personal_number", "document_number", "passport_number", "nationality", "residence_card", "full_name", "birth_date",
)  # fmt: skip
"""What the register is asked about: a change makes its answer void."""


def steps_for(draft: Draft) -> list[Step]:
    """The steps of this kind of person, to this level."""
    answers = draft.answers or {}
    kind, level = answers.get("person_kind", CITIZEN), int(answers.get("level", 2))
    return [step for step in STEPS if kind in step.kinds and level in step.levels and step.when(answers)]


def parts_for(draft: Draft) -> tuple[Any, ...]:
    """The parts of the journey by name."""
    return PARTS_ONLINE if int(draft.answer("level", 2)) == 1 else PARTS


def next_step(draft: Draft) -> Step:
    """The first that is not done; the last is never done before it is sent."""
    answers = draft.answers or {}
    return next(step for step in steps_for(draft) if not step.done(answers))


def address(step: Step) -> str:
    """Where a step is."""
    return url_for(step.endpoint, name=step.name) if step.endpoint == "enrolment.step" else url_for(step.endpoint)


def find_step(draft: Draft, name: str) -> Step | None:
    """A step of this person by its name."""
    return next((step for step in steps_for(draft) if step.name == name), None)


def is_open(draft: Draft, step: Step) -> bool:
    """Whether all steps before it are done."""
    steps = steps_for(draft)
    return steps.index(step) <= steps.index(next_step(draft))


def previous(draft: Draft, step: Step) -> Step | None:
    """The step that "Back" leads to; the code is asked once only."""
    steps = [one for one in steps_for(draft) if one.name != "code" or not one.done(draft.answers or {})]
    before = steps[: steps.index(step)] if step in steps else []
    return before[-1] if before else None
