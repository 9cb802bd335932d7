"""Dynamic registration (RFC 7591, RFC 7592, OpenID Connect Registration 1.0)."""

from __future__ import annotations

from typing import Any

import requests

from tests.conformance.registry import check, refused
from tests.conformance.subject import CALLBACK, Subject, a_key

METADATA = ("invalid_client_metadata",)
ADDRESS = ("invalid_redirect_uri", "invalid_client_metadata")


@check
def a_service_registers_itself(at: Subject) -> None:
    """Registration 1.0 section 3.2, RFC 7591 section 3.2.1."""
    answer = at.try_register(redirect_uris=[CALLBACK])
    assert answer.status_code == 201 and "no-store" in answer.headers["Cache-Control"]
    told = answer.json()
    assert told["client_id"] and told["client_secret"] and told["client_secret_expires_at"] == 0
    assert told["redirect_uris"] == [CALLBACK]


@check
def what_was_registered_is_said_back(at: Subject) -> None:
    """RFC 7591 section 3.2.1: all registered metadata."""
    said: dict[str, Any] = {
        "id_token_signed_response_alg": "ES256",
        "token_endpoint_auth_method": "client_secret_post",
        "contacts": ["help@service.example"],
        "client_uri": "https://service.example/",
        "policy_uri": "https://service.example/policy",
        "tos_uri": "https://service.example/terms",
        "default_max_age": 3600,
        "require_auth_time": True,
    }
    told = at.try_register(**said).json()
    assert {name: told.get(name) for name in said} == said


@check
def the_usual_choices_are_made(at: Subject) -> None:
    """Registration 1.0 section 2: defaults."""
    told = at.try_register(grant_types=None, response_types=None).json()
    assert told["grant_types"] == ["authorization_code"] and told["response_types"] == ["code"]
    assert told["token_endpoint_auth_method"] == "client_secret_basic"
    assert told["id_token_signed_response_alg"] == "RS256"


@check
def metadata_that_nobody_knows_is_ignored(at: Subject) -> None:
    """RFC 7591 section 2: MUST ignore."""
    answer = at.try_register(something_nobody_knows="here")
    assert answer.status_code == 201 and "something_nobody_knows" not in answer.json()


@check
def names_are_kept_by_language(at: Subject) -> None:
    """Registration 1.0 section 2.1."""
    answer = at.try_register(**{"client_name": "A service", "client_name#vi": "Một dịch vụ"})
    assert answer.status_code == 201 and answer.json()["client_name#vi"] == "Một dịch vụ"


@check
def an_address_is_needed(at: Subject) -> None:
    """Registration 1.0 section 2: redirect_uris REQUIRED."""
    for addresses in (None, []):
        refused(at.try_register(redirect_uris=addresses), *ADDRESS)


@check
def an_unsafe_address_is_refused(at: Subject) -> None:
    """Registration 1.0 section 2, RFC 6749 section 3.1.2: no fragment; https for web clients."""
    bad = ("https://service.example/#part", "http://service.example/", "javascript:alert(1)", "/callback", "not one")
    for address in (*bad, "https://user@service.example/"):
        refused(at.try_register(redirect_uris=[address]), *ADDRESS)


@check
def another_address_than_a_list_is_refused(at: Subject) -> None:
    """RFC 7591 section 2: an array of strings."""
    for addresses in ("https://service.example/", 5, [5], {"a": "b"}):
        refused(at.try_register(redirect_uris=addresses), *ADDRESS)


@check
def grants_and_response_types_must_fit(at: Subject) -> None:
    """RFC 7591 section 2.1."""
    refused(at.try_register(grant_types=["implicit"], response_types=["token"]), *METADATA)
    refused(at.try_register(grant_types=["refresh_token"], response_types=["code"]), *METADATA)


@check
def a_way_to_authenticate_that_nobody_knows_is_refused(at: Subject) -> None:
    """RFC 7591 section 3.2.2."""
    refused(at.try_register(token_endpoint_auth_method="telepathy"), *METADATA)


