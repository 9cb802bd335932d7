"""What the shifts of a month prove for pay, as a table to hand on: one row a member, one a team."""

from __future__ import annotations

import csv
import io
from datetime import date

from flask import Response, abort, request

from identity.deadlines import today_in_vietnam
from onboarding.pay import TeamSheet, pay_sheets
from portal.coordination import blueprint
from portal.coordination.scope import scope
from portal.database import db
from portal.services import now
from portal.spreadsheet import BYTE_ORDER_MARK, harmless

COLUMNS = ("month", "unit", "team", "row", "member", "person_days", "shifts", "amount_vnd", "rule_from", "rule_source")


@blueprint.get("/pay.csv")
def pay() -> Response:
    """Person-days of a month, from approved shifts: one day counted once."""
    month = month_asked()
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for sheet in pay_sheets(db, scope(), month):
        table.writerows(_rows(sheet, f"{month:%Y-%m}"))
    answer = Response(BYTE_ORDER_MARK + text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="person-days-{month:%Y-%m}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _rows(sheet: TeamSheet, month: str) -> list[list[object]]:
    """A province without a rule leaves the amounts empty: nobody decided on zero."""
    rule = sheet.rule
    source = ("", "") if rule is None else (rule.valid_from.isoformat(), harmless(rule.source))
    place = (month, harmless(sheet.unit_name), harmless(sheet.team_name))
    rows: list[list[object]] = [
        [*place, "member", harmless(one.name), one.days, one.shifts, _empty(one.amount), *source]
        for one in sheet.members
    ]
    shifts = sum(one.shifts for one in sheet.members)
    return [*rows, [*place, "team", "", sheet.days, shifts, _empty(sheet.amount), *source]]


def _empty(amount: int | None) -> object:
    return "" if amount is None else amount


def month_asked() -> date:
    """The first day of the month in the address (`month`), else of this one."""
    text = request.args.get("month", "")
    try:
        return date.fromisoformat(f"{text}-01") if text else today_in_vietnam(now()).replace(day=1)
    except ValueError:
        return abort(400)
