"""What tokens say, what they open, and how they end."""

from __future__ import annotations

import time

import requests

from tests.conformance.party import fresh, s256
from tests.conformance.registry import check, refused
from tests.conformance.subject import Subject


@check
def an_id_token_can_be_verified(at: Subject) -> None:
    """Core 1.0 sections 2 and 3.1.3.7: iss, aud, exp, iat, signature by the registered algorithm."""
    nonce = fresh()
    at.party().read(at.party().tokens(nonce=nonce)["id_token"], nonce=nonce)


@check
def the_audience_is_this_client_alone(at: Subject) -> None:
    """Core 1.0 section 2."""
    claims = at.party().read(at.party().tokens()["id_token"])
    assert claims["aud"] in (at.party().client_id, [at.party().client_id])
    assert claims.get("azp", at.party().client_id) == at.party().client_id


@check
def the_nonce_comes_back_unchanged(at: Subject) -> None:
    """Core 1.0 section 3.1.3.7, item 11."""
    tokens = at.party().tokens(nonce="a nonce with = and + and space")
    assert at.party().read(tokens["id_token"])["nonce"] == "a nonce with = and + and space"


@check
def the_subject_is_short_and_the_same_every_time(at: Subject) -> None:
    """Core 1.0 section 2: at most 255 ASCII characters, never reassigned."""
    first, second = (at.party().read(at.party().tokens()["id_token"])["sub"] for _ in range(2))
    assert first == second and first.isascii() and 0 < len(first) <= 255


@check
def the_subject_is_no_number_of_the_person(at: Subject) -> None:
    """Core 1.0 section 17.3: a subject that says nothing of the person."""
    sub = at.party().read(at.party().tokens()["id_token"])["sub"]
    assert not any(person.login in sub for person in at.people)


@check
def the_hash_of_the_access_token_is_right(at: Subject) -> None:
    """Core 1.0 section 3.1.3.6."""
    import base64
    import hashlib

    tokens = at.party().tokens()
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    expected = base64.urlsafe_b64encode(half).decode().rstrip("=")
    assert at.party().read(tokens["id_token"])["at_hash"] == expected


@check
def an_id_token_does_not_live_for_ever(at: Subject) -> None:
    """Core 1.0 section 2."""
    claims = at.party().read(at.party().tokens()["id_token"])
    assert time.time() < claims["exp"] <= time.time() + 24 * 3600
    assert claims["iat"] <= time.time() + 5


@check
def es256_is_used_when_it_is_registered(at: Subject) -> None:
    """Registration 1.0 section 2: id_token_signed_response_alg."""
    at.needs("id_token_signing_alg_values_supported", "ES256")
    party = at.register(id_token_signed_response_alg="ES256")
    assert party.read(party.tokens()["id_token"])["sub"]


@check
def userinfo_is_about_the_same_person(at: Subject) -> None:
    """Core 1.0 section 5.3.2: sub MUST be the same."""
    tokens = at.party().tokens()
    answer = at.party().userinfo(tokens["access_token"])
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("application/json")
    assert answer.json()["sub"] == at.party().read(tokens["id_token"])["sub"]


@check
def userinfo_may_be_posted_with_the_token_in_the_header(at: Subject) -> None:
    """Core 1.0 section 5.3.1."""
    assert at.party().userinfo(at.party().tokens()["access_token"], method="POST").status_code == 200


@check
def userinfo_may_be_posted_with_the_token_in_the_body(at: Subject) -> None:
    """RFC 6750 section 2.2."""
    form = {"access_token": at.party().tokens()["access_token"]}
    assert at.web.post(at.address("userinfo_endpoint"), data=form, timeout=20).status_code == 200


@check
def a_token_in_the_address_opens_nothing(at: Subject) -> None:
    """RFC 9700 section 4.3.2: not in the query."""
    token = at.party().tokens()["access_token"]
    assert at.web.get(at.address("userinfo_endpoint"), params={"access_token": token}, timeout=20).status_code == 401


@check
def userinfo_asks_for_a_token(at: Subject) -> None:
    """RFC 6750 section 3."""
    answer = at.web.get(at.address("userinfo_endpoint"), timeout=20)
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith(("Bearer", "DPoP"))


@check
def an_invented_token_opens_nothing(at: Subject) -> None:
    """RFC 6750 section 3.1."""
    answer = at.party().userinfo("invented")
    assert answer.status_code == 401 and "invalid_token" in answer.headers["WWW-Authenticate"]


