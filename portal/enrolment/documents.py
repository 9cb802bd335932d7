"""Instead of typing: the lines at the foot of a passport or residence card, or the text of the identity card's QR code.

Both are unsigned, so they only fill in the form; the register confirms (ICAO Doc 9303; card QR, law facts 4.2).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from flask import redirect
from werkzeug.wrappers import Response

from identity.application import Draft
from identity.application.clocks import is_valid
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.documents import Mrz, check_personal_number, parse_card_qr, parse_mrz
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.forms import CardForm, MrzForm
from portal.enrolment.journey import Step, address, next_step
from portal.enrolment.screen import drafted, step_page
from portal.enrolment.steps import keep_answers
from portal.fields import HouseForm
from portal.services import now

Read = Callable[[str, datetime], dict[str, str]]


@blueprint.route("/apply/document-lines", methods=["GET", "POST"])
@drafted("passport-number")
def document_lines(draft: Draft, here: Step) -> Response:
    return _paste(draft, here, MrzForm(), read_lines)


@blueprint.route("/apply/card-text", methods=["GET", "POST"])
@drafted("personal-number")
def card_text(draft: Draft, here: Step) -> Response:
    return _paste(draft, here, CardForm(), read_card)


def _paste(draft: Draft, here: Step, form: HouseForm, read: Read) -> Response:
    if form.validate_on_submit():
        try:
            answers = read(next(iter(form)).data, now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            keep_answers(db, draft, answers, now=now())
            return redirect(address(next_step(draft)), 303)
    return step_page("enrolment/step.html", draft, here, form)


def read_lines(text: str, now: datetime) -> dict[str, str]:
    """What the lines of a passport or a residence card answer. An expired one is refused at once."""
    mrz = parse_mrz(text, today=today_in_vietnam(now))
    if not is_valid(mrz.expires_on, now=now):
        raise Refused("passport-expired" if mrz.kind == "passport" else "residence-card-expired", field="mrz")
    number = "passport_number" if mrz.kind == "passport" else "residence_card"
    return {number: mrz.document_number, "nationality": mrz.nationality, **_person(mrz)}


def _person(mrz: Mrz) -> dict[str, str]:
    return {"full_name": mrz.full_name, "birth_date": mrz.birth_date.isoformat()}


def read_card(text: str, now: datetime) -> dict[str, str]:
    """What the QR code of an identity card answers."""
    card = parse_card_qr(text)
    born: date = card.birth_date
    if born > today_in_vietnam(now):
        raise Refused("card-qr-birth-date", field="card_qr")
    number = check_personal_number(card.personal_number, today=today_in_vietnam(now), field="card_qr").number
    return {
        "personal_number": number,
        "document_number": number,
        "full_name": card.full_name,
        "birth_date": born.isoformat(),
    }
