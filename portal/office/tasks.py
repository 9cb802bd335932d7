"""Second looks, disagreements and namesakes: the list by deadline, and one of them beside its case."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.application import Application
from identity.application.linking import look_at_compared
from identity.application.registered import from_facts
from identity.application.tasks import LONGEST_NOTE, Kind, Task, check_may_settle, settle, task_of, waiting_tasks
from identity.audit import Actor
from identity.base import Refused
from portal.database import db
from portal.fields import ChoiceField, TextAreaField, without_numbers
from portal.language import _, _l, moment
from portal.office import blueprint
from portal.office.access import APPROVING, case_for, officer
from portal.office.case import show_again, show_case
from portal.office.due import due
from portal.office.forms import CaseForm
from portal.office.known import compared
from portal.office.summary import identity_of
from portal.office.task_words import OUTCOMES, TITLES, WHAT, answers, may_settle
from portal.office.waiting import Line, Link, Table, Words, answered_before, name_of, show_waiting
from portal.security import guarded, staff, writes
from portal.services import now

settling = staff(APPROVING)
WORDS = Words(
    tab="tasks",
    title=_l("Second looks"),
    about=_l(
        "Approvals drawn by chance, and people of one name who may be one. Somebody who had no part in the application "
        "looks."
    ),
)


class TaskForm(CaseForm):
    """The answer, and why."""

    outcome = ChoiceField(_l("Your answer"))
    note = TextAreaField(
        _l("Note for the office"),
        required=False,
        length=LONGEST_NOTE,
        rows=4,
        hint=_l("Needed unless you agree. No numbers of documents."),
        rules=[without_numbers],
    )


@blueprint.get("/tasks", endpoint="tasks")
@guarded(settling)
def show_tasks() -> Answer:
    find = partial(waiting_tasks, account_id=officer().account_id)
    return show_waiting(WORDS, APPROVING, find, WAITING, ANSWERED)


@blueprint.get("/cases/<uuid:application_id>/tasks/<kind>", endpoint="task")
@guarded(settling)
@writes
def show_task(application_id: UUID, kind: str) -> Response:
    """Answered, it shows the answer and asks nothing any more."""
    application, actor, task = _task(application_id, kind)
    check_may_settle(db, task, application, actor)
    about = _given(task) if task.done_at else {**_words(task), **_beside(task, application, actor)}
    return show_case("office/case_form.html", application, actor, _form(task, application), **about)


@blueprint.post("/cases/<uuid:application_id>/tasks/<kind>")
@guarded(settling)
def settle_task(application_id: UUID, kind: str) -> Response | Answer:
    application, actor, task = _task(application_id, kind)
    form = _form(task, application)
    if form.validate_on_submit():
        try:
            settle(db, task, actor, form.outcome.data, form.note.data or "", now=now())
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("office.tasks"), 303)
    about = {**_words(task), **_beside(task, application, actor), **(_given(task) if task.done_at else {})}
    return show_again("office/case_form.html", application_id, form, APPROVING, **about)


def _task(application_id: UUID, kind: str) -> tuple[Application, Actor, Task]:
    if kind not in set(Kind):
        abort(404)
    application, actor = case_for(db, application_id, APPROVING)
    return application, actor, task_of(db, application_id, Kind(kind)) or abort(404)


def _form(task: Task, application: Application) -> TaskForm:
    form = TaskForm()
    form.outcome.choices = answers(db, task, application)
    return form


def _words(task: Task) -> dict[str, Any]:
    return {
        "heading": TITLES[task.kind],
        "consequence": WHAT[task.kind],
        "send_text": _("Save the answer"),
        "fields": ("outcome", "note"),
    }


def _given(task: Task) -> dict[str, Any]:
    """What was answered, by whom and when."""
    given = [
        {"key": _("Answer"), "value": OUTCOMES[task.outcome or ""]},
        {"key": _("Answered at"), "value": moment(task.done_at)},
        {"key": _("Answered by"), "value": name_of(task.done_by_id)},
        {"key": _("Note for the office"), "value": task.note},
    ]
    return {"heading": TITLES[task.kind], "given": given}


def _beside(task: Task, application: Application, actor: Actor) -> dict[str, Any]:
    """Whom the officer compares the applicant with; each look is recorded."""
    if task.kind != Kind.LINKING:
        return {}
    known = look_at_compared(db, application, actor, now=now())
    return {"known": [compared(db, one) for one in known], "own": identity_of(from_facts(application.record or {}))}


def _line(found: tuple[Task, Application]) -> Line:
    task, application = found
    answer = _to_task(task, application, _("Look at it")) or _("Another officer")
    cells = (TITLES[task.kind], due(task.due_at, now()), answer)
    href = url_for("office.case", application_id=application.id)
    return Line(href, application.full_name or "", application.dossier_number, cells)


def _to_task(task: Task, application: Application, text: str) -> Link | None:
    """Where who may settle it goes on, or reads what was noted."""
    if not may_settle(db, task, application, Actor(officer().account_id, APPROVING)):
        return None
    href = url_for("office.task", application_id=application.id, kind=task.kind)
    return Link(href, text, application.dossier_number)


def _answered(found: tuple[Task, Application]) -> Line:
    task, application = found
    number, href = application.dossier_number, url_for("office.case", application_id=application.id)
    said = OUTCOMES[task.outcome or ""]
    answer = _to_task(task, application, said) or said
    cells = (TITLES[task.kind], moment(task.done_at), answer, name_of(task.done_by_id))
    return Line(href, application.full_name or number, number, cells)


WAITING = Table(
    caption=_l("What is to be looked at, the most urgent first"),
    columns=(_l("Applicant, dossier number"), _l("To do"), _l("Due"), _l("Answer")),
    nothing=_l("Nothing is to be looked at a second time."),
    line=_line,
)
ANSWERED = answered_before(
    (_l("Applicant, dossier number"), _l("To do"), _l("Answered at"), _l("Answer"), _l("Answered by")),
    line=_answered,
)
