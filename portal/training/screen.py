"""The code for the wall: a page that keeps changing it, and the next codes for a screen that loses its network.

Without script the page reloads itself with each step.
"""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify, url_for

from onboarding.attendance import count_present
from onboarding.check_in import Code, check_in_rules, codes_from, is_open
from onboarding.training import Course, TrainingSession
from portal.database import db
from portal.drawing import qr_rows
from portal.pages import page
from portal.services import now, services
from portal.training import blueprint
from portal.training.acting import own_session


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
    """What the screen shows next, for twenty minutes; `now` lets a screen with a wrong clock find the right one."""
    found, moment = own_session(session_id), now()
    prepared = codes_from(db, found, moment, count=check_in_rules(moment).prepared_steps)
    response = jsonify(
        now=int(moment.timestamp() * 1000),
        present=count_present(db, [session_id]).get(session_id, 0),
        codes=[
            {
                "at": int(code.at.timestamp() * 1000),
                "spoken": code.spoken,
                "rows": _packed(qr_rows(_address(found, code))),
            }
            for code in prepared
        ],
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/sessions/<uuid:session_id>/present.json")
def present(session_id: UUID) -> Response:
    """How many are counted, for the screen."""
    own_session(session_id)
    return jsonify(present=count_present(db, [session_id]).get(session_id, 0))


def _address(session: TrainingSession, code: Code) -> str:
    return services().settings.issuer + url_for("learn.scan", session_id=session.id, token=code.token)


def _packed(rows: list[str]) -> str:
    """Each row as a hexadecimal number: a twentieth of the path's size, which matters on a trainer's phone."""
    return ".".join(f"{int(row, 2):x}" for row in rows)


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
