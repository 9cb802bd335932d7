"""What every step's page has: where one is, where "Back" leads, when the draft was saved; and who is sent elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from identity.application import Draft
from portal.enrolment.drafting import begin_again, find_draft
from portal.enrolment.journey import Step, address, find_step, is_open, is_signed_in, next_step, parts_for, previous
from portal.fields import HouseForm
from portal.pages import page
from portal.security import me

StepView = Callable[..., Response]


def drafted(name: str = "") -> Callable[[StepView], Callable[..., Response]]:
    """For the view of a step (`name`, else the one in the address): it gets draft and step, or is not shown."""

    def wrap(view: StepView) -> Callable[..., Response]:
        @wraps(view)
        def run(*handed: Any, **arguments: str) -> Response:
            draft = find_draft()
            if draft is None:
                return begin_again()
            if not is_theirs(draft):
                return redirect(url_for("account.sign_in", next=request.path), 303)
            here = find_step(draft, arguments.get("name", name))
            return away_from(draft, here) or view(draft, cast(Step, here), *handed)

        return run

    return wrap


def is_theirs(draft: Draft) -> bool:
    """What was begun under My account goes on for that person alone."""
    if not is_signed_in(draft.answers or {}):
        return True
    holder = me()
    wanted = draft.answer("guardian_id") or draft.answer("person_id") or draft.answer("renews")
    return holder is not None and not holder.is_staff and str(holder.person_id) == wanted


def away_from(draft: Draft, step: Step | None) -> Response | None:
    """A redirect when this step is not to be shown: it was sent, is not for this person, or comes too early."""
    if draft.submitted_at is not None:
        return redirect(url_for("enrolment.receipt"), 303)
    if step is None or not is_open(draft, step):
        return redirect(address(next_step(draft)), 303)
    return None


def step_page(template: str, draft: Draft, step: Step, form: HouseForm, **context: Any) -> Response:
    """The page of a step."""
    before, parts = previous(draft, step), parts_for(draft)
    first = "account.overview" if is_signed_in(draft.answers or {}) else "enrolment.start"
    return page(
        template,
        form=form,
        draft=draft,
        step=step,
        parts=parts,
        part=parts[step.part - 1],
        back=address(before) if before else url_for(first),
        **context,
    )
