"""Whatever is sent to any endpoint, the answer is one of the protocol: never a fault of the server, never a hang."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.conftest import Proving

pytestmark = pytest.mark.slow
NAMES = (
    *("client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "prompt", "max_age"),
    *("claims", "acr_values", "id_token_hint", "request", "request_uri", "resource", "code_challenge", "dpop_jkt"),
    *("grant_type", "code", "refresh_token", "client_assertion", "client_assertion_type", "client_secret", "token"),
    *(
        "post_logout_redirect_uri",
        "logout_hint",
        "ui_locales",
        "authorization_details",
        "access_token",
        "code_verifier",
    ),
)
LIKELY = (
    "code",
    "openid",
    "none",
    "authorization_code",
    "refresh_token",
    "e30.e30.",
    "{}",
    "[]",
    "-1",
    "https://[",
    "%00",
)
ENDPOINTS = ("authorization", "token", "userinfo", "revocation", "introspection", "end_session", "registration")
values = st.one_of(st.sampled_from(LIKELY), st.text(max_size=60))
forms = st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=12)
headers = st.dictionaries(
    st.sampled_from(("Authorization", "DPoP", "Content-Type", "Accept", "X-Client-Cert")),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80).map(lambda text: f"Basic {text}"),
    max_size=2,
)


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    endpoint=st.sampled_from((*ENDPOINTS, "pushed_authorization_request")),
    form=forms,
    more=headers,
    method=st.sampled_from(("GET", "POST", "PUT", "DELETE")),
)
def test_nothing_breaks_it(
    proving: Proving, endpoint: str, form: list[tuple[str, str]], more: dict[str, str], method: str
) -> None:
    url = proving.at.address(f"{endpoint}_endpoint")
    where = {"params": form} if method == "GET" else {"data": form}
    answer = proving.at.web.request(method, url, headers=more, allow_redirects=False, timeout=20, **where)
    assert answer.status_code < 500, (method, endpoint, form, more)
