"""The addresses to which answers go."""

from __future__ import annotations

from identity.oidc.errors import ProtocolError, WayBack
from identity.oidc.visit import answer_with_error

ISSUER = "https://portal.example"


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
