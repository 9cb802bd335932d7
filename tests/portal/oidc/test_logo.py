"""The logo of a service comes from us: fetched once, made anew, and never in the way of the page."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from identity.gateways import Fetched, FetchRefused
from portal.database import Database
from portal.oidc.logo import RETRIED, TRANSPARENT
from tests.fakes import Clock
from tests.identity.oidc.making import a_service
from tests.portal.oidc.browsing import authorize

ADDRESS = "https://service.example/logo.png"


def png(size: int = 40) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (size, size), "#0a6").save(out, "PNG", pnginfo=None)
    return out.getvalue() + b"<script>hidden behind the picture</script>"


class Far:
    """A service's site."""

    def __init__(self) -> None:
        self.answer: Fetched | FetchRefused = Fetched(200, png(), "image/png")
        self.asked: list[str] = []

    def get(self, url: str, *, accept: str) -> Fetched:
        self.asked.append(url)
        if isinstance(self.answer, FetchRefused):
            raise self.answer
        return self.answer

    def post(self, url: str, form: Any) -> int:
        raise AssertionError("nothing is posted")


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
def services(services: Any, far: Far) -> Any:
    return dataclasses.replace(services, fetcher=far)


@pytest.fixture
def service(database: Database, now: Any) -> Any:
    with database.transaction() as db:
        return a_service(db, now=now, client_id="pictured", logo_uri={"": ADDRESS})


def test_the_page_names_our_own_copy_and_not_the_address_of_the_service(
    resident: FlaskClient, service: Any, far: Far
) -> None:
    page = authorize(resident, client_id="pictured")
    assert f'src="/oauth/logo/{service.id}"' in page.text
    assert ADDRESS not in page.text
    assert "img-src 'self' data:;" in page.headers["Content-Security-Policy"]
    assert far.asked == [], "the page does not wait for it"


def test_it_is_fetched_once_and_made_anew(resident: FlaskClient, service: Any, far: Far) -> None:
    pictures = [resident.get(f"/oauth/logo/{service.id}") for _ in range(2)]
    assert far.asked == [ADDRESS]
    assert {picture.mimetype for picture in pictures} == {"image/jpeg"}
    assert b"script" not in pictures[0].data
    assert Image.open(io.BytesIO(pictures[0].data)).size == (40, 40)


@pytest.mark.parametrize(
    "answer",
    [FetchRefused("too-slow"), Fetched(404, b"", "text/html"), Fetched(200, b"<svg onload=alert(1)>", "image/png")],
)
def test_what_is_no_picture_leaves_the_initials_and_is_tried_again_later(
    app: Any, resident: FlaskClient, service: Any, far: Far, clock: Clock, answer: Any
) -> None:
    far.answer = answer
    for _ in range(2):
        assert resident.get(f"/oauth/logo/{service.id}").data == TRANSPARENT
    assert len(far.asked) == 1
    far.answer = Fetched(200, png(), "image/png")
    clock.advance(seconds=RETRIED.total_seconds() - 600)
    resident.get("/account")
    clock.advance(seconds=601)
    assert resident.get(f"/oauth/logo/{service.id}").mimetype == "image/jpeg"


def test_nothing_is_fetched_for_strangers_or_for_a_service_without_logo(
    app: Any, resident: FlaskClient, service: Any, far: Far, world: Any
) -> None:
    assert app.test_client().get(f"/oauth/logo/{service.id}").status_code == 302
    assert resident.get(f"/oauth/logo/{world.client.id}").status_code == 404
    assert far.asked == []
