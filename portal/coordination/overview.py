"""The funnel of the units in scope, what keeps people waiting, and what the teams did: exact, for those who work there.

It is no file to pass on: what leaves the desk is published and protected (`portal.figures`).
"""

from __future__ import annotations

from flask import Response, url_for

from identity.paging import page_of
from onboarding.overview import Overview, overview_of
from portal.coordination import blueprint
from portal.coordination.scope import ROLES
from portal.database import db
from portal.pages import page, page_number
from portal.security import me
from portal.services import now
from portal.words.assistance import TROUBLES

A_PAGE = 50


@blueprint.get("")
def overview() -> Response:
    figures = _figures()
    return page(
        "coordination/overview.html",
        figures=figures,
        teams=page_of(figures.teams, page_number(), A_PAGE),
        href_for=lambda number: url_for("coordination.overview", page=number, _anchor="teams-title"),
        troubles=TROUBLES,
        at=now(),
    )


def _figures() -> Overview:
    visitor = me()
    assert visitor is not None  # the slice's guard let nobody else pass
    return overview_of(db, visitor.units_for(*ROLES), now=now())
