"""Client assertions: each rule of RFC 7523 and RFC 10070, broken once."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from joserfc.jwk import KeySet

from identity.oidc import client_assertion
from identity.oidc.errors import ProtocolError
from identity.oidc.profiles import Profile
from identity.once import Mark, spend_each
from tests.identity.oidc.signing import ISSUER, a_key, an_assertion, signed

TOKEN = f"{ISSUER}/oauth/token"


def a_client(profile: Profile = Profile.FAPI2, algorithm: str | None = None) -> Any:
    return SimpleNamespace(client_id="a-service", profile=profile, token_endpoint_auth_signing_alg=algorithm)


def check(text: str, key: Any, now: datetime, client: Any = None) -> Mark:
    statement = client_assertion.read(text)
    assert client_assertion.named(statement) == "a-service"
    return client_assertion.check(
        statement, client or a_client(), KeySet([key]), issuer=ISSUER, endpoints={TOKEN}, now=now
    )


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "Ed25519"])
@pytest.mark.parametrize("kind", ["client-authentication+jwt", "JWT", None])
def test_a_statement_is_believed_once(now: datetime, algorithm: str, kind: str | None, db: Any) -> None:
    key = a_key(algorithm)
    mark = check(an_assertion(key, now=now, header={"alg": algorithm, "typ": kind}), key, now)
    assert spend_each(db, [mark]) == []
    assert spend_each(db, [mark]) == [mark]


def test_the_older_name_of_an_algorithm_is_read(now: datetime) -> None:
    key = a_key("Ed25519")
    assert check(an_assertion(key, now=now, header={"alg": "EdDSA"}), key, now)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": None},
        {"aud": "https://elsewhere.example"},
        {"aud": ISSUER + "/"},
        {"aud": [ISSUER, "https://elsewhere.example"]},
        {"aud": []},
        {"aud": {}},
        {"aud": [["x"]]},
        {"exp": None},
        {"exp": 0},
        {"exp": "never"},
        {"exp": True},
        {"exp": 10**10},
        {"iat": 10**10},
        {"nbf": 10**10},
        {"iat": "now"},
        {"jti": None},
        {"jti": ""},
        {"jti": 1},
        {"jti": "x" * 513},
    ],
)
@pytest.mark.parametrize("profile", [Profile.FAPI2, Profile.STANDARD])
def test_a_wrong_claim_is_refused(now: datetime, changes: dict[str, Any], profile: Profile) -> None:
    key = a_key()
    with pytest.raises(ProtocolError) as refused:
        check(an_assertion(key, now=now, **changes), key, now, a_client(profile))
    assert (refused.value.error, refused.value.status_code) == ("invalid_client", 401)


@pytest.mark.parametrize("audience", [TOKEN, [ISSUER], [ISSUER, TOKEN]])
def test_only_older_clients_may_name_an_endpoint_or_a_list(now: datetime, audience: Any) -> None:
    key = a_key()
    text = an_assertion(key, now=now, aud=audience)
    assert check(text, key, now, a_client(Profile.STANDARD))
    for profile in (Profile.FAPI2, Profile.MACHINE):
        with pytest.raises(ProtocolError, match="aud"):
            check(text, key, now, a_client(profile))


def test_a_clock_may_be_a_minute_ahead(now: datetime) -> None:
    key = a_key()
    assert check(an_assertion(key, now=now + timedelta(seconds=60)), key, now)
    with pytest.raises(ProtocolError, match="future"):
        check(an_assertion(key, now=now + timedelta(seconds=61)), key, now)
    with pytest.raises(ProtocolError, match="expired"):
        check(an_assertion(key, now=now - timedelta(seconds=60)), key, now)


@pytest.mark.parametrize(
    "names", [{"iss": "other"}, {"sub": "other"}, {"sub": None}, {"iss": None}, {"sub": 1, "iss": 1}]
)
def test_issuer_and_subject_are_the_client(now: datetime, names: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        client_assertion.named(client_assertion.read(an_assertion(a_key(), now=now, **names)))


@pytest.mark.parametrize("kind", ["dpop+jwt", "at+jwt", "logout+jwt", 1])
def test_a_token_of_another_kind_is_no_statement(now: datetime, kind: Any) -> None:
    key = a_key()
    with pytest.raises(ProtocolError, match="typ"):
        check(an_assertion(key, now=now, header={"typ": kind}), key, now)


def test_a_foreign_key_does_not_count_wherever_it_is_named(now: datetime) -> None:
    key, foreign = a_key(), a_key()
    known = {"kid": key.kid}
    injected = {"jwk": foreign.as_dict(private=False), "jku": "https://evil.example/jwks", "kid": foreign.kid}
    for header in (known, injected, {**known, **{"jwk": injected["jwk"]}}, {"kid": None}, {"kid": "../../etc/passwd"}):
        with pytest.raises(ProtocolError):
            check(an_assertion(foreign, now=now, header=header), key, now)
    with pytest.raises(ProtocolError):  # a kid is a claim about the key, true or not at all
        check(an_assertion(key, now=now, header={"kid": "another"}), key, now)
    assert check(an_assertion(key, now=now, header={"kid": None}), key, now)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_no_signature_or_one_with_the_public_key_is_refused(now: datetime, algorithm: str) -> None:
    key = a_key("PS256")
    claims = {"iss": "a-service", "sub": "a-service", "aud": ISSUER}
    with pytest.raises(ProtocolError, match="algorithm"):
        check(signed(key, claims, {"alg": algorithm, "kid": key.kid}), key, now)


def test_a_registered_algorithm_is_the_only_one(now: datetime) -> None:
    key = a_key()
    with pytest.raises(ProtocolError, match="algorithm"):
        check(an_assertion(key, now=now), key, now, a_client(algorithm="PS256"))


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d.e", "e30.e30.", "bnVsbA.e30.x", "é.é.é", "x" * 20_000])
def test_what_is_no_jwt_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        client_assertion.named(client_assertion.read(text))


@pytest.mark.parametrize(("registered", "used"), [("EdDSA", "Ed25519"), ("Ed25519", "EdDSA")])
def test_a_registered_algorithm_is_read_under_both_its_names(now: datetime, registered: str, used: str) -> None:
    key, client = a_key("Ed25519"), a_client(algorithm=registered)
    assert check(an_assertion(key, now=now, header={"alg": used}), key, now, client)
    with pytest.raises(ProtocolError, match="invalid_client"):
        other = a_key("ES256")
        check(an_assertion(other, now=now, header={"alg": "ES256"}), other, now, client)