@check
def an_id_token_is_no_access_token(at: Subject) -> None:
    """Core 1.0 section 5.3: an Access Token."""
    assert at.party().userinfo(at.party().tokens()["id_token"]).status_code == 401


def _offline(at: Subject) -> dict[str, str]:
    found: dict[str, str] = at.party().tokens(scope="openid profile offline_access", prompt="consent")
    return found


@check
def a_refresh_token_buys_new_tokens(at: Subject) -> None:
    """RFC 6749 section 6, Core 1.0 section 12.2."""
    first = _offline(at)
    answer = at.party().refresh(first["refresh_token"])
    assert answer.status_code == 200, answer.text
    before, after = at.party().read(first["id_token"]), at.party().read(answer.json()["id_token"])
    assert all(before[name] == after[name] for name in ("iss", "sub", "aud", "auth_time"))
    assert at.party().userinfo(answer.json()["access_token"]).status_code == 200


@check
def a_refresh_token_of_another_client_is_refused(at: Subject) -> None:
    """RFC 6749 section 10.4."""
    refused(at.other().refresh(_offline(at)["refresh_token"]), "invalid_grant")


@check
def a_refresh_cannot_widen_the_scope(at: Subject) -> None:
    """RFC 6749 section 6."""
    refused(at.party().refresh(_offline(at)["refresh_token"], scope="openid profile phone"), "invalid_scope")


@check
def a_refresh_token_that_was_replaced_ends_its_family(at: Subject) -> None:
    """RFC 9700 section 4.14.2."""
    first = _offline(at)["refresh_token"]
    second = at.party().refresh(first).json()["refresh_token"]
    assert second != first
    third = at.party().refresh(second).json()["refresh_token"]
    refused(at.party().refresh(first), "invalid_grant")
    refused(at.party().refresh(third), "invalid_grant")


@check
def a_revoked_access_token_opens_nothing(at: Subject) -> None:
    """RFC 7009 section 2."""
    token = at.party().tokens()["access_token"]
    assert at.party().post("revocation_endpoint", {"token": token}).status_code == 200
    assert at.party().userinfo(token).status_code == 401


@check
def a_revoked_refresh_token_takes_its_access_tokens_along(at: Subject) -> None:
    """RFC 7009 section 2.1."""
    tokens = _offline(at)
    form = {"token": tokens["refresh_token"], "token_type_hint": "refresh_token"}
    assert at.party().post("revocation_endpoint", form).status_code == 200
    refused(at.party().refresh(tokens["refresh_token"]), "invalid_grant")
    assert at.party().userinfo(tokens["access_token"]).status_code == 401


@check
def revoking_what_nobody_knows_is_no_error(at: Subject) -> None:
    """RFC 7009 section 2.2."""
    assert at.party().post("revocation_endpoint", {"token": "nobody knows this"}).status_code == 200


@check
def another_client_cannot_revoke(at: Subject) -> None:
    """RFC 7009 section 2.1."""
    token = at.party().tokens()["access_token"]
    at.other().post("revocation_endpoint", {"token": token})
    assert at.party().userinfo(token).status_code == 200


def _described(answer: requests.Response) -> dict[str, object]:
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


@check
def a_token_is_described_to_its_client(at: Subject) -> None:
    """RFC 7662 section 2.2."""
    token = at.party().tokens()["access_token"]
    found = _described(at.party().post("introspection_endpoint", {"token": token}))
    assert found["active"] is True and found["client_id"] == at.party().client_id
    assert "openid" in str(found["scope"]).split()


@check
def a_token_is_not_described_to_somebody_else(at: Subject) -> None:
    """RFC 7662 section 2.2: no more than `active` false."""
    token = at.party().tokens()["access_token"]
    assert _described(at.other().post("introspection_endpoint", {"token": token})) == {"active": False}


@check
def an_invented_token_is_not_active(at: Subject) -> None:
    """RFC 7662 section 2.2."""
    assert _described(at.party().post("introspection_endpoint", {"token": "invented"})) == {"active": False}


@check
def introspection_asks_who_calls(at: Subject) -> None:
    """RFC 7662 section 2.1."""
    token = at.party().tokens()["access_token"]
    answer = at.web.post(at.address("introspection_endpoint"), data={"token": token}, timeout=20)
    assert answer.status_code in {400, 401} and "active" not in answer.json()


@check
def two_tokens_are_never_the_same(at: Subject) -> None:
    """RFC 6749 section 10.10: not guessable."""
    tokens = {at.party().tokens()["access_token"] for _ in range(3)}
    assert len(tokens) == 3 and all(len(token) >= 22 for token in tokens)
    assert len({s256(token) for token in tokens}) == 3
