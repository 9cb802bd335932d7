"""Telling services that a session is over (Back-Channel Logout 1.0)."""

from __future__ import annotations

import time
from typing import Any

from joserfc import jws, jwt

from tests.conformance.pages import Resident
from tests.conformance.party import ALGORITHMS, Party
from tests.conformance.registry import check
from tests.conformance.subject import Subject

EVENT = "http://schemas.openid.net/event/backchannel-logout"
AFTER = "https://service.example/signed-out"


def _party(at: Subject, **metadata: Any) -> tuple[Party, str]:
    """A service that is told, and the path where."""
    at.needs("backchannel_logout_supported", True)
    path = f"/logout-{next(at.numbers)}"
    told = {"backchannel_logout_uri": at.place().url + path, "post_logout_redirect_uris": [AFTER]}
    return at.register(**told, **metadata), path


def _signed_out(at: Subject, party: Party, somebody: Resident) -> dict[str, Any]:
    """Sign in to the service and out again; the claims of the ID token."""
    from urllib.parse import urlencode

    hint = party.tokens(somebody)["id_token"]
    wish = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": AFTER})
    assert somebody.visit(f"{at.address('end_session_endpoint')}?{wish}").url == AFTER
    return party.read(hint)


def _token(at: Subject, path: str) -> str:
    posted = at.place().wait_for(path)
    assert posted, "no logout token arrived"
    return posted[0]["logout_token"]


def _claims(at: Subject, token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, at.keys(), algorithms=ALGORITHMS).claims)


@check
def a_service_is_told_that_the_session_is_over(at: Subject) -> None:
    """Back-Channel Logout 1.0 sections 2.4 and 2.5."""
    party, path = _party(at)
    said = _signed_out(at, party, at.resident())
    claims = _claims(at, _token(at, path))
    assert claims["iss"] == at.issuer and claims["aud"] in (party.client_id, [party.client_id])
    assert claims["events"] == {EVENT: {}}
    assert claims.get("sub", said["sub"]) == said["sub"] and ("sub" in claims or "sid" in claims)


@check
def a_logout_token_cannot_be_taken_for_an_id_token(at: Subject) -> None:
    """Back-Channel Logout 1.0 sections 2.4 and 4: typ logout+jwt, no nonce, jti."""
    party, path = _party(at)
    _signed_out(at, party, at.resident())
    token = _token(at, path)
    claims = _claims(at, token)
    assert "nonce" not in claims and claims["jti"]
    assert jws.extract_compact(token.encode()).headers()["typ"] == "logout+jwt"


@check
def a_logout_token_is_fresh_and_short(at: Subject) -> None:
    """Back-Channel Logout 1.0 section 4: at most two minutes."""
    party, path = _party(at)
    _signed_out(at, party, at.resident())
    claims = _claims(at, _token(at, path))
    assert abs(time.time() - claims["iat"]) < 60 and 0 < claims["exp"] - claims["iat"] <= 120


@check
def the_session_is_named_as_in_the_id_token(at: Subject) -> None:
    """Back-Channel Logout 1.0 sections 2.1 and 2.4: sid."""
    at.needs("backchannel_logout_session_supported", True)
    party, path = _party(at, backchannel_logout_session_required=True)
    said = _signed_out(at, party, at.resident())
    assert said["sid"] and _claims(at, _token(at, path))["sid"] == said["sid"]


@check
def every_service_of_the_session_is_told_once(at: Subject) -> None:
    """Back-Channel Logout 1.0 section 2.5: all RPs that are logged in."""
    somebody = at.resident()
    (first, first_path), (second, second_path) = _party(at), _party(at)
    second.tokens(somebody)
    second.tokens(somebody)
    _signed_out(at, first, somebody)
    assert _token(at, first_path) != _token(at, second_path)
    later, later_path = _party(at)
    _signed_out(at, later, at.resident())
    _token(at, later_path)  # whatever was queued before has been sent
    assert [len(at.place().posted[path]) for path in (first_path, second_path)] == [1, 1]


@check
def another_session_is_left_alone(at: Subject) -> None:
    """Back-Channel Logout 1.0 section 2.4: sid restricts it to one session."""
    party, path = _party(at, backchannel_logout_session_required=True)
    phone, desk = at.resident(), at.resident()
    party.tokens(phone)
    _signed_out(at, party, desk)
    _token(at, path)
    assert "code" in party.authorize(phone, prompt="none").sent
    assert len(at.place().posted[path]) == 1


@check
def a_logout_token_is_signed_as_id_tokens_are(at: Subject) -> None:
    """Back-Channel Logout 1.0 section 2.4: the algorithm of ID tokens, never none."""
    party, path = _party(at, id_token_signed_response_alg="ES256")
    _signed_out(at, party, at.resident())
    assert jws.extract_compact(_token(at, path).encode()).headers()["alg"] == "ES256"


@check
def the_refresh_token_of_the_session_is_over(at: Subject) -> None:
    """Back-Channel Logout 1.0 section 2.7: refresh tokens without offline_access SHOULD be revoked."""
    party, path = _party(at)
    somebody = at.resident()
    access = party.tokens(somebody)["access_token"]
    _signed_out(at, party, somebody)
    _token(at, path)
    assert party.userinfo(access).status_code == 401
