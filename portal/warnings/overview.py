"""The warnings of one's units: those that wait, and those that were resolved."""

from __future__ import annotations

from flask import Response, request, url_for

from identity.account import get_account
from identity.paging import count_pages
from onboarding.warnings import FigureWarning, State, count_seen, warnings_seen
from portal.database import db
from portal.pages import page, page_number
from portal.warnings import blueprint
from portal.warnings.scope import place_of, today, visitor
from portal.warnings.words import TITLES, seen

A_PAGE = 30


@blueprint.get("")
def warnings() -> Response:
    who, state = visitor(), State.RESOLVED if request.args.get("state") == State.RESOLVED else State.OPEN
    pages = count_pages(count_seen(db, who.account_id, who.reach, state), A_PAGE)
    number = min(page_number(), pages)
    found = warnings_seen(db, who.account_id, who.reach, state, limit=A_PAGE, offset=(number - 1) * A_PAGE)
    return page(
        "warnings/warnings.html",
        rows=[_row(one) for one in found],
        state=state,
        page=number,
        pages=pages,
        href_for=lambda to: url_for("warnings.warnings", state=state.value, page=to),
    )


def _row(one: FigureWarning) -> dict[str, object]:
    owner = get_account(db, one.owner_id).display_name if one.owner_id else None
    return {
        "id": one.id,
        "title": TITLES[one.kind],
        "seen": seen(one),
        "place": place_of(one),
        "owner": owner,
        "due_on": one.due_on,
        "is_late": one.due_on < today(),
        "lesson": one.lesson,
    }
