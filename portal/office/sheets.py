"""Paper for the counter: the day's appointments in one go, and the summary that an applicant signs."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from flask import render_template
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from identity.application import Application, view_case
from identity.application.conflicts import has_conflict
from identity.appointments import appointments_on
from identity.deadlines import today_in_vietnam
from portal.database import db
from portal.language import force_locale
from portal.office import blueprint
from portal.office.access import OFFICERS, RECEIVING, case_for, officer
from portal.office.appointments import day_of, office_in_reach
from portal.office.summary import summary_of
from portal.printing.paper import paper
from portal.security import limiter, writes
from portal.services import now
from portal.words.places import office_name


@blueprint.get("/appointments/<uuid:office_id>/sheet")
@limiter.limit("20/minute")
@writes
def day_sheet(office_id: UUID) -> Answer:
    """Everybody of the day with their summary, a page each behind the list; each summary is a look at a file.

    Of whom the officer is tied to there is a line, as in the list of the day, and no summary.
    """
    office, shown = office_in_reach(office_id), day_of(today_in_vietnam(now()))
    actor = officer().acting_as(*OFFICERS)
    visits = appointments_on(db, office, shown)
    open_to = [application for _held, application in visits if not has_conflict(db, application, actor.account_id)]
    for application in open_to:
        view_case(db, application.id, actor, now=now())
    return paper(
        "office/day_sheet.html",
        "appointments",
        office_name=office_name(office),
        day=shown,
        visits=[
            (held, application, _leaf(application, shown, held.starts_at) if application in open_to else "")
            for held, application in visits
        ],
    )


@blueprint.get("/cases/<uuid:application_id>/summary")
@limiter.limit("60/minute")
@writes
def summary_sheet(application_id: UUID) -> Answer:
    application, actor = case_for(db, application_id, RECEIVING)
    view_case(db, application.id, actor, now=now())
    return paper(
        "office/summary_sheet.html",
        "summary",
        language=application.locale,
        leaf=_leaf(application, today_in_vietnam(now())),
    )


def _leaf(application: Application, on: date, at: datetime | None = None) -> Markup:
    """The summary that the applicant signs, in the applicant's language, whoever prints it."""
    with force_locale(application.locale.replace("-", "_")):
        drawn = render_template(
            "office/summary_leaf.html",
            rows=summary_of(application),
            dossier_number=application.dossier_number,
            guardian=application.guardian_id is not None,
            today=on,
            at=at,
        )
    return Markup(drawn)  # noqa: S704 - our own template, which escaped what it was given
