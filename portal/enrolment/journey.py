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
Answers = dict[str, Any]

PARTS = (
    _l("Who you are"),
    _l("Phone"),
    _l("Documents"),
    _l("Office and messages"),
    _l("Check and send"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One page. `done` looks at the answers; `endpoint` is its view."""

    name: str
    part: int
    done: Callable[[Answers], bool]
    kinds: tuple[str, ...] = BOTH
    endpoint: str = "enrolment.step"


def _has(*names: str) -> Callable[[Answers], bool]:
    return lambda answers: all(name in answers for name in names)


def _record_is_fresh(answers: Answers) -> bool:
    if "record_at" not in answers:
        return False
    hours = int(rule("register_answer_hours", today_in_vietnam(now())))
    return now() - datetime.fromisoformat(answers["record_at"]) < timedelta(hours=hours)


STEPS = (
    Step("who", 1, _has("person_kind"), endpoint="enrolment.start"),
    Step("language", 1, _has("locale")),
    Step("phone", 2, _has("phone"), endpoint="enrolment.phone"),
    Step("code", 2, _has("phone_proved_at"), endpoint="enrolment.code"),
    Step("personal-number", 3, _has("personal_number"), (CITIZEN,)),
    Step("passport-number", 3, _has("passport_number"), (FOREIGNER,)),
    Step("nationality", 3, _has("nationality"), (FOREIGNER,)),
    Step("name", 3, _has("full_name")),
    Step("birth-date", 3, _has("birth_date")),
    Step("residence-card", 3, _has("residence_card"), (FOREIGNER,)),
    Step("register", 3, _record_is_fresh, endpoint="enrolment.register"),
    Step("office", 4, _has("office_id"), endpoint="enrolment.office"),
    Step("messages", 4, _has("notify_by")),
    Step("help", 4, _has("agreed_to_help")),
    Step("check", 5, lambda _answers: False, endpoint="enrolment.check"),
)
IDENTITY = (
    "personal_number", "document_number", "passport_number", "nationality", "residence_card", "full_name", "birth_date",
)  # fmt: skip
"""What the register is asked about: a change makes its answer void."""


def steps_for(draft: Draft) -> list[Step]:
    """The steps of this kind of person."""
    kind = draft.answer("person_kind", CITIZEN)
    return [step for step in STEPS if kind in step.kinds]


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
