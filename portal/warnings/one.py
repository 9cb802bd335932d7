"""One warning: what was seen, the rows behind it, its steps, and the form that resolves or reopens it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import get_account
from identity.base import Refused
from onboarding.warnings import FigureWarning, State, Step, get_warning
from onboarding.warnings.evidence import rows_behind
from onboarding.warnings.handling import reopen, resolve, steps_of
from portal.database import db
from portal.fields import ChoiceField, HouseForm, TextAreaField
from portal.language import _l
from portal.pages import page
from portal.services import now
from portal.warnings import blueprint
from portal.warnings.scope import Visitor, place_of, today, visitor
from portal.warnings.words import STEPS, TITLES, seen
from portal.words.assistance import MODES, RESULTS, TASKS

LONGEST = 500


class ResolveForm(HouseForm):
    """What was found behind the warning."""

    way = ChoiceField(
        _l("What did you find?"),
        required=_l("Choose how the warning is resolved."),
        choices=[
            (
                "lesson",
                _l("The figures are right"),
                _l("Say what happened and what the team learns from it. It is read among the team's notes."),
            ),
            (
                "correction",
                _l("The figures were wrong and are corrected"),
                _l("The portal checks that something behind the warning has changed since."),
            ),
        ],
    )
    note = TextAreaField(_l("In a sentence or two"), length=LONGEST, hint=_l("No names and no numbers of people."))


class ReopenForm(HouseForm):
    """Why somebody must look again."""

    note = TextAreaField(_l("Why look at it again?"), length=LONGEST, hint=_l("No names and no numbers of people."))


@blueprint.get("/<uuid:id>")
def show(id: UUID) -> Response:
    return _shown(_warning(id, visitor()))


@blueprint.post("/<uuid:id>/resolve")
def settle(id: UUID) -> Response | Answer:
    who = visitor()
    found, form = _warning(id, who), ResolveForm()
    if form.validate_on_submit():
        try:
            resolve(db, found, Step(form.way.data), form.note.data, who.acting, now=now())
            return redirect(url_for("warnings.show", id=id), 303)
        except Refused as refusal:
            form.refuse(refusal)
    return _shown(_warning(id, who), form)


@blueprint.post("/<uuid:id>/reopen")
def look_again(id: UUID) -> Response | Answer:
    who = visitor()
    found, form = _warning(id, who), ReopenForm()
    if form.validate_on_submit():
        try:
            reopen(db, found, form.note.data, who.acting, now=now())
            return redirect(url_for("warnings.show", id=id), 303)
        except Refused as refusal:
            form.refuse(refusal)
    return _shown(_warning(id, who), form)


def _warning(id: UUID, who: Visitor) -> FigureWarning:
    return get_warning(db, id, who.account_id, who.reach)


def _shown(found: FigureWarning, form: HouseForm | None = None) -> Response:
    is_open = found.state == State.OPEN
    fitting = ResolveForm if is_open else ReopenForm
    return page(
        "warnings/warning.html",
        warning=found,
        title=TITLES[found.kind],
        seen=seen(found),
        place=place_of(found),
        owner=get_account(db, found.owner_id).display_name if found.owner_id else None,
        is_open=is_open,
        is_late=is_open and found.due_on < today(),
        counts=[(date.fromisoformat(first), number) for first, number in found.facts.get("rows", [])],
        records=rows_behind(db, found),
        steps=steps_of(db, found),
        step_words=STEPS,
        tasks=TASKS,
        modes=MODES,
        results=RESULTS,
        form=form if isinstance(form, fitting) else fitting(formdata=None),
        lost=None if form is None or isinstance(form, fitting) else form,
    )
