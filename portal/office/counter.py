"""The counter visit: portrait, fingerprints, what the register says, and for whoever has still to activate an account
the slip with the secret."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.application import Application, check_version, record_capture, record_match
from identity.application.counter import check_guardian_is_here
from identity.application.issue import needs_activation
from identity.application.model import check_move
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.counter_secret import new_counter_secret
from identity.files import PORTRAIT, least_side, prepare_image, store
from identity.gateways import MatchResult
from identity.slip import find_unseen_slip, hold_slip
from portal.database import db, peek
from portal.fields import take_large_files
from portal.office import blueprint
from portal.office.access import RECEIVING, case_for
from portal.office.case import show_again, show_case
from portal.office.forms import CounterForm, StepForm
from portal.office.register import PURPOSE, compare
from portal.security import writes
from portal.services import now

blueprint.before_request(take_large_files("office.save_visit"))


SAVED_BEFORE = {"application-changed", "application-state"}


@dataclass(frozen=True, slots=True)
class Visit:
    """All that takes time, done before the first write. `match` is None when the register did not answer."""

    portrait: bytes
    capture_reference: str
    match: MatchResult | None
    guardian_present: bool = False


@blueprint.get("/cases/<uuid:application_id>/counter")
@writes
def counter(application_id: UUID) -> Response:
    application, officer = case_for(db, application_id, RECEIVING)
    check_move(application, "record_capture")
    form = CounterForm(version=str(application.version))
    return show_case("office/counter.html", application, officer, form, with_slip=_with_slip(application))


@blueprint.post("/cases/<uuid:application_id>/counter")
def save_visit(application_id: UUID) -> Response | Answer:
    form = CounterForm()
    if form.validate_on_submit():
        try:
            return _save(application_id, _prepare(application_id, form), form.seen)
        except Refused as refusal:
            form.refuse(refusal)
            saved = _saved_before(application_id, form) if refusal.code in SAVED_BEFORE else None
        if saved is not None:
            return saved
    application, _officer = case_for(db, application_id, RECEIVING)
    return show_again("office/counter.html", application_id, form, RECEIVING, with_slip=_with_slip(application))


@blueprint.post("/cases/<uuid:application_id>/match")
def match(application_id: UUID) -> Answer:
    form = StepForm()
    with peek() as look:
        application, officer = case_for(look, application_id, RECEIVING)
        check_move(application, "record_match")
        result = compare(application, application.capture_reference or "")
    if result is None:
        raise Refused("register-away-at-counter")
    application, officer = case_for(db, application_id, RECEIVING)
    _keep(application_id, officer, result, form.seen)
    return redirect(url_for("office.case", application_id=application_id))


def _prepare(application_id: UUID, form: CounterForm) -> Visit:
    """Picture and register take seconds; nothing is locked meanwhile."""
    with peek() as look:
        application, _officer = case_for(look, application_id, RECEIVING)
        check_version(application, form.seen)
        check_move(application, "record_capture")
        portrait = prepare_image(form.portrait.data, least_side=least_side(PORTRAIT, now()), field="portrait")
        reference = form.capture_reference.data
        is_here = bool(form.guardian_present.data)
        check_guardian_is_here(application, is_here)
        return Visit(portrait, reference, compare(application, reference), is_here)


def _with_slip(application: Application) -> bool:
    return needs_activation(db, application, now=now())


def _save(application_id: UUID, visit: Visit, version: int) -> Answer:
    application, officer = case_for(db, application_id, RECEIVING)
    moment = now()
    secret = new_counter_secret() if _with_slip(application) else None
    portrait = store(db, visit.portrait, PORTRAIT, application.id, now=moment)
    record_capture(
        db, application, officer, portrait.id, visit.capture_reference, secret, now=moment, version=version,
        guardian_present=visit.guardian_present,
    )  # fmt: skip
    if visit.match is not None:
        _keep(application_id, officer, visit.match, application.version)
    return _on(application, hold_slip(db, application, officer, secret, now=moment) if secret else None)


def _saved_before(application_id: UUID, form: CounterForm) -> Answer | None:
    """Where the same visit led, when it was sent twice and nobody has seen the first answer."""
    application, officer = case_for(db, application_id, RECEIVING)
    if application.capture_reference != form.capture_reference.data:
        return None
    ticket = find_unseen_slip(db, application, officer, now=now())
    return _on(application, ticket) if ticket or not _with_slip(application) else None


def _on(application: Application, ticket: str | None) -> Answer:
    """To the slip where there is one, else back to the file."""
    if ticket is None:
        return redirect(url_for("office.case", application_id=application.id))
    return redirect(url_for("office.slip", application_id=application.id, ticket=ticket))


def _keep(application_id: UUID, officer: Actor, result: MatchResult, version: int) -> None:
    application, _same = case_for(db, application_id, RECEIVING)
    facts = {"purpose": PURPOSE, "outcome": "match" if result.matched else "mismatch"}
    record(db, Event.REGISTER_LOOKED_UP, officer, now=now(), subject=application.subject, **facts)
    record_match(db, application, officer, result, now=now(), version=version)
