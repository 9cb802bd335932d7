"""The page that waits for the code of the phone: what was sent, and when another may be asked for."""

from __future__ import annotations

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.activation import Journey, Step
from identity.activation.phone import has_ended, phone_on_file, wait_for_another
from identity.base import Refused
from portal.activation.forms import PhoneForm
from portal.activation.steps import step_page
from portal.database import db
from portal.services import now


def sent_page(journey: Journey, refusal: Refused | None) -> Response | Answer:
    """After asking for a code. Too soon is no failure while the code that was sent counts: the page says how long."""
    if refusal is None or (refusal.code == "otp-wait" and not has_ended(db, journey, now=now())):
        return redirect(url_for("activation.phone"), 303)
    return phone_page(journey, PhoneForm(None), refusal)


def phone_page(journey: Journey, form: PhoneForm, refusal: Refused | None = None) -> Response:
    """The step, whether or not a code could be sent."""
    wait = 0 if refusal else wait_for_another(db, journey, now=now())
    sent, phone = journey.visit.challenge_id, phone_on_file(db, journey)
    return step_page(Step.PHONE, form, refusal, phone=phone, sent=sent, wait=wait)
