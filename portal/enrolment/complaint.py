"""Complaining: with the code of an application, or signed in. Answers are read in the same place."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response

from identity.account import Account
from identity.application import Application
from identity.base import Refused
from identity.complaints import LONGEST_TEXT, Complainant, complain, complaints_of
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.visit import is_unlocked, visiting
from portal.fields import ChoiceField, HouseForm, TextAreaField, without_numbers
from portal.language import _l
from portal.pages import page
from portal.security import guarded, limiter, me, resident
from portal.services import now
from portal.words.complaint import CATEGORIES

LIMIT = "10/hour"


class ComplaintForm(HouseForm):
    """What it is about, and what happened."""

    category = ChoiceField(
        _l("What is it about?"),
        choices=[(code, title, hint) for code, (title, hint) in CATEGORIES.items()],
        required=_l("Choose what your complaint is about."),
    )
    text = TextAreaField(
        _l("What happened?"),
        length=LONGEST_TEXT,
        rows=6,
        hint=_l("When and where, and what you want us to do. No numbers of documents, no codes."),
        rules=[without_numbers],
    )


@blueprint.route("/status/complaint", methods=["GET", "POST"])
@limiter.limit(LIMIT, methods=["POST"])
@visiting
def complaint(application: Application) -> Response:
    """With the code alone one may complain; what was written is shown to who proved the phone."""
    shown = is_unlocked(application)
    return _complain(Complainant(application=application), url_for("enrolment.status"), shown=shown)


@blueprint.route("/complaints", methods=["GET", "POST"])
@limiter.limit(LIMIT, methods=["POST"])
@guarded(resident)
def complaints() -> Response:
    visitor = me()
    account = db.get(Account, visitor.account_id) if visitor else None
    return _complain(Complainant(account=account), url_for("account.overview"), shown=True)


def _complain(who: Complainant, back: str, *, shown: bool) -> Response:
    form = ComplaintForm()
    if form.validate_on_submit():
        try:
            complain(db, who, form.category.data, form.text.data, now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("enrolment.complaint" if who.application else "enrolment.complaints"), 303)
    rows, moment = complaints_of(db, who), now()
    return page(
        "enrolment/complaint.html",
        form=form,
        back=back,
        rows=rows if shown else [],
        hidden=0 if shown else len(rows),
        categories=CATEGORIES,
        moment=moment,
    )
