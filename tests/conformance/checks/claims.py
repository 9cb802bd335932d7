"""Scopes and single claims: what they release, where, and what they cannot."""

from __future__ import annotations

import json
from typing import Any

from tests.conformance.registry import check, refused_somehow, sent_back, with_code
from tests.conformance.subject import Subject


def _userinfo(at: Subject, **asked: Any) -> dict[str, Any]:
    party = at.party()
    answer = party.userinfo(party.tokens(**asked)["access_token"])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@check
def the_scope_profile_releases_the_name(at: Subject) -> None:
    """Core 1.0 section 5.4."""
    assert _userinfo(at, scope="openid profile")["name"]


@check
def the_scope_phone_releases_the_number(at: Subject) -> None:
    """Core 1.0 section 5.4."""
    found = _userinfo(at, scope="openid phone")
    assert found["phone_number"].startswith("+") and found["phone_number_verified"] is True


@check
def no_scope_no_claim(at: Subject) -> None:
    """Core 1.0 section 5.4: only what was requested."""
    found = _userinfo(at, scope="openid")
    assert not {"name", "birthdate", "phone_number", "address"} & found.keys()


@check
def a_single_claim_can_be_asked_for_userinfo(at: Subject) -> None:
    """Core 1.0 section 5.5."""
    at.needs("claims_parameter_supported", True)
    found = _userinfo(at, scope="openid", claims=json.dumps({"userinfo": {"name": {"essential": True}}}))
    assert found["name"] and "phone_number" not in found


@check
def a_single_claim_can_be_asked_for_the_id_token(at: Subject) -> None:
    """Core 1.0 section 5.5."""
    at.needs("claims_parameter_supported", True)
    party = at.party()
    asked = json.dumps({"id_token": {"name": None, "auth_time": {"essential": True}}})
    claims = party.read(party.tokens(scope="openid", claims=asked)["id_token"])
    assert claims["name"] and isinstance(claims["auth_time"], int)


@check
def a_claim_that_nobody_knows_is_left_out(at: Subject) -> None:
    """Core 1.0 section 5.5: not an error, even if essential."""
    found = _userinfo(at, scope="openid", claims=json.dumps({"userinfo": {"shoe_size": {"essential": True}}}))
    assert "shoe_size" not in found


@check
def claims_that_cannot_be_read_are_refused(at: Subject) -> None:
    """Core 1.0 section 5.5: a JSON object."""
    for value in ("{", "[]", '"text"', '{"userinfo": 5}', '{"id_token": {"name": 5}}'):
        refused_somehow(at.party().authorize(at.friend(), claims=value), "invalid_request")


@check
def another_subject_than_the_one_asked_gets_no_code(at: Subject) -> None:
    """Core 1.0 section 5.5.1: a specific sub."""
    asked = json.dumps({"id_token": {"sub": {"value": "somebody else"}}})
    landing = at.party().authorize(at.friend(), claims=asked, prompt="none")
    sent_back(landing, "login_required", "access_denied", "interaction_required")


@check
def an_acr_that_is_met_is_said(at: Subject) -> None:
    """Core 1.0 sections 5.5.1.1 and 3.1.2.1."""
    acr = at.document["acr_values_supported"][-1]
    claims = at.party().read(at.party().tokens(acr_values=acr)["id_token"])
    assert claims["acr"] == acr


@check
def an_essential_acr_out_of_reach_is_an_error(at: Subject) -> None:
    """Core 1.0 section 5.5.1.1, Unmet Authentication Requirements section 3."""
    asked = json.dumps({"id_token": {"acr": {"essential": True, "values": ["urn:nobody:reaches:this"]}}})
    landing = at.party().authorize(at.friend(), claims=asked)
    sent_back(landing, "unmet_authentication_requirements", "access_denied")


@check
def a_voluntary_acr_out_of_reach_is_no_error(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: acr_values is a voluntary claim."""
    with_code(at.party().authorize(at.friend(), acr_values="urn:nobody:reaches:this"))


@check
def how_one_signed_in_is_said(at: Subject) -> None:
    """RFC 8176 section 1, Core 1.0 section 2."""
    claims = at.party().read(at.party().tokens()["id_token"])
    assert set(claims["amr"]) >= {"pwd", "otp"}