@check
def an_algorithm_that_is_not_offered_is_refused(at: Subject) -> None:
    """RFC 7591 section 3.2.2, Registration 1.0 section 2: none only without ID tokens from the code flow."""
    for alg in ("none", "HS999", "RS1"):
        refused(at.try_register(id_token_signed_response_alg=alg), *METADATA)


@check
def keys_come_in_one_way_only(at: Subject) -> None:
    """Registration 1.0 section 2: jwks_uri and jwks MUST NOT be used together."""
    keys = {"keys": [a_key("one").as_dict(private=False)]}
    refused(at.try_register(jwks=keys, jwks_uri="https://service.example/keys"), *METADATA)


@check
def a_private_key_is_refused(at: Subject) -> None:
    """Registration 1.0 section 2: the client's public keys."""
    refused(at.try_register(jwks={"keys": [a_key("one").as_dict(private=True)]}), *METADATA)


@check
def a_signing_client_needs_a_key(at: Subject) -> None:
    """RFC 7591 section 2: private_key_jwt without keys cannot work."""
    refused(at.try_register(token_endpoint_auth_method="private_key_jwt"), *METADATA)


@check
def addresses_for_people_must_be_web_addresses(at: Subject) -> None:
    """Registration 1.0 section 2: shown to the End-User."""
    for name in ("client_uri", "policy_uri", "tos_uri", "logo_uri"):
        refused(at.try_register(**{name: "javascript:alert(1)"}), *METADATA)


@check
def what_is_no_object_is_refused(at: Subject) -> None:
    """RFC 7591 section 3.1: a JSON object."""
    url = at.address("registration_endpoint")
    for body in (b"[]", b"{", b"null", b'"text"', b"\xff\xfe"):
        answer = at.web.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=20)
        assert 400 <= answer.status_code < 500, answer.status_code


def _manage(at: Subject, method: str, told: dict[str, Any], token: str = "", **body: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {token or told['registration_access_token']}"}
    json = body or None
    return at.web.request(method, told["registration_client_uri"], headers=headers, json=json, timeout=20)


@check
def a_registration_can_be_read(at: Subject) -> None:
    """RFC 7592 section 2.1."""
    told = at.register().told
    answer = _manage(at, "GET", told)
    assert answer.status_code == 200, answer.text
    assert answer.json()["client_id"] == told["client_id"]
    assert answer.json()["redirect_uris"] == told["redirect_uris"]


@check
def a_registration_is_closed_to_others(at: Subject) -> None:
    """RFC 7592 section 2.1, RFC 6750 section 3."""
    first, second = at.register().told, at.register().told
    for token in ("invented", second["registration_access_token"]):
        assert _manage(at, "GET", first, token).status_code == 401
    assert at.web.get(first["registration_client_uri"], timeout=20).status_code == 401


@check
def a_registration_can_be_changed(at: Subject) -> None:
    """RFC 7592 section 2.2."""
    told = at.register().told
    wanted = {"client_id": told["client_id"], "redirect_uris": ["https://service.example/moved"]}
    answer = _manage(at, "PUT", told, **wanted, client_name="Moved")
    assert answer.status_code == 200, answer.text
    assert answer.json()["redirect_uris"] == ["https://service.example/moved"]


@check
def a_change_is_checked_like_a_registration(at: Subject) -> None:
    """RFC 7592 section 2.2."""
    told = at.register().told
    refused(_manage(at, "PUT", told, client_id=told["client_id"], redirect_uris=["http://a.example/"]), *ADDRESS)


@check
def a_deleted_service_is_nobody(at: Subject) -> None:
    """RFC 7592 section 2.3."""
    party = at.register()
    assert _manage(at, "DELETE", party.told).status_code == 204
    assert _manage(at, "GET", party.told).status_code == 401
    refused(party.redeem("any", auth="client_secret_basic"), "invalid_client", status=(401,))
