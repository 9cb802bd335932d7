"""My papers: what was certified is kept and used again."""

from __future__ import annotations

from flask import Response

from identity.certified_papers import certified_papers
from identity.person import DocumentKind
from portal.account import blueprint
from portal.account.visit import visitor
from portal.database import db
from portal.language import _l
from portal.pages import page
from portal.security import guarded, resident
from portal.services import now

NAMES = {
    DocumentKind.CITIZEN_CARD: _l("Identity card"),
    DocumentKind.PASSPORT: _l("Passport"),
    DocumentKind.RESIDENCE_CARD: _l("Residence card"),
}


@blueprint.get("/account/papers")
@guarded(resident)
def papers() -> Response:
    person_id = visitor().person_id
    found = certified_papers(db, person_id, now=now()) if person_id else []
    return page("account/papers.html", papers=found, names=NAMES)
