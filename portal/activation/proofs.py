"""Steps 2 and 3: the phone on file, and a second proof that is not the SIM."""

from __future__ import annotations

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.activation import Step, proofs_for, prove_identity, prove_phone, send_code
from identity.activation.phone import phone_on_file
from identity.activation.proof import tries_left
from portal.activation import blueprint
from portal.activation.forms import PROOFS, PhoneForm, ProofForm
from portal.activation.steps import at, onward, step_page, test_otp, this_journey
from portal.database import db
from portal.language import current_locale
from portal.services import now


@blueprint.route("/phone", methods=["GET", "POST"])
@at(Step.PHONE)
def phone() -> Response | Answer:
    form, journey, refusal = PhoneForm(), this_journey(), None
    if form.validate_on_submit():
        refusal = prove_phone(db, journey, form.otp.data, now=now())
        if refusal is None:
            return onward(journey)
    return step_page(Step.PHONE, form, refusal, phone=phone_on_file(db, journey), sent=journey.visit.challenge_id)


@blueprint.post("/phone/again")
@at(Step.PHONE)
def send_again() -> Response | Answer:
    journey = this_journey()
    refusal = send_code(db, journey, now=now(), locale=current_locale(), test_otp=test_otp())
    if refusal is None:
        return redirect(url_for("activation.phone"), 303)
    sent = journey.visit.challenge_id
    return step_page(Step.PHONE, PhoneForm(None), refusal, phone=phone_on_file(db, journey), sent=sent)


@blueprint.route("/proof", methods=["GET", "POST"])
@at(Step.PROOF)
def proof() -> Response | Answer:
    form, journey, refusal = ProofForm(), this_journey(), None
    form.kind.choices = [(kind.value, *PROOFS[kind.value]) for kind in proofs_for(db, journey)]
    if form.validate_on_submit():
        refusal = prove_identity(db, journey, form.kind.data, form.proof.data, now=now())
        if refusal is None:
            return onward(journey)
    return step_page(Step.PROOF, form, refusal, left=tries_left(journey, now=now()))
