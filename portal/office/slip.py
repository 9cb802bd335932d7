"""The printed slip with the activation secret: shown once, in the applicant's language."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.application import Application, check_version
from identity.base import Refused
from identity.counter_secret import was_handed_over
from identity.slip import check_needs_slip, open_slip, renew_slip
from portal.database import db
from portal.language import _, force_locale
from portal.office import blueprint
from portal.office.access import RECEIVING, case_for
from portal.office.case import show_case
from portal.office.forms import StepForm
from portal.printing.paper import paper
from portal.security import limiter, writes
from portal.services import now, services


@dataclass(frozen=True, slots=True)
class Slip:
    """What is on the paper. No name and no number of a person: who finds it learns nothing."""

    locale: str
    secret: str
    address: str
    title: str
    about: str
    dossier: str
    secret_label: str
    qr_label: str
    how: str
    warning: str


@blueprint.get("/cases/<uuid:application_id>/slip")
@writes
def slip(application_id: UUID) -> Response:
    application, officer = case_for(db, application_id, RECEIVING)
    secret = open_slip(db, request.args.get("ticket", ""), application, officer, now=now())
    form = StepForm(version=str(application.version))
    return show_case("office/slip.html", application, officer, form, slip=slip_for(application, secret))


@blueprint.get("/cases/<uuid:application_id>/slip/new")
@writes
def new_slip(application_id: UUID) -> Response:
    application, officer = case_for(db, application_id, RECEIVING)
    check_needs_slip(db, application, now=now())
    form = StepForm(version=str(application.version))
    return show_case("office/new_slip.html", application, officer, form)


@blueprint.post("/cases/<uuid:application_id>/slip/new")
def make_slip(application_id: UUID) -> Answer:
    application, officer = case_for(db, application_id, RECEIVING)
    check_version(application, StepForm().seen)
    ticket = renew_slip(db, application, officer, now=now())
    return redirect(url_for("office.slip", application_id=application_id, ticket=ticket))


@blueprint.post("/cases/<uuid:application_id>/slip/sheet")
@limiter.limit("20/minute")
def slip_sheet(application_id: UUID) -> Answer:
    """What the page shows, as a sheet: the secret comes from the page, because it is kept nowhere in clear."""
    application, _officer = case_for(db, application_id, RECEIVING)
    secret = request.form.get("secret", "")[:20]
    if not was_handed_over(db, application.id, secret):
        raise Refused("slip-shown")
    sheet, number = slip_for(application, secret), application.dossier_number
    return paper("office/slip_sheet.html", "activation", language=application.locale, slip=sheet, dossier_number=number)


def slip_for(application: Application, secret: str) -> Slip:
    """The words of the slip, in the language in which the applicant gets messages."""
    address = f"{services().settings.issuer}{url_for('activation.start')}"
    with force_locale(application.locale):
        return Slip(
            locale=application.locale,
            secret=secret,
            address=address,
            title=_("Your activation slip"),
            about=_("Keep this paper. You need it once, to open your e-ID account."),
            dossier=_("Application number:"),
            secret_label=_("Activation secret"),
            qr_label=_("QR code with the address of the activation page"),
            how=_(
                "When the notice with the activation code has come, open %(address)s or scan the picture.",
                address=address,
            ),
            warning=_("Give the secret to nobody. An officer or helper never asks for it by phone or message."),
        )
