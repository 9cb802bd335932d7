"""The paper of a guardian whom the register does not name: shown to an officer, and kept with the guardianship."""

from __future__ import annotations

from flask import redirect
from werkzeug.wrappers import Response

from identity.application import Draft, save_step
from identity.application.guardianship_paper import GUARDIANSHIP_FILE
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.files import least_side, prepare_image, remove, store
from identity.guardians import Basis
from portal.database import db, peek
from portal.enrolment import blueprint
from portal.enrolment.drafting import begin_again, find_draft
from portal.enrolment.forms import GuardianshipForm
from portal.enrolment.journey import Step, address, find_step, next_step
from portal.enrolment.screen import away_from, drafted, is_theirs, step_page
from portal.services import now

NAME = "guardianship"
PAGE = "enrolment/guardianship.html"


@blueprint.get("/apply/guardianship")
@drafted(NAME)
def guardianship(draft: Draft, here: Step) -> Response:
    return step_page(PAGE, draft, here, GuardianshipForm())


@blueprint.post("/apply/guardianship")
def send_guardianship() -> Response:
    with peek() as look:
        draft = find_draft(look)
        if draft is None or not is_theirs(draft):
            return begin_again()
        elsewhere = away_from(draft, find_step(draft, NAME))
    if elsewhere is not None:
        return elsewhere
    form = GuardianshipForm()
    picture = _made_anew(form) if form.validate() else None  # slow: before the transaction begins
    return _took(form, picture)


@drafted(NAME)
def _took(draft: Draft, here: Step, form: GuardianshipForm, picture: bytes | None) -> Response:
    if picture is None:
        return step_page(PAGE, draft, here, form)
    remove(db, draft.id, GUARDIANSHIP_FILE)
    store(db, picture, GUARDIANSHIP_FILE, draft.id, now=now())
    until = form.until.data.isoformat() if form.until.data else None
    save_step(db, draft, {"guardian_basis": Basis.PAPER.value, "guardianship_until": until}, now=now())
    return redirect(address(next_step(draft)), 303)


def _made_anew(form: GuardianshipForm) -> bytes | None:
    try:
        if form.until.data is not None and form.until.data < today_in_vietnam(now()):
            raise Refused("guardianship-over", field="until")
        return prepare_image(form.paper.data, least_side=least_side("paper", now()), field="paper")
    except Refused as refusal:
        form.refuse(refusal)
        return None
