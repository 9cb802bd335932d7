"""FAPI 2.0 Security Profile: tokens bound to a key (RFC 9449)."""

from __future__ import annotations

import time
from typing import Any

from joserfc.jwk import ECKey

from tests.conformance.party import VERIFIER, fresh
from tests.conformance.registry import check, refused
from tests.conformance.subject import Subject

PROOF = ("invalid_dpop_proof", "invalid_request", "use_dpop_nonce")


@check
def proofs_are_offered(at: Subject) -> None:
    """RFC 9449 section 5.1."""
    offered = set(at.document["dpop_signing_alg_values_supported"])
    assert {"ES256"} <= offered and not offered & {"none", "HS256", "RS256"}


@check
def only_strong_ways_are_offered_to_the_profile(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.1: mTLS or private_key_jwt."""
    party = at.fapi2()
    refused(party.redeem(party.code(), auth="client_secret_post"), "invalid_client", status=(400, 401))


@check
def a_token_without_a_proof_is_not_given(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.1: only sender-constrained access tokens."""
    party = at.fapi2()
    form = {"grant_type": "authorization_code", "code": party.code(), "redirect_uri": party.redirect_uri}
    headers, sent = party._authenticated(form, None, None)
    sent["code_verifier"] = VERIFIER
    refused(at.web.post(at.address("token_endpoint"), data=sent, headers=headers, timeout=20), *PROOF, "invalid_grant")


def _with_proof(at: Subject, **changes: Any) -> None:
    party = at.fapi2()
    party.tokens()  # learns the nonce
    refused(party.redeem(party.code(), proof=changes), *PROOF, status=(400, 401))


@check
def a_proof_for_another_method_is_refused(at: Subject) -> None:
    """RFC 9449 section 4.3, item 8."""
    _with_proof(at, htm="GET")


@check
def a_proof_for_another_address_is_refused(at: Subject) -> None:
    """RFC 9449 section 4.3, item 9."""
    _with_proof(at, htu="https://other.example/token")


@check
def a_proof_from_another_time_is_refused(at: Subject) -> None:
    """RFC 9449 section 4.3, item 11."""
    _with_proof(at, iat=int(time.time()) - 3600)
    _with_proof(at, iat=int(time.time()) + 3600)


@check
def a_proof_without_its_members_is_refused(at: Subject) -> None:
    """RFC 9449 section 4.3, item 3."""
    for name in ("htm", "htu", "iat", "jti"):
        _with_proof(at, **{name: None})


@check
def a_proof_of_another_type_is_refused(at: Subject) -> None:
    """RFC 9449 section 4.3, item 4."""
    _with_proof(at, typ="jwt")


@check
def an_unsigned_proof_is_refused(at: Subject) -> None:
    """RFC 9449 section 4.3, item 5."""
    _with_proof(at, alg="none")


@check
def a_proof_that_carries_a_private_key_is_refused(at: Subject) -> None:
    """RFC 9449 section 4.3, item 7."""
    _with_proof(at, jwk=at.fapi2().proof_key.as_dict(private=True))


@check
def a_proof_signed_by_another_key_than_it_names_is_refused(at: Subject) -> None:
    """RFC 9449 section 4.3, item 6."""
    _with_proof(at, jwk=ECKey.generate_key("P-256", private=True).as_dict(private=False))


@check
def an_old_nonce_is_refused_with_a_new_one(at: Subject) -> None:
    """RFC 9449 section 8."""
    party = at.fapi2()
    code = party.code()
    answer = party.redeem(code, proof={"nonce": "not one of yours"})
    refused(answer, "use_dpop_nonce", status=(400, 401))
    assert answer.headers["DPoP-Nonce"]


@check
def a_proof_counts_once(at: Subject) -> None:
    """RFC 9449 section 11.1."""
    party, jti = at.fapi2(), fresh()
    party.tokens()
    party.push(party.request())
    assert party.push(party.request(), proof={"jti": jti}).status_code == 201
    refused(party.push(party.request(), proof={"jti": jti}), *PROOF)


@check
def a_code_is_bound_to_the_key_of_its_request(at: Subject) -> None:
    """RFC 9449 section 10: dpop_jkt and PAR."""
    party = at.fapi2()
    code = party.code()
    party.tokens()
    other = ECKey.generate_key("P-256", private=True)
    refused(party.redeem(code, proof={"key": other}), "invalid_grant", "invalid_dpop_proof")


@check
def a_bound_token_opens_userinfo_with_its_key(at: Subject) -> None:
    """RFC 9449 section 7.1."""
    party = at.fapi2()
    answer = party.userinfo(party.tokens()["access_token"])
    assert answer.status_code == 200, answer.text


@check
def a_bound_token_is_worth_nothing_as_a_bearer(at: Subject) -> None:
    """RFC 9449 section 7.2: MUST reject."""
    token, url = at.fapi2().tokens()["access_token"], at.address("userinfo_endpoint")
    answer = at.web.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=20)
    assert answer.status_code == 401
    bare = at.web.get(url, headers={"Authorization": f"DPoP {token}"}, timeout=20)
    assert bare.status_code in {400, 401} and "DPoP" in bare.headers["WWW-Authenticate"]


