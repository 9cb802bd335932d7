"""Which organisations receive my data, what they received, and stopping it."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.consent import withdraw
from identity.oidc.clients import client_names
from identity.oidc.grants import revoke_for_client
from identity.oidc.shares import (
    Share,
    find_past_share,
    find_share,
    login_address,
    past_shares,
    receipts,
    shared_once,
    shares_of,
)
from portal.account import blueprint
from portal.account.visit import visitor
from portal.database import db
from portal.language import in_our_language
from portal.pages import page
from portal.services import now, services
from portal.shared_items import ITEM_NAMES


@blueprint.get("/account/consents")
def consents() -> Response:
    return page(
        "account/consents.html",
        shared=shares_of(db, visitor().account_id),
        past=past_shares(db, visitor().account_id),
        once=shared_once(db, visitor().account_id),
        stopped=_name_of(request.args.get("stopped", "")),
        said=in_our_language,
        open_at=_open_at,
        names=ITEM_NAMES,
    )


@blueprint.get("/account/consents/<uuid:client_id>")
def consent(client_id: UUID) -> Response:
    """What it may receive, and what it received; the latter also when the sharing was stopped."""
    share = find_share(db, visitor().account_id, client_id)
    service = share or find_past_share(db, visitor().account_id, client_id) or abort(404)
    received = receipts(db, visitor().account_id, client_id)
    return page(
        "account/consent.html",
        share=share,
        service=service,
        said=in_our_language,
        open_at=_open_at,
        names=ITEM_NAMES,
        received=[(one.at, [item for item in ITEM_NAMES if item in one.items]) for one in received],
    )


@blueprint.get("/account/consents/<uuid:client_id>/withdraw")
def confirm_stop_sharing(client_id: UUID) -> Response:
    return page("account/consent_stop.html", share=_share(client_id), said=in_our_language)


@blueprint.post("/account/consents/<uuid:client_id>/withdraw")
def stop_sharing(client_id: UUID) -> Answer:
    """Twice is once."""
    holder, moment = visitor(), now()
    withdraw(db, holder.account_id, client_id, actor=holder.actor, now=moment)
    revoke_for_client(db, holder.account_id, client_id, now=moment)
    return redirect(url_for("account.consents", stopped=client_id), 303)


def _share(client_id: UUID) -> Share:
    return find_share(db, visitor().account_id, client_id) or abort(404)


def _open_at(share: Share) -> str | None:
    return login_address(share, services().settings.issuer)


def _name_of(client_id: str) -> str:
    """The service of the page before; empty for an address that somebody made up."""
    names = {str(key): name for key, name in client_names(db).items()} if client_id else {}
    return in_our_language(names[client_id]) if client_id in names else ""
