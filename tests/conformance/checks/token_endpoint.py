"""The token endpoint: who may redeem what, how often, and how a client proves itself."""

from __future__ import annotations

from tests.conformance.party import VERIFIER, s256
from tests.conformance.registry import check, refused
from tests.conformance.subject import Subject


@check
def a_code_is_redeemed(at: Subject) -> None:
    """RFC 6749 section 5.1, Core 1.0 section 3.1.3.3."""
    answer = at.party().redeem(at.party().code())
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["token_type"].lower() == "bearer" and body["access_token"] and body["id_token"]
    assert isinstance(body["expires_in"], int) and body["expires_in"] > 0


@check
def an_answer_with_tokens_is_not_kept(at: Subject) -> None:
    """RFC 6749 section 5.1: Cache-Control no-store."""
    answer = at.party().redeem(at.party().code())
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Type"].startswith("application/json")


@check
def a_code_is_redeemed_once(at: Subject) -> None:
    """Core 1.0 section 3.1.3.2, RFC 6749 section 4.1.2."""
    code = at.party().code()
    assert at.party().redeem(code).status_code == 200
    refused(at.party().redeem(code), "invalid_grant")


@check
def a_replayed_code_takes_back_what_it_bought(at: Subject) -> None:
    """RFC 6749 section 4.1.2: SHOULD revoke all tokens previously issued."""
    code = at.party().code()
    tokens = at.party().redeem(code).json()
    at.party().redeem(code)
    assert at.party().userinfo(tokens["access_token"]).status_code == 401


@check
def a_code_of_another_client_is_refused(at: Subject) -> None:
    """RFC 6749 section 4.1.3."""
    refused(at.other().redeem(at.party().code()), "invalid_grant")


@check
def a_code_for_another_address_is_refused(at: Subject) -> None:
    """RFC 6749 section 4.1.3: redirect_uri MUST be identical."""
    refused(at.party().redeem(at.party().code(), redirect_uri="https://service.example/other"), "invalid_grant")


@check
def a_code_without_its_address_is_refused(at: Subject) -> None:
    """RFC 6749 section 4.1.3: REQUIRED if it was in the request."""
    refused(at.party().redeem(at.party().code(), redirect_uri=None), "invalid_grant", "invalid_request")


@check
def an_invented_code_is_refused(at: Subject) -> None:
    """RFC 6749 section 5.2."""
    for code in ("nobody-gave-this", "x" * 5000, "mã ủy quyền"):
        refused(at.party().redeem(code), "invalid_grant", "invalid_request")


@check
def a_missing_code_is_refused(at: Subject) -> None:
    """RFC 6749 section 5.2."""
    form = {"grant_type": "authorization_code", "redirect_uri": at.party().redirect_uri}
    refused(at.party().post("token_endpoint", form), "invalid_request")


@check
def an_unknown_grant_is_refused(at: Subject) -> None:
    """RFC 6749 section 5.2."""
    for grant in ("password", "urn:nobody:knows", "implicit"):
        answer = at.party().post("token_endpoint", {"grant_type": grant, "username": "a", "password": "b"})
        refused(answer, "unsupported_grant_type", "unauthorized_client")


@check
def a_missing_grant_is_refused(at: Subject) -> None:
    """RFC 6749 section 5.2."""
    refused(at.party().post("token_endpoint", {}), "invalid_request")


@check
def a_wrong_secret_is_refused(at: Subject) -> None:
    """RFC 6749 section 5.2: 401 with a challenge of the scheme that was used."""
    party = at.party()
    code, url = party.code(), at.address("token_endpoint")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": party.redirect_uri}
    answer = at.web.post(url, data=form, auth=(party.client_id, "wrong"), timeout=20)
    refused(answer, "invalid_client", status=(401,))
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


@check
def no_secret_is_refused(at: Subject) -> None:
    """RFC 6749 section 3.2.1."""
    refused(at.party().redeem(at.party().code(), auth="none"), "invalid_client", status=(400, 401))


@check
def the_secret_may_be_posted_by_who_registered_that(at: Subject) -> None:
    """Core 1.0 section 9."""
    at.needs("token_endpoint_auth_methods_supported", "client_secret_post")
    party = at.register(token_endpoint_auth_method="client_secret_post")
    assert party.redeem(party.code()).status_code == 200


@check
def another_way_than_the_registered_one_is_refused(at: Subject) -> None:
    """Core 1.0 section 9: the registered method; RFC 7591 section 2."""
    refused(at.party().redeem(at.party().code(), auth="client_secret_post"), "invalid_client", status=(400, 401))


@check
def two_ways_at_once_are_refused(at: Subject) -> None:
    """RFC 6749 section 2.3: MUST NOT use more than one."""
    party = at.party()
    secret = {"client_id": party.client_id, "client_secret": party.told["client_secret"]}
    refused(party.redeem(party.code(), **secret), "invalid_request", "invalid_client", status=(400, 401))


@check
def a_wrong_verifier_is_refused(at: Subject) -> None:
    """RFC 7636 section 4.6."""
    code = at.public().code()
    refused(at.public().redeem(code, code_verifier="another-verifier-of-forty-three-characters-x"), "invalid_grant")


@check
def a_missing_verifier_is_refused(at: Subject) -> None:
    """RFC 7636 section 4.6."""
    refused(at.public().redeem(at.public().code(), code_verifier=None), "invalid_grant", "invalid_request")


@check
def a_verifier_without_a_challenge_is_refused(at: Subject) -> None:
    """RFC 9700 section 4.8.2: PKCE downgrade."""
    refused(at.party().redeem(at.party().code(), code_verifier=VERIFIER), "invalid_grant", "invalid_request")


@check
def a_confidential_service_may_use_pkce(at: Subject) -> None:
    """RFC 7636 section 4.6, RFC 9700 section 2.1.1."""
    challenge = {"code_challenge": s256(VERIFIER), "code_challenge_method": "S256"}
    assert at.party().tokens(**challenge)["id_token"]


@check
def a_signature_of_the_client_authenticates_it(at: Subject) -> None:
    """Core 1.0 section 9, RFC 7523 section 2.2."""
    at.needs("token_endpoint_auth_methods_supported", "private_key_jwt")
    assert at.with_key().tokens()["id_token"]


@check
def a_signature_of_somebody_else_does_not(at: Subject) -> None:
    """RFC 7523 section 3, item 9."""
    from tests.conformance.subject import a_key

    at.needs("token_endpoint_auth_methods_supported", "private_key_jwt")
    party = at.with_key()
    stranger = a_key(party.key.kid)
    answer = party.redeem(party.code(), assertion={"key": stranger})
    refused(answer, "invalid_client", status=(400, 401))


@check
def a_client_assertion_counts_once(at: Subject) -> None:
    """Core 1.0 section 9: jti MUST only be used once."""
    at.needs("token_endpoint_auth_methods_supported", "private_key_jwt")
    party = at.with_key()
    assert party.redeem(party.code(), assertion={"jti": "the same twice " + party.client_id}).status_code == 200
    again = party.redeem(party.code(), assertion={"jti": "the same twice " + party.client_id})
    refused(again, "invalid_client", status=(400, 401))
