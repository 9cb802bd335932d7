"""npm's openid-client, a certified relying party, signs residents in."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest
import requests
from sqlalchemy.orm import Session

from identity.audit import SYSTEM
from identity.oidc import withdrawal
from identity.oidc.clients import Registration, register
from identity.oidc.profiles import Profile
from tests.conformance.subject import a_key
from tests.live.portal import Live
from tests.relying_parties.conftest import PATIENCE_SECONDS, Run

pytestmark = pytest.mark.slow
CALLBACK, AFTER = "https://service.example/callback", "https://service.example/left"
SCOPES = ("openid", "profile", "phone", "offline_access")
SECRET = "a secret + all that has to be encoded in a header: 100 %2B /?&=~"
"""openid-client writes a space as a plus (RFC 6749 section 2.3.1)."""


def registered(live: Live, client_id: str, **said: Any) -> None:
    def work(db: Session, now: datetime) -> None:
        usual: dict[str, Any] = {
            "client_id": client_id,
            "name": {"en": "A service in Node"},
            "redirect_uris": (CALLBACK,),
            "post_logout_redirect_uris": (AFTER,),
            "scopes": SCOPES,
        }
        register(db, Registration(**{**usual, **said}), now=now, secret=SECRET)

    live.arrange(work)


@pytest.mark.parametrize(
    ("method", "alg"),
    [
        ("client_secret_basic", "ES256"),
        ("client_secret_basic", "PS256"),
        ("client_secret_basic", "EdDSA"),
        ("client_secret_post", "RS256"),
    ],
)
def test_it_signs_a_resident_in_and_out(live: Live, run: Run, method: str, alg: str) -> None:
    client_id = f"node-{method}-{alg}"
    registered(live, client_id, auth_method=method, id_token_signed_response_alg=alg)
    given = {"client_id": client_id, "client_secret": SECRET, "method": method, "alg": alg}
    learned = run("standard.mjs", {**given, "redirect_uri": CALLBACK, "after": AFTER, "scope": " ".join(SCOPES)})
    assert learned["person"]["name"] == "NGUYỄN THỊ ÁNH NGUYỆT" and learned["person"]["sub"] == learned["sub"]
    assert learned["person"]["phone_number"].startswith("+84")
    assert learned["again"] == "invalid_grant"
    assert learned["refreshed"] and learned["active"] == [True, False] and learned["dead"] == "invalid_grant"
    assert learned["left"] == f"{AFTER}?state=farewell"
    assert learned["gone"] == "login_required"


def test_it_goes_on_while_a_leaked_key_is_withdrawn(live: Live, run: Run) -> None:
    """The next key was published beside it, so the copy that it keeps is good enough; the old key is worth nothing."""
    registered(live, "node-withdrawn", auth_method="client_secret_post", id_token_signed_response_alg="PS256")

    def withdraw(kid: str) -> None:
        live.arrange(lambda db, now: withdrawal.withdraw(db, [kid], withdrawal.Reason.LEAKED, SYSTEM, now=now))
        end = time.monotonic() + PATIENCE_SECONDS
        while kid in published(live):
            assert time.monotonic() < end, "the key is still published"
            time.sleep(0.1)

    given = {"client_id": "node-withdrawn", "client_secret": SECRET, "alg": "PS256", "redirect_uri": CALLBACK}
    learned = run("withdrawn.mjs", given, acts={"withdraw": withdraw})
    first, hinted, second = learned["kids"]
    assert first == hinted != second and learned["same"]
    assert learned["stale"] == "invalid_request"
    assert second in published(live) and first not in published(live)


def published(live: Live) -> set[str]:
    answer = requests.get(f"{live.issuer}/oauth/jwks", verify=live.trust, timeout=20)
    return {key["kid"] for key in answer.json()["keys"]}


def test_it_holds_to_fapi_2(live: Live, run: Run) -> None:
    key = a_key("node")
    bound: dict[str, Any] = {"profile": Profile.FAPI2, "auth_method": "private_key_jwt"}
    registered(live, "node-fapi2", **bound, jwks={"keys": [key.as_dict(private=False)]})
    given = {"client_id": "node-fapi2", "jwk": key.as_dict(private=True), "redirect_uri": CALLBACK}
    learned = run("fapi2.mjs", {**given, "scope": " ".join(SCOPES)})
    assert learned["asked"] == ["client_id", "request_uri"]
    assert learned["kind"].lower() == "dpop" and learned["person"]["name"]
    assert learned["stolen"] in {"invalid_grant", "invalid_dpop_proof"}
    assert "OAUTH" in learned["foreign"] or "invalid" in learned["foreign"]
    assert "OAUTH" in learned["bearer"] or "invalid" in learned["bearer"]
    assert learned["rotated"] is False and learned["dead"] == "invalid_grant"


def test_it_registers_itself_and_signs_its_request(live: Live, run: Run) -> None:
    learned = run("registering.mjs", {"redirect_uri": CALLBACK})
    assert learned["client_id"] and learned["person"]["name"] and "request" in learned["asked"]
