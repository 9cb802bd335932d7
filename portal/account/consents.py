"""Which organisations receive my data, and stopping it."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.consent import consents_of, withdraw
from identity.oidc.clients import client_names
from identity.oidc.grants import revoke_for_client
from portal.account import blueprint
from portal.account.visit import visitor
from portal.database import db
from portal.language import current_locale
from portal.pages import page
from portal.services import now


@blueprint.get("/account/consents")
def consents() -> Response:
    names, locale = client_names(db), current_locale()
    shared = [
        {
            "id": client_id,
            "name": names[client_id].get(locale) or names[client_id].get("vi"),
            "items": [row for row in rows if row.given],
            "since": max(row.answered_at for row in rows),
        }
        for client_id, rows in consents_of(db, visitor().account_id).items()
    ]
    return page("account/consents.html", shared=[entry for entry in shared if entry["items"]])


@blueprint.post("/account/consents/<uuid:client_id>/withdraw")
def stop_sharing(client_id: UUID) -> Answer:
    holder, moment = visitor(), now()
    withdraw(db, holder.account_id, client_id, actor=holder.actor, now=moment)
    revoke_for_client(db, holder.account_id, client_id, now=moment)
    return redirect(url_for("account.consents"), 303)
