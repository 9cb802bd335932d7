"""What a service of the FAPI 2.0 profile does: it pushes its request, proves who it is and binds its tokens (DPoP)."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.load.flows import CodeFlow, Provider, wish

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class BoundFlow(CodeFlow):
    """Push → authorize → token → userinfo, with ES256 for assertions and proofs."""

    nonce = ""

    def __init__(self, at: Provider, client: dict[str, Any]) -> None:
        super().__init__(at)
        self.client = client
        self.key = ECKey.import_key(client["jwks_private"]["keys"][0])
        self.proof_key = ECKey.generate_key("P-256")

    def __call__(self) -> int:
        verifier = secrets.token_urlsafe(32)
        where = self.session.get(self._pushed(verifier), allow_redirects=False, timeout=30).headers["Location"]
        code = parse_qs(urlsplit(where).query)["code"][0]
        said = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        token = self._proven("token_endpoint", {**said, "redirect_uri": self.client["redirect_uris"][0]})
        return len(self._userinfo(token["access_token"]).content)

    def consent(self) -> None:
        """Once, so that the flows find it remembered."""
        page = self.session.get(self._pushed("v" * 43), timeout=30)
        self._agree(page)

    def _pushed(self, verifier: str) -> str:
        """Where the browser goes with what was pushed."""
        kept = self._proven("pushed_authorization_request_endpoint", wish(self.client, verifier))["request_uri"]
        return f"{self.paths['authorization_endpoint']}?client_id={self.client['client_id']}&request_uri={kept}"

    def _proven(self, endpoint: str, said: dict[str, str]) -> Any:
        url = self.paths[endpoint]
        for _attempt in range(2):
            form = {**said, "client_assertion_type": ASSERTION, "client_assertion": self._assertion()}
            answer = self.service.post(url, data=form, headers={"DPoP": self._proof("POST", url)}, timeout=30)
            self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
            if answer.json().get("error") != "use_dpop_nonce":
                break
        assert answer.ok, answer.text
        return answer.json()

    def _userinfo(self, token: str) -> requests.Response:
        url = self.paths["userinfo_endpoint"]
        for _attempt in range(2):
            headers = {"Authorization": f"DPoP {token}", "DPoP": self._proof("GET", url, token)}
            answer = self.service.get(url, headers=headers, timeout=30)
            self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
            if answer.ok:
                break
        assert "sub" in answer.json()
        return answer

    def _assertion(self) -> str:
        name, now = self.client["client_id"], int(time.time())
        claims = {"iss": name, "sub": name, "aud": self.paths["issuer"], "iat": now, "exp": now + 60}
        header = {"alg": "ES256", "kid": self.client["jwks_private"]["keys"][0]["kid"]}
        return jwt.encode(header, {**claims, "jti": secrets.token_urlsafe(12)}, self.key, algorithms=["ES256"])

    def _proof(self, method: str, url: str, token: str = "") -> str:
        claims: dict[str, Any] = {"htm": method, "htu": url, "iat": int(time.time()), "jti": secrets.token_urlsafe(12)}
        if token:
            claims["ath"] = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        if self.nonce:
            claims["nonce"] = self.nonce
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.proof_key.as_dict(private=False)}
        return jwt.encode(header, claims, self.proof_key, algorithms=["ES256"])
