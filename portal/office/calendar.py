"""The office's calendar: five weeks of working days, holidays, closures and seats."""

from __future__ import annotations

from datetime import date, timedelta

from flask import request, url_for
from werkzeug.wrappers import Response as Answer

from identity.appointments.days import office_days
from identity.deadlines import today_in_vietnam
from portal.database import db
from portal.language import current_locale
from portal.office import blueprint
from portal.office.appointments import day_asked, offices_in_reach
from portal.pages import page
from portal.services import now
from portal.words.places import office_name

WEEKS = 5


@blueprint.get("/calendar", endpoint="calendar")
def show_calendar() -> Answer:
    offices, today = offices_in_reach(db), today_in_vietnam(now())
    if not offices:
        return page("office/no_office.html")
    chosen = request.args.get("office", "")
    office = next((one for one in offices if str(one.id) == chosen), offices[0])
    monday = _monday(today)
    return page(
        "office/calendar.html",
        office=office,
        offices=[(one.id, office_name(one)) for one in offices],
        days=office_days(db, office, monday, WEEKS * 7, language=current_locale(), now=now()),
        today=today,
        earlier=url_for("office.calendar", office=office.id, day=(monday - timedelta(weeks=WEEKS)).isoformat()),
        later=url_for("office.calendar", office=office.id, day=(monday + timedelta(weeks=WEEKS)).isoformat()),
    )


def _monday(today: date) -> date:
    """The Monday of the week asked for, at most a year away; else of this week."""
    wanted = day_asked(today) or today
    return wanted - timedelta(days=wanted.weekday())
