"""What anybody may see of the trail: checkpoints, the verifier's line, and whether a receipt holds."""

from __future__ import annotations

from datetime import datetime

import orjson
from flask import Response, abort

from identity import seals
from identity.seals.model import Checkpoint
from portal.database import db
from portal.fields import HouseForm, TextAreaField
from portal.gateways.checkpoints import origin_of
from portal.language import _l
from portal.pages import page
from portal.security import limiter
from portal.services import services
from portal.trail import blueprint
from portal.words.events import EVENTS

LONGEST = 20_000
CHECKS = "60 per minute"
FIVE_MINUTES = "public, max-age=300"


class ReceiptForm(HouseForm):
    """A receipt, as it was saved."""

    receipt = TextAreaField(
        _l("Text of the receipt"),
        hint=_l("Open the saved file, copy everything, and paste it here"),
        rows=10,
        mono=True,
        length=LONGEST,
        required=_l("Paste the text of the receipt"),
    )


@blueprint.get("")
def start() -> Response:
    return _page(ReceiptForm())


@blueprint.post("")
@limiter.limit(CHECKS)
def check() -> Response:
    """A receipt is checked by nothing but its own text and the published key."""
    form = ReceiptForm()
    if not form.validate_on_submit():
        return _page(form)
    origin = origin_of(services().settings)
    try:
        proof = seals.parse(form.receipt.data)
        head = seals.check_proof(db, proof, origin)
    except seals.Unproven as reason:
        return _page(form, broken=str(reason))
    event = orjson.loads(proof.content)
    return _page(form, head=head, place=proof.index + 1, event=event, at=datetime.fromisoformat(event["at"]))


@blueprint.get("/checkpoint")
def checkpoint() -> Response:
    """The newest checkpoint, as a signed note (c2sp.org/tlog-checkpoint)."""
    newest = seals.latest(db) or abort(404)
    return _text(newest.note)


@blueprint.get("/checkpoint/<int:size>")
def checkpoint_of(size: int) -> Response:
    """The checkpoint over the first `size` events."""
    found = db.get(Checkpoint, size) if size < 1 << 63 else None
    return _text((found or abort(404)).note)


@blueprint.get("/key")
def key() -> Response:
    """The lines with which programs for signed notes check our signatures; the first is that of today."""
    origin = origin_of(services().settings)
    return _text("".join(f"{seals.verifier_line(origin, key)}\n" for key in seals.verifying_keys(db)))


def _page(form: ReceiptForm, **found: object) -> Response:
    origin = origin_of(services().settings)
    line = seals.verifier_line(origin, seals.signing_key(db).public_key())
    return page("trail/start.html", form=form, newest=seals.latest(db), key=line, events=EVENTS, **found)


def _text(content: str) -> Response:
    response = Response(content, mimetype="text/plain")
    response.headers["Cache-Control"] = FIVE_MINUTES
    return response
