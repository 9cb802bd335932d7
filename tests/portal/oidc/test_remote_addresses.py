"""Whatever address a service names, nobody reaches this machine or the inner network by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from identity.base import new_id
from identity.oidc.back_channel import KIND
from identity.outbox import Channel, Leased
from portal.database import Database
from portal.gateways.back_channel import BackChannel, NotTaken
from portal.gateways.fetcher import Fetcher
from portal.worker import NO_WORDS
from tests.identity.oidc.making import CALLBACK, a_service
from tests.identity.oidc.signing import ISSUER, a_key, an_assertion, with_assertion
from tests.portal.oidc.browsing import authorize
from tests.remote import Remote

pytestmark = pytest.mark.any_engine


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Remote]:
    """A server that must never be asked, with a certificate that would be believed."""
    with Remote(tmp_path) as server:
        yield server


@pytest.fixture
def portal(app: Flask, inside: Remote) -> Flask:
    """With the fetcher of production."""
    kept = app.extensions["services"]
    opened = kept.settings.model_copy(update={"open_registration": True})
    app.extensions["services"] = replace(kept, settings=opened, fetcher=Fetcher(authority=inside.authority))
    return app


def test_keys(portal: Flask, database: Database, inside: Remote, now: Any) -> None:
    address = inside.address("/keys.json", "localhost")
    with database.transaction() as db:
        a_service(db, now=now, auth_method="private_key_jwt", jwks_uri=address)
    proof = with_assertion(an_assertion(a_key(), now=now, client_id="a-service"))
    form = {"grant_type": "refresh_token", "refresh_token": "x", **proof}
    answer = portal.test_client().post("/oauth/token", data=form)
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert not inside.asked


def test_a_sector_document(portal: Flask, inside: Remote) -> None:
    document = {"redirect_uris": [CALLBACK], "sector_identifier_uri": inside.address("/sector.json", "localhost")}
    answer = portal.test_client().post("/oauth/register", json=document)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_client_metadata"), answer.text
    assert not inside.asked


def test_a_request_by_reference(
    resident: FlaskClient, portal: Flask, database: Database, now: Any, inside: Remote
) -> None:
    address = inside.address("/request.jwt", "localhost")
    with database.transaction() as db:
        a_service(db, now=now, client_id="by-reference", request_uris=(address,))
    query = urlencode({"client_id": "by-reference", "request_uri": address, "response_type": "code", "scope": "openid"})
    assert resident.get(f"/oauth/authorize?{query}").status_code == 400
    assert not inside.asked


def test_a_logo(resident: FlaskClient, portal: Flask, database: Database, now: Any, inside: Remote) -> None:
    with database.transaction() as db:
        drawn = a_service(db, now=now, client_id="drawn", logo_uri={"": inside.address("/logo.png", "localhost")})
    assert resident.get(f"/oauth/logo/{drawn.id}").mimetype == "image/gif"
    assert authorize(resident, client_id="drawn").status_code == 200
    assert not inside.asked


def test_a_sign_out(portal: Flask, database: Database, clock: Any, inside: Remote, now: Any) -> None:
    way = BackChannel(ISSUER, database, portal.extensions["services"].fetcher, clock)
    facts = {"aud": "a-service", "sub": "x", "sid": "y"}
    message = Leased(new_id(), Channel.BACK_CHANNEL, KIND, inside.address("/bye", "localhost"), "vi", facts, 1)
    with pytest.raises(NotTaken, match="not-public"):
        way(message, NO_WORDS)
    assert not inside.asked
