"""One session as the trainer sees it: who comes, who waits, who is there, how far each has got."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, redirect, url_for
from flask import session as browser
from werkzeug.wrappers import Response as Answer

from onboarding.attendance import present_in
from onboarding.check_in import is_open
from onboarding.roster import allow_late_proof
from onboarding.sign_up import cancel_session, list_numbers, sign_ups
from onboarding.skill_check import skills_of_group
from onboarding.skills import current_skills
from onboarding.training import Course, TrainingSession
from portal.database import db
from portal.language import of_two
from portal.pages import page
from portal.services import now
from portal.training import blueprint
from portal.training.acting import acting_member, group_of, own_session
from portal.training.forms import HelpCodeForm, SlipAgainForm, SlipForm
from portal.words.training import GROUPS, LANGUAGES, METHODS

SLIP = "training_slip"


@blueprint.get("/sessions/<uuid:session_id>")
def session(session_id: UUID) -> Response:
    return session_page(session_id)


@blueprint.get("/sessions/<uuid:session_id>/list")
def sheet(session_id: UUID) -> Response:
    """To print where there is no network; what is ticked on it is entered later."""
    found = own_session(session_id)
    return page("training/sheet.html", session=found, course=db.get_one(Course, found.course_id), rows=_rows(found))


@blueprint.post("/sessions/<uuid:session_id>/no-network")
def no_network(session_id: UUID) -> Answer:
    allow_late_proof(db, acting_member(), own_session(session_id), now=now())
    return redirect(url_for("training.session", session_id=session_id), 303)


@blueprint.post("/sessions/<uuid:session_id>/cancel")
def cancel(session_id: UUID) -> Answer:
    cancel_session(db, acting_member(), own_session(session_id), now=now())
    return redirect(url_for("training.index"), 303)


def session_page(session_id: UUID, **forms: Any) -> Response:
    """The page, with the form that was refused if there is one."""
    found, moment = own_session(session_id), now()
    shown = {"help_form": HelpCodeForm(None), "slip_form": SlipForm(None), "again_form": SlipAgainForm(None), **forms}
    rows = _rows(found)
    return page(
        "training/session.html",
        session=found,
        course=db.get_one(Course, found.course_id),
        rows=rows,
        coming=sum(row["standing"] == "coming" for row in rows),
        present=sum(row["there"] is not None for row in rows),
        skills=current_skills().skills,
        is_open=is_open(found, moment),
        has_begun=found.starts_at <= moment,
        roster_open=found.starts_at - timedelta(minutes=20) <= moment and found.cancelled_at is None,
        slip=browser.pop(SLIP, None),
        methods=METHODS,
        languages=LANGUAGES,
        groups=GROUPS,
        form=next(iter(forms.values()), None),
        locale_words=of_two(),
        **shown,
    )


def ticked_numbers(session_id: UUID) -> dict[int, bool]:
    """Numbers on the list of those who come or wait, and whether each is here."""
    there = {one.learner.id for one in present_in(db, session_id)}
    numbers = list_numbers(db, session_id)
    listed = sorted((numbers[row.learner_id], row.learner_id) for row in sign_ups(db, session_id))
    return {number: learner_id in there for number, learner_id in listed}


def _rows(found: TrainingSession) -> list[dict[str, Any]]:
    """One row a person: those who come, those who wait, those who walked in."""
    standings = {row.learner_id: row.standing for row in sign_ups(db, found.id)}
    there = {one.learner.id: one.attendance for one in present_in(db, found.id)}
    group = group_of(found.id)
    held, numbers = skills_of_group(db, list(group)), list_numbers(db, found.id)
    order = [*standings, *(learner_id for learner_id in there if learner_id not in standings)]
    return [
        {
            "learner": group[learner_id],
            "number": numbers.get(learner_id),
            "standing": standings.get(learner_id, ""),
            "there": there.get(learner_id),
            "held": held[learner_id],
        }
        for learner_id in order
        if learner_id in group
    ]
