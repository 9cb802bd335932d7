"""The addresses to which answers and people go."""

from __future__ import annotations

from dataclasses import replace

from identity.oidc.errors import ProtocolError, WayBack
from identity.oidc.visit import answer_with_error, initiation_address
from tests.identity.oidc.test_request import CLIENT

ISSUER = "https://portal.example"
START = "https://service.example/start"


def test_an_answer_comes_after_the_query_of_the_address() -> None:
    error = ProtocolError("access_denied", "The person did not agree")
    plain = answer_with_error(WayBack("https://service.example/cb", "a&b=ß"), ISSUER, error).address
    assert plain == (
        "https://service.example/cb?error=access_denied&error_description=The+person+did+not+agree"
        "&state=a%26b%3D%C3%9F&iss=https%3A%2F%2Fportal.example"
    )
    tenant = answer_with_error(WayBack("https://service.example/cb?t=1"), ISSUER, error).address
    assert tenant.startswith("https://service.example/cb?t=1&error=access_denied")
    assert "state" not in tenant


def test_a_person_can_start_at_a_service_that_says_where() -> None:
    ready = replace(CLIENT, initiate_login_uri=START)
    assert initiation_address(ready, ISSUER) == START + "?iss=https%3A%2F%2Fportal.example"
    there = initiation_address(ready, ISSUER, "https://service.example/page?a=1")
    assert there == (
        START + "?iss=https%3A%2F%2Fportal.example&target_link_uri=https%3A%2F%2Fservice.example%2Fpage%3Fa%3D1"
    )
    with_query = replace(CLIENT, initiate_login_uri=START + "?tenant=1")
    assert initiation_address(with_query, ISSUER) == START + "?tenant=1&iss=https%3A%2F%2Fportal.example"
    assert initiation_address(CLIENT, ISSUER) is None
