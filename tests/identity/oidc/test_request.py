"""The authorization request is read once and fails closed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.oidc.clients import Client, Profile
from identity.oidc.errors import NoWayBack, ProtocolError
from identity.oidc.prompts import Situation, Visitor, next_prompt
from identity.oidc.request import KNOWN, AuthorizationRequest, Origin, read
from tests.identity.oidc.making import CALLBACK, CHALLENGE, wish

CLIENT = Client(
    id=uuid4(),
    client_id="a-service",
    profile=Profile.STANDARD,
    auth_method="client_secret_basic",
    secret_digest=b"",
    name={"vi": "Dịch vụ thử"},
    purpose={},
    home="",
    contact="",
    redirect_uris=(CALLBACK,),
    post_logout_redirect_uris=(),
    grant_types=("authorization_code", "refresh_token"),
    scopes=("openid", "profile", "phone"),
    items={"name": {"need": "required"}, "phone_number": {"need": "optional"}, "ial": {"need": "required"}},
    subject_type="pairwise",
    sector="service.example",
    pkce_required=True,
    least_aal=2,
    resources=("https://api.example/", "https://other-api.example/v1"),
)
FAPI2 = replace(CLIENT, profile=Profile.FAPI2, auth_method="private_key_jwt")
IN_ADDRESS, PUSHED = Origin(), Origin("pushed")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HINTS = {"ours": {"sub": "s1", "aud": "a-service"}, "of another": {"sub": "s1", "aud": "another"}}


def ask(
    client: Client = CLIENT,
    extra: dict[str, list[str]] | None = None,
    origin: Origin = IN_ADDRESS,
    **changes: str,
) -> AuthorizationRequest:
    sent = {name: [value] for name, value in wish(**changes).items()} | (extra or {})
    return read(sent, find_client={client.client_id: client}.get, read_id_token=HINTS.get, origin=origin)


def test_a_usual_request_is_understood() -> None:
    asked = ask(prompt="login consent", max_age="0", acr_values="urn:vn:eid:aal:1", ui_locales="en vi ../x")
    assert asked.scopes == ("openid", "profile")
    assert asked.items == {"name", "ial"}
    assert (asked.max_age, asked.prompts, asked.least_aal) == (0, {"login", "consent"}, 1)
    assert asked.ui_locales == ("en", "vi")
    assert asked.way_back.state == "a state"


def test_without_a_word_about_it_level_two_is_asked() -> None:
    assert ask().least_aal == 2


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": "openid identity"}, "invalid_scope"),
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:-1]}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "bogus"}, "invalid_request"),
        ({"prompt": "none create"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"display": "hologram"}, "invalid_request"),
        ({"nonce": "a\0b"}, "invalid_request"),
        ({"nonce": "n" * 513}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"claims": '{"userinfo": 1}'}, "invalid_request"),
        ({"claims": '{"id_token": {"acr": "high"}}'}, "invalid_request"),
        ({"claims": '{"id_token": {"acr": {"values": [1]}}}'}, "invalid_request"),
        ({"claims": '{"id_token": {"acr": {"essential": "true", "value": "urn:vn:eid:aal:3"}}}'}, "invalid_request"),
        ({"id_token_hint": "nonsense"}, "invalid_request"),
        ({"id_token_hint": "of another"}, "invalid_request"),
        ({"request": "eyJ"}, "invalid_request"),
        ({"request_uri": "https://x"}, "invalid_request"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"resource": "https://other.example/"}, "invalid_target"),
        ({"resource": "https://api.example/#part"}, "invalid_target"),
        ({"resource": "api.example"}, "invalid_target"),
        ({"authorization_details": "[]"}, "invalid_authorization_details"),
        ({"dpop_jkt": "x"}, "invalid_request"),
        ({"login_hint": "x" * 8001}, "invalid_request"),
    ],
)
def test_what_is_not_understood_is_refused_to_the_client(changes: dict[str, str], error: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        ask(**changes)
    assert caught.value.error == error
    assert caught.value.rule
    assert caught.value.way_back is not None
    assert caught.value.way_back.state == "a state"


@pytest.mark.parametrize("name", sorted(KNOWN - {"client_id", "redirect_uri", "resource"}))
def test_a_parameter_sent_twice_is_refused(name: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        ask(extra={name: ["a", "a"]})
    assert caught.value.error == "invalid_request"


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ({"client_id": []}, "client-missing"),
        ({"client_id": ["nobody"]}, "client-unknown"),
        ({"client_id": ["a-service", "a-service"]}, "parameter-twice"),
        ({"redirect_uri": []}, "address-missing"),
        ({"redirect_uri": [CALLBACK + "/"]}, "address-not-registered"),
        ({"redirect_uri": [CALLBACK + "?x=1"]}, "address-not-registered"),
        ({"redirect_uri": [CALLBACK, "https://evil.example"]}, "parameter-twice"),
    ],
)
def test_nobody_is_redirected_to_an_unproven_address(extra: dict[str, list[str]], reason: str) -> None:
    with pytest.raises(NoWayBack) as caught:
        ask(extra=extra | {"prompt": ["bogus"]})
    assert caught.value.reason == reason


def test_pkce_can_be_waived_for_a_client_but_plain_never_passes() -> None:
    waived = replace(CLIENT, pkce_required=False)
    assert ask(waived, code_challenge="", code_challenge_method="").code_challenge is None
    with pytest.raises(ProtocolError):
        ask(waived, code_challenge_method="plain")


def test_without_a_word_the_registered_age_and_level_count() -> None:
    settled = replace(CLIENT, default_max_age=300, default_acr_values=("urn:vn:eid:aal:1",))
    assert (ask(settled).max_age, ask(settled).least_aal) == (300, 1)
    spoken = ask(settled, max_age="0", acr_values="urn:vn:eid:aal:2")
    assert (spoken.max_age, spoken.least_aal) == (0, 2)


def test_registered_resources_may_be_asked_several_at_once() -> None:
    both = ["https://api.example/", "https://other-api.example/v1"]
    assert ask(extra={"resource": both}).resources == tuple(both)
    with pytest.raises(ProtocolError) as caught:
        ask(extra={"resource": [*both, "https://api.example"]})
    assert caught.value.error == "invalid_target"


def test_the_key_of_the_code_and_the_response_mode_are_kept() -> None:
    asked = ask(dpop_jkt=CHALLENGE, response_mode="form_post", display="popup")
    assert (asked.dpop_jkt, asked.response_mode, asked.display) == (CHALLENGE, "form_post", "popup")
    assert ask().response_mode == "query"


def test_an_error_goes_back_in_the_mode_that_was_asked() -> None:
    for mode, answered in (("form_post", "form_post"), ("fragment", "query")):
        with pytest.raises(ProtocolError) as caught:
            ask(response_mode=mode, scope="profile")
        assert caught.value.way_back
        assert caught.value.way_back.mode == answered


def test_a_fapi_client_pushes_and_proves_every_request() -> None:
    assert ask(FAPI2, origin=PUSHED).request_source == "pushed"
    for origin in (Origin(), Origin("object", is_signed=True)):
        with pytest.raises(ProtocolError) as caught:
            ask(FAPI2, origin=origin)
        assert caught.value.error == "invalid_request"
    with pytest.raises(ProtocolError):
        ask(replace(FAPI2, pkce_required=False), origin=PUSHED, code_challenge="", code_challenge_method="")


def test_a_client_can_be_held_to_pushing_and_to_signing() -> None:
    pushing = replace(CLIENT, require_pushed_authorization_requests=True)
    signing = replace(CLIENT, require_signed_request_object=True)
    assert ask(pushing, origin=PUSHED)
    assert ask(signing, origin=Origin("pushed", is_signed=True))
    for client, origin in ((pushing, Origin("object", is_signed=True)), (signing, PUSHED), (signing, Origin())):
        with pytest.raises(ProtocolError):
            ask(client, origin=origin)


def test_a_machine_cannot_ask_for_people() -> None:
    with pytest.raises(ProtocolError) as caught:
        ask(replace(CLIENT, grant_types=("client_credentials",)))
    assert caught.value.error == "unauthorized_client"


def test_unknown_scopes_and_parameters_are_ignored() -> None:
    asked = ask(scope="openid email profile", utm_source="mail")
    assert asked.scopes == ("openid", "profile")


def test_single_claims_are_asked_within_what_the_client_may_have() -> None:
    claims = {"userinfo": {"phone_number": None, "address": None}, "id_token": {"name": {"essential": True}}}
    asked = ask(scope="openid", claims=json.dumps(claims))
    assert asked.userinfo_items == {"ial", "phone_number"}
    assert asked.id_token_items == {"name"}


def test_an_essential_level_replaces_the_wished_one() -> None:
    claims = {"id_token": {"acr": {"essential": True, "values": ["urn:vn:eid:aal:1"]}}}
    asked = ask(claims=json.dumps(claims), acr_values="urn:vn:eid:aal:2")
    assert asked.acr_essential
    assert asked.acr_values == ("urn:vn:eid:aal:1",)


def test_a_hint_and_a_demanded_subject_are_both_kept() -> None:
    claims = {"id_token": {"sub": {"value": "s2"}}}
    assert ask(id_token_hint="ours").meant_subjects == ({"s1"},)
    assert ask(id_token_hint="ours", claims=json.dumps(claims)).meant_subjects == ({"s1"}, {"s2"})


def test_a_demand_may_name_several_subjects_of_whom_one_has_to_come() -> None:
    """OpenID Connect Core section 5.5.1: `values` is any of a set."""
    claims = {"id_token": {"sub": {"values": ["s1", "s2"]}}, "userinfo": {"sub": {"value": "s2"}}}
    asked = ask(claims=json.dumps(claims))
    assert set(asked.meant_subjects) == {frozenset({"s1", "s2"}), frozenset({"s2"})}
    visitor = Visitor(uuid4(), uuid4(), uuid4(), NOW, 2, ("pwd",))
    for subject, is_right in (("s1", False), ("s2", True), ("s3", False), (None, False)):
        check = next_prompt(Situation(asked, visitor, subject, frozenset(), None, NOW))
        assert (check and check.reason) == (None if is_right else "another-person-meant"), subject


json_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["userinfo", "id_token", "acr", "sub", "values", "value", "essential"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
texts = st.text(max_size=40) | st.sampled_from([*wish().values(), "none", "login", "S256", "0", "ours"])
values = st.lists(texts | json_values.map(json.dumps), max_size=2)


@given(st.dictionaries(st.sampled_from(sorted(KNOWN)) | st.text(max_size=5), values), st.booleans())
def test_whatever_is_sent_is_understood_or_refused_by_name(sent: dict[str, list[str]], whole: bool) -> None:
    base = {name: [value] for name, value in wish().items()} if whole else {}
    try:
        asked = read(base | sent, find_client={"a-service": CLIENT}.get, read_id_token=HINTS.get)
    except NoWayBack:
        return
    except ProtocolError as error:
        assert error.way_back is not None
        assert error.way_back.redirect_uri == CALLBACK
        return
    assert asked.way_back.redirect_uri == CALLBACK
    assert asked.code_challenge is not None
    assert "openid" in asked.scopes
    assert asked.items <= CLIENT.items.keys()
