"""Checking in without network: what a phone scanned or typed stays on it, and is sent when somebody is signed in.

The page is the same for everybody and names nobody; what waits is in the phone's own browser (static/js/here.js). It
holds the session, the code and the moment, no person. It is sent for the session that kept it alone; whoever else signs
in on the phone is asked whether it was them, and takes it over with that word.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from flask import Response, abort, jsonify, request, url_for
from flask_wtf.csrf import generate_csrf
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from identity.base import Refused
from onboarding.attendance import attend_by_kept_scan, attend_by_spoken_code, keeper_tag
from onboarding.training import get_session
from portal import offline
from portal.database import db
from portal.errors import SENTENCES
from portal.learn import blueprint
from portal.learn.visitor import acting_learner, person_id
from portal.security import anyone, guarded, limiter, me, resident
from portal.services import now, services

FILES = (
    "css/portal.css",
    "js/portal.js",
    "js/here.js",
    "fonts/bvp-400.woff2",
    "fonts/bvp-600.woff2",
    "img/mark.svg",
)
OPENS = r"^/learn/(check-in/[0-9a-f-]{36}/[^/]+|sessions/[0-9a-f-]{36}/code)$"
"""Where somebody checks in; a scanned address leads on to another page, and such an answer is passed as it is."""
STILL_WAITING = {"check-in-not-late", "check-in-closed"}
"""Refusals that end when the trainer says that the room had no network."""


class Proof(BaseModel):
    """A scanned code or six digits, and when, in milliseconds of the server's clock as the phone knew it."""

    model_config = ConfigDict(extra="forbid")

    session: UUID
    code: Annotated[str, Field(max_length=60)]
    is_spoken: bool
    at: Annotated[int, Field(ge=0, le=4_000_000_000_000)]
    owner: Annotated[str, Field(max_length=24)]


@blueprint.get("/kept/<language>")
@guarded(anyone)
def kept(language: str) -> Response:
    return offline.checked_anew(_page(language))


@blueprint.get("/worker.js")
@guarded(anyone)
def worker() -> Response:
    pages = {url_for("learn.kept", language=one): _page(one) for one in services().settings.locales}
    return offline.worker_script("js/kept-worker.js", pages, FILES, name="here", language="/learn/kept", opens=OPENS)


@blueprint.get("/kept.json")
@guarded(anyone)
def greet() -> Response:
    """Who is signed in and can send, by a name that says nothing; the form token, and the server's time."""
    response = jsonify(owner=_owner(), form=generate_csrf(), now=int(now().timestamp() * 1000))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/kept.json")
@limiter.limit("60 per minute")
@guarded(resident)
def take() -> Response | tuple[Response, int]:
    """Take one proof in; sent again, it changes nothing. It counts, waits for the trainer's word, or does not.

    It bears the name of the session that kept it or took it over: one that began meanwhile gets nothing of it.
    """
    try:
        proof = Proof.model_validate_json(request.get_data(cache=False))
    except ValidationError:
        abort(400)
    if proof.owner != _owner():
        return jsonify(state="asks"), 409
    refusal = _take(proof)
    if refusal is None:
        return jsonify(state="counted")
    state = "waiting" if refusal.code in STILL_WAITING else "refused"
    return jsonify(state=state, why=str(SENTENCES[refusal.code]))


def _owner() -> str | None:
    visitor = me()
    return None if visitor is None or person_id() is None else keeper_tag(db, visitor.session_id)


def _take(proof: Proof) -> Refused | None:
    at, learner = datetime.fromtimestamp(proof.at / 1000, UTC), acting_learner()
    try:
        session = get_session(db, proof.session)
        if proof.is_spoken:
            return attend_by_spoken_code(db, session, learner, proof.code, now=now(), heard_at=at)
        attend_by_kept_scan(db, session, learner, proof.code, scanned_at=at, now=now())
    except Refused as refusal:
        return refusal
    return None


@blueprint.after_request
def allow_worker(response: Response) -> Response:
    """It is registered by static/js/here.js."""
    return offline.allow_worker(response, "here-worker")


def _page(language: str) -> str:
    return offline.drawn("learn/kept.html", language)
