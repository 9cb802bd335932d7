"""The authorization endpoint: requests, refusals, and whom the provider sends a person to."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.conformance.party import VERIFIER, s256
from tests.conformance.registry import check, not_sent_back, refused_somehow, sent_back, with_code
from tests.conformance.subject import Subject


@check
def a_code_comes_back_with_the_state(at: Subject) -> None:
    """Core 1.0 section 3.1.2.5, RFC 6749 section 4.1.2."""
    landing = at.party().authorize(at.friend(), state="the state of this request ~!&=")
    with_code(landing)
    assert landing.sent["state"] == "the state of this request ~!&="
    assert landing.by == "query" and landing.url == at.party().redirect_uri


@check
def the_answer_names_its_issuer(at: Subject) -> None:
    """RFC 9207 section 2."""
    assert at.party().authorize(at.friend()).sent["iss"] == at.issuer


@check
def an_error_names_its_issuer(at: Subject) -> None:
    """RFC 9207 section 2."""
    landing = at.party().authorize(at.resident(), prompt="none")
    assert landing.sent["error"] == "login_required" and landing.sent["iss"] == at.issuer


@check
def a_request_may_be_posted(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: MUST support GET and POST."""
    with_code(at.party().authorize(at.friend(), post=True))


@check
def an_unknown_parameter_is_ignored(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1, RFC 6749 section 3.1."""
    with_code(at.party().authorize(at.friend(), extra="foobar"))


@check
def an_unknown_scope_is_ignored(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1."""
    with_code(at.party().authorize(at.friend(), scope="openid profile something-nobody-knows"))


@check
def a_request_without_nonce_is_answered(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: OPTIONAL in the code flow."""
    party = at.party()
    tokens = party.redeem(with_code(party.authorize(at.friend(), nonce=None))).json()
    assert "nonce" not in party.read(tokens["id_token"])


@check
def a_request_without_state_is_answered_without(at: Subject) -> None:
    """RFC 6749 section 4.1.2."""
    assert "state" not in at.party().authorize(at.friend(), state=None).sent


@check
def a_missing_response_type_is_refused(at: Subject) -> None:
    """RFC 6749 section 4.1.2.1."""
    sent_back(at.party().authorize(at.friend(), response_type=None), "invalid_request", "unsupported_response_type")


@check
def tokens_are_not_given_by_the_front_channel(at: Subject) -> None:
    """RFC 6749 section 4.1.2.1, RFC 9700 section 2.1.2."""
    for kind in ("token", "id_token", "code token", "id_token token", "none"):
        landing = at.party().authorize(at.friend(), response_type=kind)
        refused_somehow(landing, "unsupported_response_type", "unauthorized_client", "invalid_request")
        assert not {"access_token", "id_token"} & landing.sent.keys()


@check
def a_request_without_the_scope_openid_gives_no_id_token(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: openid MUST be present for an OpenID Connect request."""
    landing = at.party().authorize(at.friend(), scope="profile")
    if "code" in landing.sent:
        assert "id_token" not in at.party().redeem(landing.sent["code"]).json()
    else:
        sent_back(landing, "invalid_scope", "invalid_request")


@check
def an_unknown_client_is_told_on_a_page(at: Subject) -> None:
    """RFC 6749 section 4.1.2.1."""
    not_sent_back(at.party().authorize(at.resident(), client_id="nobody-knows-this-one"))


@check
def a_missing_redirect_uri_is_told_on_a_page(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: REQUIRED."""
    not_sent_back(at.party().authorize(at.resident(), redirect_uri=None))


def _tricks(registered: str) -> dict[str, str]:
    parts = urlsplit(registered)
    host = parts.netloc
    return {
        "another host": f"https://attacker.example{parts.path}",
        "a longer path": registered + "/more",
        "a longer name": registered + "x",
        "a query": registered + "?dummy=1",
        "a fragment": registered + "#part",
        "a port": f"https://{host}:8443{parts.path}",
        "the other case of the path": f"https://{host}{parts.path.upper()}",
        "a user": f"https://{host}@attacker.example{parts.path}",
        "a subdomain": f"https://evil.{host}{parts.path}",
        "a host that goes on": f"https://{host}.attacker.example{parts.path}",
        "plain http": f"http://{host}{parts.path}",
        "dots": f"https://{host}{parts.path}/../{parts.path.strip('/')}",
        "encoded": f"https://{host}/%63{parts.path[2:]}",
        "a trailing dot": f"https://{host}.{parts.path}",
        "a backslash": f"https://attacker.example\\@{host}{parts.path}",
        "white space": f" {registered}",
        "a script": "javascript:alert(1)",
        "nothing absolute": parts.path,
    }


@check
def an_address_that_is_not_registered_gets_no_answer(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1, RFC 9700 section 2.1: exact string matching."""
    for address in _tricks(at.party().redirect_uri).values():
        not_sent_back(at.party().authorize(at.friend(), redirect_uri=address))


@check
def a_registered_query_is_kept(at: Subject) -> None:
    """RFC 6749 section 3.1.2: the query component MUST be retained."""
    party = at.register(redirect_uris=["https://service.example/callback?foo=bar"])
    landing = party.authorize(at.friend())
    with_code(landing)
    assert landing.sent["foo"] == "bar"


@check
def a_parameter_sent_twice_is_refused(at: Subject) -> None:
    """RFC 6749 section 3.1: MUST NOT be included more than once."""
    from urllib.parse import urlencode

    asked = urlencode(at.party().request())
    landing = at.friend().visit(f"{at.address('authorization_endpoint')}?{asked}&scope=openid&nonce=another")
    refused_somehow(landing, "invalid_request")


@check
def who_does_not_agree_goes_back_with_access_denied(at: Subject) -> None:
    """RFC 6749 section 4.1.2.1."""
    landing = at.party().authorize(at.friend(), press="deny", prompt="consent")
    sent_back(landing, "access_denied")


@check
def plain_pkce_is_refused(at: Subject) -> None:
    """RFC 9700 section 2.1.1; a missing method would mean plain (RFC 7636 section 4.3)."""
    for method in ("plain", None):
        landing = at.public().authorize(at.friend(), code_challenge=VERIFIER, code_challenge_method=method)
        sent_back(landing, "invalid_request")


@check
def a_public_service_must_use_pkce(at: Subject) -> None:
    """RFC 9700 section 2.1.1."""
    landing = at.public().authorize(at.friend(), code_challenge=None, code_challenge_method=None)
    sent_back(landing, "invalid_request")


@check
def a_challenge_that_is_none_is_refused(at: Subject) -> None:
    """RFC 7636 section 4.2: 43 characters of base64url."""
    for challenge in ("short", s256(VERIFIER)[:-1] + "!", "a" * 200):
        sent_back(at.public().authorize(at.friend(), code_challenge=challenge), "invalid_request")


@check
def an_oversized_request_is_no_fault_of_the_server(at: Subject) -> None:
    """RFC 9110 section 15.5.15: too long is said, nothing breaks."""
    landing = at.party().authorize(at.resident(), state="x" * 30_000)
    assert landing.status < 500
