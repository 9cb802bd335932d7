"""Public documents without the framework: the same answer, as long as the keys are the same."""

from __future__ import annotations

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from portal.oidc.at_hand import PATHS


@pytest.fixture
def views(app: Flask) -> list[str]:
    """The paths that reached the framework."""
    seen: list[str] = []
    app.before_request_funcs.setdefault(None, []).append(lambda: seen.append(request.path))
    return seen


@pytest.mark.parametrize("path", sorted(PATHS))
def test_the_second_answer_is_the_first_without_the_framework(client: FlaskClient, views: list[str], path: str) -> None:
    first = client.get(path)
    asked = len(views)
    second = client.get(path)
    assert len(views) == asked > 0
    assert (second.status, second.data) == (first.status, first.data)
    assert first.headers["Vary"] == "Origin", "a cache in between may keep it too"
    one, other = dict(first.headers), dict(second.headers)
    assert one.pop("X-Request-Id") != other.pop("X-Request-Id")
    assert one == other


def test_new_keys_are_told_at_once(app: Flask, client: FlaskClient, views: list[str]) -> None:
    client.get("/oauth/jwks")
    client.get("/oauth/jwks")
    app.extensions["oidc"].keychain._until = 0.0
    asked = len(views)
    client.get("/oauth/jwks")
    assert len(views) == asked + 1


@pytest.mark.parametrize(
    "special",
    [{"query_string": "a=1"}, {"headers": {"Origin": "https://a.example"}}, {"headers": {"Range": "bytes=0-"}}],
)
def test_what_is_special_goes_to_the_framework(
    client: FlaskClient, views: list[str], special: dict[str, object]
) -> None:
    client.get("/oauth/jwks")
    asked = len(views)
    client.get("/oauth/jwks", **special)  # type: ignore[arg-type]
    assert len(views) == asked + 1


def test_posting_is_still_refused(client: FlaskClient) -> None:
    client.get("/oauth/jwks")
    assert client.post("/oauth/jwks").status_code == 405
