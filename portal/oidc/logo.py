"""The logo of a service, from our own origin: the page's policy lets no picture of others in, and theirs would see us.

Fetched once through the guarded fetcher, made anew (pixels only) and kept. A logo that cannot be had is a transparent
picture: the initials of the service stand behind it, also without scripts.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from uuid import UUID

from flask import Response, abort, url_for
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from identity.base import Refused
from identity.files import File, prepare_image, store
from identity.gateways import FetchRefused
from identity.oidc.clients import Client, RelyingParty
from portal.database import database, peek
from portal.language import in_our_language
from portal.oidc import blueprint
from portal.security import guarded, resident
from portal.services import now, services

KEPT, RETRIED = timedelta(days=7), timedelta(hours=1)
"""How long a logo is taken as it was fetched, and how long a service without one is left alone."""
ACCEPTED = "image/png, image/jpeg"
TRANSPARENT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def logo_address(client: Client) -> str:
    """Where a page finds the logo of this service; empty if it has none."""
    return url_for("oidc.logo", client_key=client.id) if in_our_language(client.logo_uri) else ""


@blueprint.get("/oauth/logo/<uuid:client_key>")
@guarded(resident)
def logo(client_key: UUID) -> Response:
    with peek() as look:
        client = look.get(RelyingParty, client_key)
        address = in_our_language(client.details.get("logo_uri") or {}) if client else ""
        kept = _kept(look, client_key, address) if address else None
    if not address:
        abort(404)
    picture = kept if kept is not None else _fetch(client_key, address)
    response = Response(picture or TRANSPARENT, mimetype="image/jpeg" if picture else "image/gif")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _kept(db: Session, client_key: UUID, address: str) -> bytes | None:
    """What was fetched not long ago; empty when it could not be had, None when it is to be fetched."""
    query = select(File).where(File.owner_id == client_key, File.kind == _kind(address))
    row = db.scalars(query.order_by(File.stored_at.desc()).limit(1)).one_or_none()
    if row is None or row.stored_at < now() - (KEPT if row.size else RETRIED):
        return None
    return row.content


def _fetch(client_key: UUID, address: str) -> bytes:
    try:
        answer = services().fetcher.get(address, accept=ACCEPTED)
        picture = prepare_image(answer.body) if answer.status == 200 else b""
    except (FetchRefused, Refused):
        picture = b""
    kind = _kind(address)
    with database().transaction() as db:
        db.execute(delete(File).where(File.owner_id == client_key, File.kind == kind))
        store(db, picture, kind, client_key, now=now())
    return picture


def _kind(address: str) -> str:
    """Another address is another logo."""
    return f"logo:{hashlib.sha256(address.encode()).hexdigest()[:24]}"
