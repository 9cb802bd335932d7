"""The inbox: what the portal has told the person."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.inbox import messages, open_message, read_all, unread
from portal.account import blueprint
from portal.account.visit import visitor
from portal.database import db
from portal.pages import page, page_number
from portal.security import guarded, resident, writes
from portal.services import now, services
from portal.words.inbox import shown


@blueprint.get("/account/inbox")
@guarded(resident)
def inbox() -> Response:
    rows, number, pages = messages(db, visitor().account_id, page=page_number())
    return page(
        "account/inbox.html",
        rows=[(row, shown(row, _site())) for row in rows],
        unread=unread(db, visitor().account_id),
        page=number,
        pages=pages,
        href_for=lambda number: url_for("account.inbox", page=number),
    )


@blueprint.get("/account/inbox/<uuid:message_id>")
@guarded(resident)
@writes
def message(message_id: UUID) -> Response:
    row = open_message(db, visitor().account_id, message_id, now=now()) or abort(404)
    return page("account/message.html", row=row, words=shown(row, _site()))


@blueprint.post("/account/inbox/read")
@guarded(resident)
def read_messages() -> Answer:
    read_all(db, visitor().account_id, now=now())
    return redirect(url_for("account.inbox"), 303)


def _site() -> dict[str, str]:
    settings = services().settings
    return {"host": settings.host_name, "issuer": settings.issuer, "hotline": settings.hotline}
