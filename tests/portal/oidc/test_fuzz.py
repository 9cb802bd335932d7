"""Whatever is sent to the authorization endpoints: an answer to the one registered address, a page, never a failure."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.oidc.request import KNOWN
from tests.identity.oidc.making import CALLBACK, wish
from tests.portal.oidc.browsing import basic

FUZZ = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
OURS = ("eid_asked", "eid_chosen", "eid_shown")
rare = st.text(max_size=12) | st.binary(max_size=8).map(lambda raw: raw.decode("latin-1"))
JSON = ("{}", "[]", '{"id_token": {"acr": {"values": []}}}', '{"userinfo": {"sub": {"value": 1}}}')
WORDS = ("none", "login", "select_account", "create", "consent", "code", "query", "form_post", "S256", "vi en")
ADDRESSES = ("https://api.example/", "https://evil.example/", "urn:ietf:params:oauth:request_uri:x", "//evil.example")
ODD = ("", "0", "1", "1.x", "..", "eyJhbGciOiJub25lIn0.", "eyJhbGciOiJub25lIn0.e30.", "\ud7ff", "\U0001f600")
likely = st.sampled_from([*JSON, *WORDS, *ADDRESSES, *ODD])
nested: Any = st.recursive(
    st.none() | st.integers() | rare,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(rare, inner, max_size=2),
)
value = likely | rare | nested.map(json.dumps)
requests = st.dictionaries(st.sampled_from(sorted(KNOWN) + list(OURS)) | rare, st.lists(value, max_size=2), max_size=5)


def is_told_safely(response: Any) -> bool:
    """To the registered address, to a page of ours, or on a page that posts to the registered origin at most."""
    where = urlsplit(response.headers.get("Location", ""))
    if response.status_code in {302, 303}:
        return where.netloc == "" or response.headers["Location"].startswith(CALLBACK)
    policy = response.headers["Content-Security-Policy"]
    leads_to = policy.partition("form-action 'self'")[2].partition(";")[0].strip()
    return response.status_code in {200, 400} and leads_to in {"", "https://service.example"}


@pytest.mark.any_engine
@pytest.mark.parametrize("whole", [True, False])
def test_the_authorization_endpoint(friend: FlaskClient, whole: bool) -> None:
    @FUZZ
    @given(requests)
    def check(sent: dict[str, list[str]]) -> None:
        base = {name: [text] for name, text in wish().items()} if whole else {}
        query = urlencode(base | sent, doseq=True)
        for response in (
            friend.get("/oauth/authorize?" + query),
            friend.post("/oauth/authorize", data=query, content_type="application/x-www-form-urlencoded"),
            friend.post("/oauth/consent?" + query, data={"decision": "approve"}),
            friend.post("/oauth/account?" + query, data={"choice": "this"}),
        ):
            assert is_told_safely(response), (response.status_code, response.headers)

    check()


@pytest.mark.any_engine
def test_the_endpoint_for_pushed_requests(friend: FlaskClient) -> None:
    @FUZZ
    @given(requests, st.booleans())
    def check(sent: dict[str, list[str]], is_whole: bool) -> None:
        base = {name: [text] for name, text in wish().items()} if is_whole else {}
        body = urlencode(base | sent, doseq=True)
        kind = "application/x-www-form-urlencoded"
        answer = friend.post("/oauth/par", data=body, headers=basic(), content_type=kind)
        assert answer.status_code in {201, 400, 401}, answer.text
        assert answer.json.keys() >= ({"request_uri"} if answer.status_code == 201 else {"error"})

    check()


@pytest.mark.parametrize(
    "raw",
    ["client_id=%ff%fe", "client_id=a-service&redirect_uri=%00", "%=%&&==;", "a" * 30_000, "client_id=" + "a" * 9_000],
    ids=["not-utf-8", "null", "signs", "long", "long-name"],
)
def test_rubbish_in_the_address(client: FlaskClient, world: Any, raw: str) -> None:
    response = client.get("/oauth/authorize?" + raw)
    assert response.status_code == 400
    assert "Location" not in response.headers
