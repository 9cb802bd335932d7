"""Redirect tricks: nothing but the registered address, character by character, is ever redirected to."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from identity.oidc.errors import NoWayBack, ProtocolError
from identity.oidc.request import way_back_of
from tests.identity.oidc.making import CALLBACK
from tests.identity.oidc.test_request import CLIENT, FAPI2, ask

TRICKS = {
    "port": "https://service.example:443/callback",
    "another port": "https://service.example:8443/callback",
    "path": "https://service.example/callback/",
    "longer path": "https://service.example/callback2",
    "dots": "https://service.example/x/../callback",
    "case of the host": "https://Service.example/callback",
    "case of the path": "https://service.example/Callback",
    "case of the scheme": "HTTPS://service.example/callback",
    "scheme": "http://service.example/callback",
    "fragment": "https://service.example/callback#x",
    "empty fragment": "https://service.example/callback#",
    "query": "https://service.example/callback?next=https://evil.example",
    "empty query": "https://service.example/callback?",
    "user": "https://service.example@evil.example/callback",
    "user before": "https://evil@service.example/callback",
    "trailing dot": "https://service.example./callback",
    "subdomain": "https://evil.service.example/callback",
    "suffix": "https://service.example.evil.example/callback",
    "look-alike": "https://sеrvice.example/callback",
    "full width": "https://service。example/callback",
    "punycode": "https://xn--srvice-2of.example/callback",
    "encoded": "https://service.example/%63allback",
    "encoded slash": "https://service.example%2fcallback",
    "backslash": "https://service.example\\callback",
    "backslash user": "https://evil.example\\@service.example/callback",
    "control": "https://service.example/callback\r\nSet-Cookie: a=b",
    "null": "https://service.example/callback\0",
    "space": " https://service.example/callback",
    "tab": "https://service.example/\tcallback",
    "relative": "//service.example/callback",
    "script": "javascript:alert(1)//service.example/callback",
    "data": "data:text/html,<script>",
    "twice encoded": quote(CALLBACK, safe=""),
    "loopback": "http://127.0.0.1/callback",
}


@pytest.mark.parametrize("address", TRICKS.values(), ids=TRICKS.keys())
def test_a_trick_is_told_to_the_person(address: str) -> None:
    for client in (CLIENT, FAPI2):
        with pytest.raises(NoWayBack) as caught:
            ask(client, redirect_uri=address, prompt="none")
        assert caught.value.reason == "address-not-registered"


@given(
    at=st.integers(0, len(CALLBACK)),
    cut=st.integers(0, 3),
    insert=st.text(alphabet=st.sampled_from("/.:@#?%\\&=aAé。 \t\r\n\0-"), max_size=4),
)
def test_no_edited_address_passes(at: int, cut: int, insert: str) -> None:
    edited = CALLBACK[:at] + insert + CALLBACK[at + cut :]
    assume(edited != CALLBACK and edited != "")
    with pytest.raises(NoWayBack):
        way_back_of({"redirect_uri": [edited]}, CLIENT)


def test_a_native_application_gets_no_free_port() -> None:
    native = replace(CLIENT, application_type="native", redirect_uris=("http://127.0.0.1/cb",))
    with pytest.raises(NoWayBack):
        way_back_of({"redirect_uri": ["http://127.0.0.1:5000/cb"]}, native)


CLAIMS = {
    "deep list": "[" * 3_900 + "]" * 3_900,
    "deep object": '{"userinfo":' + '{"a":' * 900 + "1" + "}" * 901,
    "no number": '{"userinfo":{"name":NaN}}',
    "number beyond all": '{"id_token":{"sub":{"value":1e400}}}',
    "half a letter": '{"userinfo":{"\\ud800":null}}',
    "subject that is a list": '{"id_token":{"sub":{"value":["a"]}}}',
    "level that is an object": '{"id_token":{"acr":{"value":{"a":1}}}}',
    "levels that are numbers": '{"id_token":{"acr":{"values":[1,2]}}}',
    "many levels": '{"id_token":{"acr":{"values":[' + ",".join(['"x"'] * 1_500) + "]}}}",
    "a name of the language": '{"userinfo":{"__class__":{"essential":true}}}',
}


@pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS.keys())
def test_a_claims_request_is_read_or_refused_and_asks_for_nothing_else(claims: str) -> None:
    usual = ask()
    try:
        asked = ask(claims=claims)
    except ProtocolError as refused:
        assert refused.error == "invalid_request"
        assert refused.way_back is not None
    else:
        assert asked.items == usual.items
        assert asked.least_aal <= 2
