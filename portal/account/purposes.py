"""Consent for one purpose at a time: nothing is ticked beforehand, and each one stops by itself."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.deadlines import today_in_vietnam
from identity.purposes import agree, purpose_consents, purposes, stop
from identity.rights.restriction import is_restricted
from portal.account import blueprint
from portal.account.visit import visitor
from portal.database import db
from portal.language import of_two
from portal.pages import page
from portal.security import guarded, resident
from portal.services import now


@blueprint.get("/account/purposes", endpoint="purposes")
@guarded(resident)
def show_purposes() -> Response:
    rows = purpose_consents(db, visitor().account_id)
    standing = {row.purpose: row for row in rows if row.withdrawn_at is None}
    language = of_two()
    return page(
        "account/purposes.html",
        purposes=[(one, one.words[language], standing.get(one.name)) for one in purposes(today_in_vietnam(now()))],
        language=language,
        over=[row for row in rows if row.withdrawn_at is not None],
        restricted=is_restricted(db, visitor().account_id),
    )


@blueprint.post("/account/purposes/<purpose>/agree")
@guarded(resident)
def agree_to_purpose(purpose: str) -> Answer:
    """The version and the language are those of the page, so that the words kept are the words shown."""
    version, language = request.form.get("version", ""), request.form.get("language", "")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 6 else 0
    agree(db, visitor().account_id, purpose, number, language, visitor().actor, now=now())
    return redirect(url_for("account.purposes"), 303)


@blueprint.post("/account/purposes/<purpose>/stop")
@guarded(resident)
def stop_purpose(purpose: str) -> Answer:
    stop(db, visitor().account_id, purpose, visitor().actor, now=now())
    return redirect(url_for("account.purposes"), 303)
