"""The documents that a provider publishes about itself."""

from __future__ import annotations

from urllib.parse import urlsplit

from joserfc.jwk import KeySet

from tests.conformance.registry import check
from tests.conformance.subject import Subject

REQUIRED = (
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "response_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "userinfo_endpoint",
    "scopes_supported",
    "claims_supported",
)
SECRET_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}


@check
def the_issuer_is_the_address_that_was_asked(at: Subject) -> None:
    """Discovery 1.0 section 4.3."""
    assert at.document["issuer"] == at.issuer
    assert urlsplit(at.issuer).scheme == "https" and not urlsplit(at.issuer).query


@check
def the_required_members_are_there(at: Subject) -> None:
    """Discovery 1.0 section 3."""
    assert [name for name in REQUIRED if name not in at.document] == []


@check
def every_endpoint_is_https_at_the_issuer(at: Subject) -> None:
    """Discovery 1.0 section 3: URLs using the https scheme."""
    endpoints = {name: url for name, url in at.document.items() if name.endswith(("_endpoint", "_uri"))}
    assert [name for name, url in endpoints.items() if urlsplit(url).scheme != "https"] == []


@check
def the_document_is_json(at: Subject) -> None:
    """Discovery 1.0 section 4.2."""
    answer = at.web.get(f"{at.issuer}/.well-known/openid-configuration", timeout=20)
    assert answer.headers["Content-Type"].startswith("application/json")


@check
def rs256_is_among_the_algorithms_of_id_tokens(at: Subject) -> None:
    """Discovery 1.0 section 3: RS256 MUST be included; `none` is for other flows."""
    offered = at.document["id_token_signing_alg_values_supported"]
    assert "RS256" in offered and "none" not in offered


@check
def the_code_flow_is_offered_and_nothing_implicit(at: Subject) -> None:
    """RFC 9700 section 2.1.2."""
    assert at.document["response_types_supported"] == ["code"]
    assert "implicit" not in at.document.get("grant_types_supported", ["implicit"])
    assert "password" not in at.document["grant_types_supported"]


@check
def s256_is_offered_and_plain_is_not(at: Subject) -> None:
    """RFC 8414 section 2, RFC 9700 section 2.1.1."""
    assert at.document["code_challenge_methods_supported"] == ["S256"]


@check
def answers_are_said_to_carry_the_issuer(at: Subject) -> None:
    """RFC 9207 section 3."""
    assert at.document["authorization_response_iss_parameter_supported"] is True


@check
def the_published_keys_are_public(at: Subject) -> None:
    """Core 1.0 section 10.1, RFC 7517 section 9.2."""
    keys = at.web.get(at.address("jwks_uri"), timeout=20).json()["keys"]
    assert keys and not any(SECRET_MEMBERS & key.keys() for key in keys)


@check
def each_published_key_has_a_name_of_its_own_and_a_use(at: Subject) -> None:
    """Core 1.0 section 10.1."""
    keys = at.web.get(at.address("jwks_uri"), timeout=20).json()["keys"]
    names = [key.get("kid") for key in keys]
    assert all(names) and len(set(names)) == len(names)
    assert all(key.get("use") in {"sig", "enc"} for key in keys)


@check
def every_offered_algorithm_has_a_key(at: Subject) -> None:
    """Core 1.0 section 10.1: the signing keys that the RP uses to validate."""
    found: KeySet = at.keys()
    kinds = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP", "Ed25519": "OKP"}
    have = {key.key_type for key in found.keys}
    assert {kinds[alg] for alg in at.document["id_token_signing_alg_values_supported"]} <= have


@check
def rsa_keys_are_long_enough(at: Subject) -> None:
    """RFC 7518 section 3.3: 2048 bits or larger."""
    keys = at.web.get(at.address("jwks_uri"), timeout=20).json()["keys"]
    assert all(len(key["n"]) >= 342 for key in keys if key["kty"] == "RSA")


@check
def the_oauth_document_says_the_same(at: Subject) -> None:
    """RFC 8414 section 3."""
    answer = at.web.get(f"{at.issuer}/.well-known/oauth-authorization-server", timeout=20)
    assert answer.status_code == 200
    for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"):
        assert answer.json()[name] == at.document[name]
