"""A relying party with keys: it pushes its request, proves who it is, and binds its tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask.testing import FlaskClient
from joserfc.jwk import Key

from identity.oidc.profiles import Profile
from portal.database import Database
from tests.identity.oidc.making import CALLBACK, VERIFIER, a_service, agreed, wish
from tests.identity.oidc.signing import ISSUER, a_key, a_proof, an_assertion, public, with_assertion

CLIENT_ID = "https://fapi.example"


@dataclass
class Party:
    """What the client holds. `nonce` is the one it was told last."""

    now: Callable[[], datetime]
    client_id: str = CLIENT_ID
    key: Key = field(default_factory=a_key)
    proof_key: Key = field(default_factory=a_key)
    nonce: str | None = None

    def registered(self, database: Database, account: Any, **said: Any) -> Party:
        """Known to the portal, and agreed to by this person."""
        usual = {"profile": Profile.FAPI2, "auth_method": "private_key_jwt", "jwks": public(self.key)}
        with database.transaction() as db:
            client = a_service(db, now=self.now(), client_id=self.client_id, **{**usual, **said})
            agreed(db, account, client, now=self.now())
        return self

    def proves(self, **changes: Any) -> dict[str, str]:
        """The form fields of a fresh client assertion."""
        return with_assertion(an_assertion(self.key, now=self.now(), client_id=self.client_id, **changes))

    def proof(self, **changes: Any) -> dict[str, str]:
        """The header of a fresh DPoP proof."""
        said = {"nonce": self.nonce, **changes}
        return {"DPoP": a_proof(said.pop("key", self.proof_key), now=self.now(), **said)}

    def post(self, browser: FlaskClient, path: str, proof: dict[str, Any] | None = None, **form: Any) -> Any:
        """A proven post; asked for a nonce it comes again once, as every client should."""
        for _attempt in range(2):
            headers = {} if proof is None else self.proof(url=ISSUER + path, **proof)
            sent = {**self.proves(), **form} if "client_assertion" not in form else form
            answer = browser.post(path, data={k: v for k, v in sent.items() if v}, headers=headers)
            self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
            if answer.json.get("error") != "use_dpop_nonce":
                break
        return answer

    def code(self, browser: FlaskClient, **changes: str) -> str:
        """A code, over a pushed request."""
        asked = wish(**{"client_id": self.client_id, "scope": "openid profile", **changes})
        pushed = self.post(browser, "/oauth/par", **asked)
        assert pushed.status_code == 201, pushed.json
        query = {"client_id": self.client_id, "request_uri": pushed.json["request_uri"]}
        answer = browser.get("/oauth/authorize", query_string=query)
        assert answer.status_code == 303, answer.text
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["code"]

    def redeem(self, browser: FlaskClient, code: str, proof: dict[str, Any] | None = None, **changes: Any) -> Any:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return self.post(browser, "/oauth/token", {} if proof is None else proof, **{**form, **changes})

    def tokens(self, browser: FlaskClient, **changes: Any) -> dict[str, Any]:
        """Everything that a code buys."""
        answer = self.redeem(browser, self.code(browser), **changes)
        assert answer.status_code == 200, answer.json
        found: dict[str, Any] = answer.json
        return found

    def userinfo(self, browser: FlaskClient, token: str, scheme: str = "DPoP", **changes: Any) -> Any:
        for _attempt in range(2):
            said = {"method": "GET", "url": f"{ISSUER}/oauth/userinfo", "access_token": token, **changes}
            headers = {"Authorization": f"{scheme} {token}", **self.proof(**said)}
            answer = browser.get("/oauth/userinfo", headers=headers)
            self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
            if "use_dpop_nonce" not in answer.headers.get("WWW-Authenticate", ""):
                break
        return answer
