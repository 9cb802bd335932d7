"""The frame around a view: lighter than Flask's, and the same to whoever asks."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Blueprint, Flask, Response, abort, request, session

from portal.frame import Portal, only_for


def assembled(kind: type[Flask]) -> tuple[Flask, list[str]]:
    """A small application that notes what is called, and in which order."""
    app, called = kind("frame", static_folder=None), []
    app.secret_key = "only for this test"
    part = Blueprint("part", __name__)

    def before(name: str) -> Any:
        return lambda: called.append(name)

    def after(name: str) -> Any:
        def note(response: Response) -> Response:
            called.append(name)
            return response

        return note

    for owner, name in ((app, "app"), (part, "part")):
        for number in (1, 2):
            owner.before_request(before(f"before {name} {number}"))
            owner.after_request(after(f"after {name} {number}"))
    app.teardown_request(lambda _error: called.append("teardown"))
    app.register_error_handler(404, lambda error: (f"none: {request.endpoint}", 404))
    app.register_error_handler(ZeroDivisionError, lambda error: ("divided", 500))
    part.add_url_rule("/plain", "plain", lambda: "plain", methods=["GET", "POST"])
    part.add_url_rule("/folder/", "folder", lambda: "folder")
    part.add_url_rule("/of/<name>", "of", lambda name: name)
    part.add_url_rule("/broken", "broken", lambda: str(1 / 0))
    part.add_url_rule("/gone", "gone", lambda: abort(404))
    part.add_url_rule("/counted", "counted", lambda: str(session.setdefault("seen", 1)))
    app.register_blueprint(part)
    return app, called


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/plain", "/folder/", "/folder", "//plain", "/plain/", "/pl%61in", "/of/me", "/broken", "/gone", "/none"]
)
def test_every_request_is_answered_as_flask_answers_it(method: str, path: str) -> None:
    told = []
    for kind in (Flask, Portal):
        app, called = assembled(kind)
        answer = app.test_client().open(path, method=method)
        told.append((answer.status, sorted(answer.headers), answer.data, called))
    assert told[0] == told[1]


def test_a_session_is_opened_when_it_is_asked_for_and_then_kept() -> None:
    app, _called = assembled(Portal)
    client = app.test_client()
    assert "Set-Cookie" not in client.get("/plain").headers
    assert "Set-Cookie" in client.get("/counted").headers
    with client.session_transaction() as kept:
        kept["seen"] = 7
    assert client.get("/counted").text == "7"


def test_what_is_for_some_endpoints_is_called_for_those() -> None:
    app, called = assembled(Portal)
    app.before_request(only_for({"part.of"})(lambda: called.append("only")))
    client = app.test_client()
    client.get("/plain")
    assert "only" not in called
    client.get("/of/me")
    assert "only" in called
