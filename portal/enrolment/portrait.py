"""The portrait of an application that is sent online: made anew, and compared by the register before it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, url_for
from werkzeug.wrappers import Response

from identity.application import Draft, save_step
from identity.application.lookup import PURPOSE
from identity.application.registered import Record, from_facts
from identity.audit import VISITOR, Event, record
from identity.base import Refused
from identity.files import PORTRAIT, least_side, prepare_image, remove, store
from identity.gateways import CitizenRecord, MatchResult, RegisterUnavailable
from portal.database import db, peek
from portal.enrolment import blueprint
from portal.enrolment.drafting import begin_again, find_draft
from portal.enrolment.forms import PortraitForm
from portal.enrolment.journey import Step, address, find_step, next_step
from portal.enrolment.screen import away_from, drafted, is_theirs, step_page
from portal.fields import take_large_files
from portal.services import now, services

blueprint.before_request(take_large_files("enrolment.send_portrait", "enrolment.send_guardianship"))


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture, and what the register said about it; None when it did not answer."""

    picture: bytes
    match: MatchResult | None


@blueprint.get("/apply/portrait")
@drafted("portrait")
def portrait(draft: Draft, here: Step) -> Response:
    return _portrait_page(draft, here, PortraitForm())


@blueprint.post("/apply/portrait")
def send_portrait() -> Response:
    with peek() as look:
        draft = find_draft(look)
        if draft is None or not is_theirs(draft):
            return begin_again()
        elsewhere = away_from(draft, find_step(draft, "portrait"))
        if elsewhere is not None:
            return elsewhere
        registered = from_facts(draft.answer("record"))
    form = PortraitForm()
    taken = _take(form, registered) if form.validate() else None
    return _took(form, taken)


@drafted("portrait")
def _took(draft: Draft, here: Step, form: PortraitForm, taken: Taken | None) -> Response:
    if taken is None:
        return _portrait_page(draft, here, form)
    _keep(draft, taken)
    is_known = taken.match is None or taken.match.matched
    return redirect(address(next_step(draft)) if is_known else url_for("enrolment.portrait"), 303)


def _portrait_page(draft: Draft, here: Step, form: PortraitForm) -> Response:
    unknown = draft.answer("portrait_matched") is False and not form.errors
    onward = address(next_step(draft)) if draft.answer("portrait_file_id") else None
    return step_page("enrolment/portrait.html", draft, here, form, unknown=unknown, onward=onward)


def _take(form: PortraitForm, registered: Record) -> Taken | None:
    """Slow: made anew and compared before anything is written."""
    try:
        picture = prepare_image(form.portrait.data, least_side=least_side(PORTRAIT, now()), field="portrait")
    except Refused as refusal:
        form.refuse(refusal)
        return None
    try:
        if isinstance(registered, CitizenRecord):
            return Taken(picture, services().population.match_portrait(registered.personal_number, picture, PURPOSE))
        return Taken(picture, services().immigration.match_portrait(registered.residence_card, picture, PURPOSE))
    except RegisterUnavailable:
        return Taken(picture, None)


def _keep(draft: Draft, taken: Taken) -> None:
    moment, subject = now(), ("draft", draft.id)
    remove(db, draft.id, PORTRAIT)
    kept = store(db, taken.picture, PORTRAIT, draft.id, now=moment)
    found = {"portrait_score": taken.match.score, "portrait_matched": taken.match.matched} if taken.match else {}
    outcome = "unavailable" if taken.match is None else "match" if taken.match.matched else "mismatch"
    record(db, Event.PORTRAIT_COMPARED, VISITOR, now=moment, subject=subject, purpose=PURPOSE, outcome=outcome)
    nothing = {"portrait_score": None, "portrait_matched": None}
    save_step(db, draft, nothing | found | {"portrait_file_id": str(kept.id)}, now=moment)
