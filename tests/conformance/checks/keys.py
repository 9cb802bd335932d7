"""Keys that change: those of a service at its jwks_uri, and those of the provider (Core section 10)."""

from __future__ import annotations

from typing import Any

from joserfc import jws

from tests.conformance.party import Party
from tests.conformance.registry import check, refused
from tests.conformance.subject import Subject, a_key


def _published(at: Subject, keys: list[Any], path: str) -> str:
    return at.place().serve(path, {"keys": [key.as_dict(private=False) for key in keys]})


def _party(at: Subject, key: Any, uri: str, **metadata: Any) -> Party:
    told = {"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": key.alg}
    return at.register(key=key, jwks_uri=uri, **told, **metadata)


@check
def the_key_of_an_id_token_is_published_under_its_name(at: Subject) -> None:
    """Core 1.0 section 10.1."""
    token = at.party().tokens()["id_token"]
    kid = jws.extract_compact(token.encode()).headers()["kid"]
    assert kid in {key.kid for key in at.keys().keys}


@check
def the_next_key_is_published_before_it_signs(at: Subject) -> None:
    """Core 1.0 section 10.1.1: rotation of keys; a client may keep the set while it is fresh."""
    token = at.party().tokens()["id_token"]
    header = jws.extract_compact(token.encode()).headers()
    answer = at.web.get(at.address("jwks_uri"), timeout=20)
    same = [key for key in answer.json()["keys"] if key.get("alg") == header["alg"]]
    assert len(same) >= 2, "no successor is published"
    assert "max-age" in answer.headers.get("Cache-Control", "")


@check
def keys_of_a_service_are_fetched(at: Subject) -> None:
    """Core 1.0 section 10.1, Registration 1.0 section 2: jwks_uri."""
    key, path = a_key("first"), f"/keys-{next(at.numbers)}"
    party = _party(at, key, _published(at, [key], path))
    assert party.tokens()["id_token"] and path in at.place().fetched


@check
def a_service_may_change_its_keys(at: Subject) -> None:
    """Core 1.0 section 10.1.1: an unknown kid is a reason to fetch again."""
    first, second, path = a_key("first"), a_key("second"), f"/keys-{next(at.numbers)}"
    party = _party(at, first, _published(at, [first], path))
    assert party.tokens()["id_token"]
    _published(at, [second, first], path)
    party.key = second
    assert party.tokens()["id_token"]


@check
def a_key_that_nobody_published_is_refused(at: Subject) -> None:
    """Core 1.0 section 10.1."""
    key, path = a_key("first"), f"/keys-{next(at.numbers)}"
    party = _party(at, key, _published(at, [key], path))
    answer = party.redeem(party.code(), assertion={"key": a_key("second")})
    refused(answer, "invalid_client", status=(400, 401))


@check
def a_service_whose_keys_are_away_is_refused_in_words(at: Subject) -> None:
    """RFC 6749 section 5.2: an error of the protocol, never of the server."""
    key, path = a_key("first"), f"/gone-{next(at.numbers)}"
    party = _party(at, key, at.place().url + path)
    answer = party.post("token_endpoint", {"grant_type": "authorization_code", "code": "x"})
    refused(answer, "invalid_client", status=(400, 401))


@check
def userinfo_is_signed_when_it_is_registered(at: Subject) -> None:
    """Core 1.0 section 5.3.2: iss and aud are members then."""
    from joserfc import jwt

    at.needs("userinfo_signing_alg_values_supported", "ES256")
    party = at.register(userinfo_signed_response_alg="ES256")
    answer = party.userinfo(party.tokens()["access_token"])
    assert answer.headers["Content-Type"].startswith("application/jwt"), answer.headers["Content-Type"]
    claims = jwt.decode(answer.text, at.keys(), algorithms=["ES256"]).claims
    assert claims["iss"] == at.issuer and claims["aud"] in (party.client_id, [party.client_id]) and claims["sub"]


@check
def an_id_token_is_encrypted_when_it_is_registered(at: Subject) -> None:
    """Core 1.0 section 10.2: signed, then encrypted."""
    from joserfc import jwe
    from joserfc.jwk import RSAKey

    at.needs("id_token_encryption_alg_values_supported", "RSA-OAEP-256")
    key = RSAKey.generate_key(2048, {"kid": "enc", "use": "enc", "alg": "RSA-OAEP-256"}, private=True)
    told = {"id_token_encrypted_response_alg": "RSA-OAEP-256", "id_token_encrypted_response_enc": "A256GCM"}
    party = at.register(jwks={"keys": [key.as_dict(private=False)]}, **told)
    token = party.tokens()["id_token"]
    assert token.count(".") == 4
    opened = jwe.decrypt_compact(token, key, algorithms=["RSA-OAEP-256", "A256GCM"]).plaintext
    assert opened is not None and party.read(opened.decode())["sub"]
