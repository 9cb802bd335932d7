"""The code for the wall: a page that keeps changing it, and all the codes of a session for a room without network.

Without script the page reloads itself with each step.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, jsonify, url_for
from flask_wtf.csrf import generate_csrf

from onboarding.attendance import count_present
from onboarding.check_in import Code, check_in_rules, codes_from, doors, is_open, prepared_codes
from onboarding.training import Course, TrainingSession
from portal.database import db
from portal.drawing import qr_changes, qr_packed, qr_rows
from portal.pages import page
from portal.security.cookies import SCREEN, set_taste
from portal.services import now, services
from portal.training import blueprint
from portal.training.acting import own_session, owner_of_screen
from portal.training.sessions import ticked_numbers


@blueprint.get("/sessions/<uuid:session_id>/screen")
def screen(session_id: UUID) -> Response:
    found, moment = own_session(session_id), now()
    code, rules = codes_from(db, found, moment)[0], check_in_rules(moment)
    rows = qr_rows(_address(found, code))
    left = int((code.at + rules.step - moment).total_seconds()) + 1
    return page(
        "training/screen.html",
        session=found,
        course=db.get_one(Course, found.course_id),
        code=code,
        size=len(rows),
        path=_path(rows),
        reload_seconds=max(left, 1),
        is_open=is_open(found, moment),
        present=count_present(db, [session_id]).get(session_id, 0),
    )


@blueprint.get("/sessions/<uuid:session_id>/codes.json")
def codes(session_id: UUID) -> Response:
    """What the screen shows until the doors close: the first code drawn, and how to make the others out of it."""
    found, moment = own_session(session_id), now()
    prepared = prepared_codes(db, found, moment)
    content: dict[str, Any] = {"codes": [[code.token, code.spoken] for code in prepared]}
    if prepared:
        address, tail = _address(found, prepared[0]), len(prepared[0].token)
        side, packed = qr_packed(address)
        content |= {
            "first": _milliseconds(prepared[0].at),
            "step": int(check_in_rules(moment).step.total_seconds() * 1000),
            "side": side,
            "drawn": b64encode(packed).decode(),
            "changes": b64encode(qr_changes(len(address), tail)).decode(),
            "course": db.get_one(Course, found.course_id).name,
        }
    response = _answer(found, moment, **content)
    set_taste(response, SCREEN, owner_of_screen(), http_only=False)
    return response


@blueprint.get("/sessions/<uuid:session_id>/present.json")
def present(session_id: UUID) -> Response:
    """How many are counted, and who of the list."""
    return _answer(own_session(session_id), now())


def _answer(found: TrainingSession, moment: datetime, **content: Any) -> Response:
    """`now` lets a screen with a wrong clock find the right code."""
    numbers = ticked_numbers(found.id)
    response = jsonify(
        now=_milliseconds(moment),
        closes=_milliseconds(doors(found, moment)[1]),
        present=count_present(db, [found.id]).get(found.id, 0),
        people=[[number, is_here] for number, is_here in numbers.items()],
        late_proof=found.late_proof,
        form=generate_csrf(),
        owner=owner_of_screen(),
        **content,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _address(session: TrainingSession, code: Code) -> str:
    return services().settings.issuer + url_for("learn.scan", session_id=session.id, token=code.token)


def _path(rows: list[str]) -> str:
    """The dark runs of each row as one SVG path."""
    parts = []
    for y, row in enumerate(rows):
        x = 0
        while (x := row.find("1", x)) >= 0:
            end = row.find("0", x)
            end = len(row) if end < 0 else end
            parts.append(f"M{x} {y}h{end - x}v1H{x}z")
            x = end
    return "".join(parts)
