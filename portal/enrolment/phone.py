"""The phone is proved before anything is asked about a person: it makes a look-up cost something and leave a trace."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import redirect, url_for
from werkzeug.wrappers import Response

from identity.application import Draft, save_step
from identity.base import Refused
from identity.credentials.otp import APPLYING, check_otp, seconds_to_wait, send_otp, why_not
from identity.documents import normalise_phone
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.forms import PhoneCodeForm, PhoneForm
from portal.enrolment.journey import Step, address, next_step
from portal.enrolment.screen import drafted, step_page
from portal.security import limiter
from portal.services import now, services

MESSAGES_LIMIT = "20/10 minutes;60/hour"
"""Messages from one address, whatever the phones: a commune office or a household shares one."""


@blueprint.route("/apply/phone", methods=["GET", "POST"])
@limiter.limit(MESSAGES_LIMIT, methods=["POST"])
@drafted("phone")
def phone(draft: Draft, here: Step) -> Response:
    form = PhoneForm(phone=draft.answer("phone"))
    if form.validate_on_submit():
        try:
            send_code(draft, normalise_phone(form.phone.data), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(address(next_step(draft)), 303)
    return step_page("enrolment/step.html", draft, here, form)


@blueprint.route("/apply/code", methods=["GET", "POST"])
@drafted("code")
def code(draft: Draft, here: Step) -> Response:
    if draft.answer("phone_proved_at"):
        return redirect(address(next_step(draft)), 303)
    form = PhoneCodeForm()
    if form.validate_on_submit():
        refusal = prove(draft, form.otp.data, now=now())
        if refusal is None:
            return redirect(address(next_step(draft)), 303)
        form.show(refusal)  # a result: the try was counted and stays
    return _code_page(draft, here, form)


@blueprint.post("/apply/code/again")
@limiter.limit(MESSAGES_LIMIT)
@drafted("code")
def code_again(draft: Draft, here: Step) -> Response:
    form = PhoneCodeForm(formdata=None)
    try:
        save_step(db, draft, {"phone_challenge": None}, now=now())
        send_code(draft, draft.answer("phone"), now=now())
    except Refused as refusal:
        form.refuse(refusal)
        if not is_on_its_way(refusal, draft.answer("phone_challenge"), now=now()):
            return step_page("enrolment/code.html", draft, here, form, phone=draft.answer("phone"))
    return redirect(url_for("enrolment.code"), 303)


def _code_page(draft: Draft, here: Step, form: PhoneCodeForm) -> Response:
    wait = 0 if form.errors else seconds_to_wait(db, draft.answer("phone"), APPLYING, now=now())
    return step_page("enrolment/code.html", draft, here, form, phone=draft.answer("phone"), wait=wait)


def is_on_its_way(refusal: Refused, challenge: str | None, *, now: datetime) -> bool:
    """Whether asking too soon is no failure, because the code that was sent still counts."""
    return refusal.code == "otp-wait" and bool(challenge) and why_not(db, UUID(challenge), now=now).code == "otp-wrong"


def send_code(draft: Draft, number: str, *, now: datetime) -> None:
    """Send a code unless this number is proved; a double click finds the code on its way and sends none."""
    if draft.answer("phone") == number and draft.answer("phone_proved_at"):
        return
    try:
        challenge = send_otp(
            db, number, APPLYING, draft.id, now=now, locale=draft.locale, test_otp=services().settings.test_otp
        )
    except Refused as refusal:
        if refusal.code == "otp-wait" and draft.answer("phone") == number and draft.answer("phone_challenge"):
            return
        raise
    answers = {"phone": number, "phone_challenge": str(challenge), "phone_proved_at": None}
    save_step(db, draft, answers | {"record": None, "record_at": None}, now=now)


def prove(draft: Draft, typed: str, *, now: datetime) -> Refused | None:
    """Check the code; None is right. A wrong one is counted."""
    challenge = UUID(draft.answer("phone_challenge"))
    if not check_otp(db, challenge, typed, now=now):
        return why_not(db, challenge, now=now)
    save_step(db, draft, {"phone_proved_at": now.isoformat(), "phone_challenge": None}, now=now)
    return None
