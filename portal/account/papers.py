"""My papers: what was certified is kept and used again."""

from __future__ import annotations

from flask import Response

from identity.account import get_account
from identity.certified_papers import certified_papers
from identity.guardians import has_guardian
from portal.account import blueprint
from portal.account.visit import visitor
from portal.database import db
from portal.pages import page
from portal.security import guarded, resident
from portal.services import now
from portal.words.papers import PAPERS


@blueprint.get("/account/papers")
@guarded(resident)
def papers() -> Response:
    account = get_account(db, visitor().account_id)
    found = certified_papers(db, account.person_id, now=now()) if account.person_id else []
    return page("account/papers.html", papers=found, names=PAPERS, is_ward=has_guardian(account))
