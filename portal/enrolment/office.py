"""Choosing where to go: any commune police for citizens, an immigration office for foreign residents."""

from __future__ import annotations

from flask import redirect
from werkzeug.wrappers import Response

from identity.application import Draft, save_step
from identity.deadlines import today_in_vietnam
from identity.places import Office, offices_for
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.forms import OfficeForm
from portal.enrolment.journey import CITIZEN, Step, address, next_step
from portal.enrolment.rows import chosen_office
from portal.enrolment.screen import drafted, step_page
from portal.language import current_locale
from portal.pages import searched
from portal.services import now

MOST = 40


@blueprint.route("/apply/office", methods=["GET", "POST"])
@drafted("office")
def office(draft: Draft, here: Step) -> Response:
    text = searched()
    found = offices(draft, text)
    form = OfficeForm(office_id=draft.answer("office_id"))
    form.office_id.choices = [choice(one) for one in found[:MOST]]
    if form.validate_on_submit():
        save_step(db, draft, {"office_id": form.office_id.data}, now=now())
        return redirect(address(next_step(draft)), 303)
    return step_page("enrolment/office.html", draft, here, form, text=text, found=found, more=len(found) > MOST)


def choice(one: Office) -> tuple[str, str, str]:
    """The office in the reader's language; below it what the sign at the door says, and the address."""
    if current_locale() == "vi":
        return str(one.id), one.name, one.address
    return str(one.id), one.english_name, f"{one.name}, {one.address}"


def offices(draft: Draft, text: str) -> list[Office]:
    """Those that fit the search; there are too many communes to list without one.

    The commune of residence is not proposed: it would tell where the register says that the person lives.
    """
    kind = draft.answer("person_kind")
    if text or kind != CITIZEN:
        return offices_for(db, kind, text, on=today_in_vietnam(now()), limit=MOST + 1)
    return [chosen_office(draft)] if draft.answer("office_id") else []