@check
def a_bound_token_with_another_key_opens_nothing(at: Subject) -> None:
    """RFC 9449 section 7.1: the key MUST match."""
    party = at.fapi2()
    token = party.tokens()["access_token"]
    party.userinfo(token)
    assert party.userinfo(token, key=ECKey.generate_key("P-256", private=True)).status_code == 401


@check
def a_proof_for_another_token_opens_nothing(at: Subject) -> None:
    """RFC 9449 section 7.1: ath."""
    party = at.fapi2()
    token = party.tokens()["access_token"]
    party.userinfo(token)
    for ath in ("another", None):
        assert party.userinfo(token, ath=ath).status_code == 401


@check
def a_code_of_the_profile_is_redeemed_once(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.2: reject a code that was used."""
    party = at.fapi2()
    code = party.code()
    tokens = party.redeem(code).json()
    refused(party.redeem(code), "invalid_grant")
    assert party.userinfo(tokens["access_token"]).status_code == 401


@check
def a_code_of_the_profile_belongs_to_its_client(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.2, RFC 6749 section 4.1.3."""
    first, second = at.fapi2(), at.fapi2(1)
    code = first.code()
    refused(second.redeem(code), "invalid_grant", "invalid_dpop_proof")


@check
def a_refresh_token_of_the_profile_is_not_replaced(at: Subject) -> None:
    """FAPI 2.0 section 5.3.2.1: no rotation save in extraordinary circumstances."""
    party = at.fapi2()
    first = party.tokens(scope="openid profile offline_access", prompt="consent")["refresh_token"]
    for _ in range(2):
        answer = party.refresh(first)
        assert answer.status_code == 200, answer.text
        assert answer.json().get("refresh_token", first) == first


@check
def a_refreshed_token_is_bound_too(at: Subject) -> None:
    """RFC 9449 section 5."""
    party = at.fapi2()
    first = party.tokens(scope="openid profile offline_access", prompt="consent")["refresh_token"]
    fresh_tokens = party.refresh(first).json()
    assert fresh_tokens["token_type"] == "DPoP"
    assert party.userinfo(fresh_tokens["access_token"]).status_code == 200


@check
def an_id_token_of_the_profile_is_strongly_signed(at: Subject) -> None:
    """FAPI 2.0 section 5.4.1: PS256, ES256 or EdDSA."""
    from joserfc import jws

    token = at.fapi2().tokens()["id_token"]
    assert jws.extract_compact(token.encode()).headers()["alg"] in {"PS256", "ES256", "EdDSA", "Ed25519"}
