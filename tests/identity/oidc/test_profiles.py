"""What each profile holds its clients to where they register; the flow reads the same table."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey
from sqlalchemy.orm import Session

from identity.base import Refused
from identity.oidc.keys import SIGNING
from identity.oidc.profiles import (
    CLIENT_ALGORITHMS,
    PUBLIC,
    RULES,
    SECRET_METHODS,
    Profile,
    auth_methods,
    grant_types,
    signing_algorithms,
)
from tests.identity.oidc.making import a_service

JWKS = {"keys": [ECKey.generate_key("P-256").as_dict(private=False)]}
BASICS: dict[Profile, dict[str, Any]] = {
    Profile.FAPI2: {"auth_method": "private_key_jwt", "jwks": JWKS},
    Profile.STANDARD: {},
    Profile.MACHINE: {"redirect_uris": (), "scopes": ("statistics",), "items": {}},
}
NEEDS: dict[str, dict[str, Any]] = {
    "private_key_jwt": {"jwks": JWKS},
    "self_signed_tls_client_auth": {"jwks": JWKS},
    "tls_client_auth": {"tls_client_auth_san_dns": "service.example"},
}


def combinations(kind: str) -> list[tuple[Profile, str, bool]]:
    """Every profile with everything that any profile knows, and whether it is its own."""
    every = {"method": auth_methods(), "grant": grant_types(), "algorithm": signing_algorithms()}[kind]
    own = {
        profile: {"method": rules.auth_methods, "grant": rules.grants, "algorithm": rules.algorithms}[kind]
        for profile, rules in RULES.items()
    }
    return [(profile, one, one in mine) for profile, mine in own.items() for one in every]


def is_taken(db: Session, now: datetime, profile: Profile, **said: Any) -> bool:
    try:
        a_service(db, now=now, profile=profile, **{**BASICS[profile], **said})
    except Refused:
        return False
    return True


@pytest.mark.parametrize(("profile", "method", "is_own"), combinations("method"))
def test_a_client_shows_itself_as_its_profile_allows(
    db: Session, now: datetime, profile: Profile, method: str, is_own: bool
) -> None:
    said = {"jwks": None, "auth_method": method, **NEEDS.get(method, {})}
    assert is_taken(db, now, profile, **said) is is_own


@pytest.mark.parametrize(("profile", "grant", "is_own"), combinations("grant"))
def test_a_client_has_the_grants_of_its_profile(
    db: Session, now: datetime, profile: Profile, grant: str, is_own: bool
) -> None:
    assert is_taken(db, now, profile, grant_types=(grant,)) is is_own


@pytest.mark.parametrize(("profile", "algorithm", "is_own"), combinations("algorithm"))
def test_a_client_reads_what_its_profile_signs_with(
    db: Session, now: datetime, profile: Profile, algorithm: str, is_own: bool
) -> None:
    assert is_taken(db, now, profile, id_token_signed_response_alg=algorithm) is is_own
    assert is_taken(db, now, profile, client_id="other", userinfo_signed_response_alg=algorithm) is is_own


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS512", "ES384", "es256"])
def test_nobody_is_answered_with_a_weak_or_unknown_algorithm(
    db: Session, now: datetime, profile: Profile, algorithm: str
) -> None:
    for member in ("id_token_signed_response_alg", "userinfo_signed_response_alg", "token_endpoint_auth_signing_alg"):
        assert not is_taken(db, now, profile, **{member: algorithm})


def test_fapi_is_the_strict_one() -> None:
    """FAPI 2.0 Security Profile sections 5.3.2.1 and 5.4.1."""
    rules = RULES[Profile.FAPI2]
    assert (rules.pushed_only, rules.pkce, rules.sender_constrained, rules.rotate_refresh) == (
        True,
        "always",
        True,
        False,
    )
    assert not {*SECRET_METHODS, PUBLIC} & set(rules.auth_methods)
    assert set(rules.algorithms) == {"ES256", "PS256", "EdDSA"}
    assert rules.code_life <= timedelta(seconds=60)


def test_pkce_cannot_be_waived_where_it_is_always_asked(db: Session, now: datetime) -> None:
    client = a_service(db, now=now, profile=Profile.FAPI2, pkce_required=False, **BASICS[Profile.FAPI2])
    assert client.pkce_required
    assert not a_service(db, now=now, client_id="waived", pkce_required=False).pkce_required


def test_every_algorithm_of_a_profile_has_keys() -> None:
    assert set(signing_algorithms()) <= set(SIGNING)
    assert "none" not in CLIENT_ALGORITHMS
