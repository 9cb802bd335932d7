"""What every step's page has: where one is, where "Back" leads, when the draft was saved; and who is sent elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import redirect, url_for
from werkzeug.wrappers import Response

from identity.application import Draft
from portal.enrolment.drafting import begin_again, find_draft
from portal.enrolment.journey import PARTS, Step, address, find_step, is_open, next_step, previous
from portal.fields import HouseForm
from portal.pages import page

StepView = Callable[[Draft, Step], Response]


def drafted(name: str = "") -> Callable[[StepView], Callable[..., Response]]:
    """For the view of a step (`name`, else the one in the address): it gets draft and step, or is not shown."""

    def wrap(view: StepView) -> Callable[..., Response]:
        @wraps(view)
        def run(**arguments: str) -> Response:
            draft = find_draft()
            if draft is None:
                return begin_again()
            here = find_step(draft, arguments.get("name", name))
            return away_from(draft, here) or view(draft, cast(Step, here))

        return run

    return wrap


def away_from(draft: Draft, step: Step | None) -> Response | None:
    """A redirect when this step is not to be shown: it was sent, is not for this person, or comes too early."""
    if draft.submitted_at is not None:
        return redirect(url_for("enrolment.receipt"), 303)
    if step is None or not is_open(draft, step):
        return redirect(address(next_step(draft)), 303)
    return None


def step_page(template: str, draft: Draft, step: Step, form: HouseForm, **context: Any) -> Response:
    """The page of a step."""
    before = previous(draft, step)
    return page(
        template,
        form=form,
        draft=draft,
        step=step,
        parts=PARTS,
        part=PARTS[step.part - 1],
        back=address(before) if before else url_for("enrolment.start"),
        **context,
    )
