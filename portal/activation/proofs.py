"""Steps 2 and 3: the phone on file, and a second proof that is not the SIM."""

from __future__ import annotations

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.activation import Step, proofs_for, prove_identity, prove_phone, send_code
from identity.activation.proof import ask_guardian, guardians_answer, take_guardians_yes, tries_left
from identity.base import Refused
from identity.guardians import has_guardian, state_of
from portal.activation import blueprint
from portal.activation.forms import PROOFS, EmptyForm, PhoneForm, ProofForm
from portal.activation.phone import phone_page, sent_page
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
    return phone_page(journey, form, refusal)


@blueprint.post("/phone/again")
@at(Step.PHONE)
def send_again() -> Response | Answer:
    journey = this_journey()
    refusal = send_code(db, journey, now=now(), locale=current_locale(), test_otp=test_otp())
    return sent_page(journey, refusal)


@blueprint.route("/proof", methods=["GET", "POST"])
@at(Step.PROOF)
def proof() -> Response | Answer:
    form, journey, refusal = ProofForm(), this_journey(), None
    if has_guardian(journey.account):
        return redirect(url_for("activation.guardian"), 303)
    form.kind.choices = [(kind.value, *PROOFS[kind.value]) for kind in proofs_for(db, journey)]
    if form.validate_on_submit():
        refusal = prove_identity(db, journey, form.kind.data, form.proof.data, now=now())
        if refusal is None:
            return onward(journey)
    return step_page(Step.PROOF, form, refusal, left=tries_left(journey, now=now()))


@blueprint.route("/guardian", methods=["GET", "POST"])
@at(Step.PROOF)
def guardian() -> Response | Answer:
    """A ward's second proof: the guardian's yes, given on another screen."""
    form, journey, refusal = EmptyForm(), this_journey(), None
    if not has_guardian(journey.account):
        return redirect(url_for("activation.proof"), 303)
    if form.validate_on_submit():
        refusal = take_guardians_yes(db, journey, now=now())
        if refusal is None:
            return onward(journey)
    return _guardian_page(form, refusal)


@blueprint.post("/guardian/ask")
@at(Step.PROOF)
def ask_the_guardian() -> Response | Answer:
    asked = ask_guardian(db, this_journey(), now=now())
    if isinstance(asked, Refused):
        return _guardian_page(EmptyForm(None), asked)
    return redirect(url_for("activation.guardian"), 303)


def _guardian_page(form: EmptyForm, refusal: Refused | None) -> Response:
    question = guardians_answer(db, this_journey())
    state = state_of(question, now=now()) if question is not None else None
    return step_page(Step.PROOF, form, refusal, template="guardian", question=question, state=state)
