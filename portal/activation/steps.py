"""Which browser is at which step: the cookie of the sitting, and the way from step to step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, cast

from flask import Response, redirect, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from identity.account import Account
from identity.activation import Journey, Step, find_journey
from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from portal.activation.remedies import REMEDIES
from portal.database import db, peek
from portal.fields import HouseForm
from portal.pages import page
from portal.security import me
from portal.security.cookies import drop_cookie, is_member_device, read_cookie, set_cookie
from portal.services import now, services

COOKIE = "eid_activation"
ENDPOINTS = {
    Step.PHONE: "activation.phone",
    Step.PROOF: "activation.proof",
    Step.PASSWORD: "activation.password",
    Step.TOTP: "activation.app",
    Step.RECOVERY: "activation.recovery",
}
NUMBERS = {step: number for number, step in enumerate(Step, 1)}
View = Callable[[], Any]


def at(step: Step) -> Callable[[View], View]:
    """The view belongs to `step`; a browser that stands elsewhere is taken there (back button, double click)."""

    def mark(view: View) -> View:
        @wraps(view)
        def run() -> Any:
            with peek() as look:
                journey = find_journey(look, read_cookie(COOKIE) or "", now=now())
                reached = journey.next_step if journey else None
                finished = reached is None and has_just_finished(look)
            if finished:
                return redirect(url_for("account.overview"), 303)
            if reached is None:
                return redirect(url_for("activation.start", over=1), 303)
            return view() if reached is step else redirect(url_for(ENDPOINTS[reached]), 303)

        return run

    return mark


def has_just_finished(look: Session) -> bool:
    """Whether this browser is signed in by the activation whose pages it goes back to."""
    holder = me()
    account = look.get(Account, holder.account_id) if holder is not None else None
    since = now() - timedelta(minutes=rule("activation_journey_minutes", today_in_vietnam(now())))
    return account is not None and account.activated_at is not None and account.activated_at > since


def this_journey() -> Journey:
    """The journey of this browser, read in the request's own transaction."""
    journey = find_journey(db, read_cookie(COOKIE) or "", now=now())
    if journey is None:
        raise Refused("activation-over")
    return journey


def onward(journey: Journey) -> Answer:
    """To the step that comes now."""
    return redirect(url_for(ENDPOINTS[cast(Step, journey.next_step)]), 303)


def keep_sitting(response: Answer, token: str) -> None:
    """This browser is the one that goes on; the cookie ends with the sitting."""
    set_cookie(response, COOKIE, token, timedelta(minutes=rule("activation_journey_minutes", today_in_vietnam(now()))))


def end_sitting(response: Answer) -> Answer:
    """Nothing of the person stays in this browser: neither the sitting nor an application that was open."""
    drop_cookie(response, COOKIE)
    session.clear()
    return response


def step_page(
    step: Step, form: HouseForm, refusal: Refused | None = None, *, template: str = "", **context: Any
) -> Response:
    """The page of a step. A refusal is a result: it was counted and recorded, so it is shown without a roll-back."""
    if refusal is not None:
        form.show(refusal)
    remedies = REMEDIES.get(refusal.code, ()) if refusal else ()
    names = {"number": NUMBERS[step], "total": len(NUMBERS), "remedies": remedies, "with_helper": is_member_device()}
    return page(f"activation/{template or step.value}.html", form=form, **names, **context)


def test_otp() -> str:
    """The fixed code of a demonstration; settings refuse it elsewhere."""
    return services().settings.test_otp
