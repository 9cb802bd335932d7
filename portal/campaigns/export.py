"""The tasks of a campaign as CSV: one row a task, in the words of the reader's language."""

from __future__ import annotations

import csv
import io
from uuid import UUID

from flask import Response

from identity.places import COUNTRY
from onboarding.campaign import is_overdue, tasks_of
from portal.campaigns import blueprint
from portal.campaigns.scope import called, seen, today, visitor
from portal.campaigns.words import STATES
from portal.database import db
from portal.language import _
from portal.spreadsheet import BYTE_ORDER_MARK, harmless

COLUMNS = ("task", "unit_code", "unit", "owner", "given_at", "due_on", "first_due_on", "state", "past_its_day")


@blueprint.get("/<uuid:id>/tasks.csv")
def tasks_csv(id: UUID) -> Response:
    found, text = seen(id, visitor()), io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for one in tasks_of(db, found):
        task, first = one.task, one.task.first_due_on or one.task.due_on
        days = (task.given_at.isoformat(), task.due_on.isoformat(), first.isoformat())
        words = [
            harmless(task.title),
            one.unit.code if one.unit else COUNTRY,
            harmless(called(one.unit)),
            harmless(one.owner),
        ]
        late = _("yes") if is_overdue(task, on=today()) else _("no")
        table.writerow([*words, *days, STATES[task.state][0], late])  # type: ignore[index]
    answer = Response(BYTE_ORDER_MARK + text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="tasks-{found.last_day.isoformat()}.csv"'
    return answer
