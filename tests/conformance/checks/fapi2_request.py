"""FAPI 2.0 Security Profile: pushed requests and the authorization endpoint."""

from __future__ import annotations

import time

from tests.conformance.party import VERIFIER, fresh
from tests.conformance.registry import check, refused, refused_somehow, with_code
from tests.conformance.subject import Subject, a_key


@check
def pushing_is_offered(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.2, RFC 9126 section 5."""
    assert at.address("pushed_authorization_request_endpoint").startswith("https://")


@check
def a_pushed_request_leads_to_tokens(at: Subject) -> None:
    """FAPI 2.0 section 5.3, RFC 9126 section 4."""
    tokens = at.fapi2().tokens()
    assert tokens["token_type"] == "DPoP" and tokens["id_token"]


@check
def a_pushed_request_lives_shortly(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.2: expires_in below 600 seconds."""
    party = at.fapi2()
    answer = party.push(party.request())
    assert answer.status_code == 201 and 0 < answer.json()["expires_in"] < 600
    assert answer.json()["request_uri"].startswith("urn:") and "no-store" in answer.headers["Cache-Control"]


@check
def a_request_that_was_not_pushed_is_refused(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.2: reject requests sent without PAR."""
    from urllib.parse import urlencode

    asked = urlencode(at.fapi2().request())
    landing = at.friend().visit(f"{at.address('authorization_endpoint')}?{asked}")
    refused_somehow(landing, "invalid_request")


@check
def pushing_asks_who_calls(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.2: client authentication at PAR; RFC 9126 section 2."""
    party = at.fapi2()
    refused(party.push(party.request(), auth="none"), "invalid_client", status=(400, 401))


@check
def pkce_is_needed(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.2: PKCE with S256."""
    party = at.fapi2()
    refused(party.push(party.request(code_challenge=None, code_challenge_method=None)), "invalid_request")
    refused(party.push(party.request(code_challenge=VERIFIER, code_challenge_method="plain")), "invalid_request")


@check
def the_redirect_address_is_needed_and_checked(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.2: redirect_uri in pushed requests."""
    party = at.fapi2()
    refused(party.push(party.request(redirect_uri=None)), "invalid_request")
    refused(
        party.push(party.request(redirect_uri="https://attacker.example/")), "invalid_request", "invalid_redirect_uri"
    )


@check
def only_codes_are_given(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.2: response_type code."""
    party = at.fapi2()
    refused(party.push(party.request(response_type="code id_token")), "unsupported_response_type", "invalid_request")


@check
def a_reference_cannot_be_pushed(at: Subject) -> None:
    """RFC 9126 section 2.1: request_uri MUST NOT be provided."""
    party = at.fapi2()
    refused(party.push(party.request(request_uri="urn:ietf:params:oauth:request_uri:x")), "invalid_request")


@check
def a_pushed_request_is_used_once(at: Subject) -> None:
    """RFC 9126 section 7.3: one-time use."""
    party = at.fapi2()
    asked = party.pushed(party.request())
    with_code(party.authorize(at.friend(), asked))
    refused_somehow(party.authorize(at.friend(), asked), "invalid_request_uri", "invalid_request")


@check
def a_request_of_another_client_cannot_be_used(at: Subject) -> None:
    """RFC 9126 section 4: bound to the client that pushed it."""
    first, second = at.fapi2(), at.fapi2(1)
    asked = {**first.pushed(first.request()), "client_id": second.client_id}
    refused_somehow(second.authorize(at.friend(), asked), "invalid_request_uri", "invalid_request")


@check
def an_invented_reference_is_refused(at: Subject) -> None:
    """RFC 9126 section 4."""
    party = at.fapi2()
    asked = {"client_id": party.client_id, "request_uri": "urn:ietf:params:oauth:request_uri:" + fresh()}
    refused_somehow(party.authorize(at.friend(), asked), "invalid_request_uri", "invalid_request")


@check
def what_stands_beside_the_reference_does_not_count(at: Subject) -> None:
    """RFC 9126 section 4, RFC 9101 section 5: only what was pushed."""
    party = at.fapi2()
    asked = {**party.pushed(party.request(state="pushed")), "state": "beside", "scope": "openid phone"}
    landing = party.authorize(at.friend(), asked)
    assert landing.sent.get("state") != "beside"


@check
def the_answer_of_the_profile_names_its_issuer(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.2: iss parameter, RFC 9207."""
    assert at.fapi2().authorize(at.friend()).sent["iss"] == at.issuer


@check
def nobody_is_sent_on_with_307(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.2: not 307; RFC 9700 section 4.12: 303."""
    from urllib.parse import urlencode

    party = at.fapi2()
    with_code(party.authorize(at.friend()))
    url = f"{at.address('authorization_endpoint')}?{urlencode(party.pushed(party.request()))}"
    answer = at.friend().session.get(url, allow_redirects=False, timeout=20)
    assert answer.status_code in {302, 303}, answer.status_code


@check
def the_assertion_names_the_issuer(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.1: the issuer as a string in aud."""
    party = at.fapi2()
    assert party.push(party.request()).status_code == 201


@check
def an_assertion_for_somebody_else_is_refused(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.1, RFC 10070: the issuer is the sole audience."""
    party, endpoint = at.fapi2(), at.address("token_endpoint")
    for audience in ("https://other.example", endpoint, [at.issuer, endpoint], [at.issuer], at.issuer + "/", None, 5):
        refused(
            party.push(party.request(), assertion={"aud": audience}),
            "invalid_client",
            "invalid_request",
            status=(400, 401),
        )


@check
def an_assertion_that_ended_or_never_ends_is_refused(at: Subject) -> None:
    """RFC 7523 section 3, items 4 and 5."""
    party, now = at.fapi2(), int(time.time())
    for change in ({"exp": now - 600, "iat": now - 700}, {"exp": None}, {"nbf": now + 600}):
        refused(party.push(party.request(), assertion=change), "invalid_client", status=(400, 401))


@check
def an_assertion_from_slightly_ahead_is_accepted(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.1: iat and nbf up to 10 seconds in the future MUST be accepted."""
    party, now = at.fapi2(), int(time.time())
    assert party.push(party.request(), assertion={"iat": now + 8, "nbf": now + 8}).status_code == 201


@check
def an_assertion_about_another_client_is_refused(at: Subject) -> None:
    """RFC 7523 section 3, items 1 and 2: iss and sub are the client."""
    party, other = at.fapi2(), at.fapi2(1)
    for change in ({"sub": other.client_id}, {"iss": other.client_id}, {"sub": None}, {"iss": None}):
        refused(party.push(party.request(), assertion=change), "invalid_client", "invalid_request", status=(400, 401))


@check
def an_unsigned_or_foreign_assertion_is_refused(at: Subject) -> None:
    """FAPI 2.0 section 5.4.1: PS256, ES256, EdDSA; never none."""
    party = at.fapi2()
    refused(party.push(party.request(), assertion={"alg": "none"}), "invalid_client", status=(400, 401))
    stranger = a_key(party.key.kid)
    refused(party.push(party.request(), assertion={"key": stranger}), "invalid_client", status=(400, 401))


@check
def an_assertion_counts_once(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.1, RFC 7523 section 3, item 7."""
    party, jti = at.fapi2(), fresh()
    assert party.push(party.request(), assertion={"jti": jti}).status_code == 201
    refused(party.push(party.request(), assertion={"jti": jti}), "invalid_client", status=(400, 401))
