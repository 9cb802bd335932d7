"""A relying party of our own: it asks, redeems and verifies, and can do each of these wrongly."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import requests
from joserfc import jws, jwt
from joserfc.jwk import ECKey

from tests.conformance.pages import Landing, Resident

if TYPE_CHECKING:
    from tests.conformance.subject import Subject

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["ES256", "PS256", "EdDSA", "Ed25519", "RS256", "HS256"]


def s256(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def fresh() -> str:
    return secrets.token_urlsafe(32)


def signed(claims: Mapping[str, Any], key: Any, *, alg: str = "ES256", typ: str | None = None, **header: Any) -> str:
    """A JWT; `header` may add or replace members."""
    heading = {"alg": alg, **({"typ": typ} if typ else {}), **({"kid": key.kid} if key.kid else {}), **header}
    if alg == "none":
        parts = (_b64(heading), _b64(dict(claims)), "")
        return ".".join(parts)
    return jwt.encode(heading, dict(claims), key, algorithms=[alg])


def _b64(value: dict[str, Any]) -> str:
    import orjson

    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


@dataclass
class Party:
    """`told` is the answer to its registration; `key` its private key; `proof_key` binds its tokens (DPoP)."""

    at: Subject
    told: dict[str, Any]
    key: Any = None
    wish: Mapping[str, str] = field(default_factory=dict)
    proof_key: Any = field(default_factory=lambda: ECKey.generate_key("P-256", private=True))
    nonces: dict[str, str] = field(default_factory=dict)

    @property
    def client_id(self) -> str:
        return str(self.told["client_id"])

    @property
    def redirect_uri(self) -> str:
        return str(self.told["redirect_uris"][0])

    @property
    def is_bound(self) -> bool:
        return bool(self.told.get("dpop_bound_access_tokens"))

    # asking

    def request(self, **changes: Any) -> dict[str, str]:
        """The parameters of a usual authorization request; None leaves one out."""
        usual = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": "openid profile",
            "state": fresh(),
            "nonce": fresh(),
            **self.wish,
        }
        if self.told.get("token_endpoint_auth_method") == "none" or self.is_bound:
            usual |= {"code_challenge": s256(VERIFIER), "code_challenge_method": "S256"}
        return {name: str(value) for name, value in {**usual, **changes}.items() if value is not None}

    def authorize(
        self,
        resident: Resident,
        asked: Mapping[str, str] | None = None,
        *,
        stop_at: tuple[str, ...] = (),
        press: str = "approve",
        post: bool = False,
        **changes: Any,
    ) -> Landing:
        """Send a resident with this request; pushed where this service must push."""
        asked = dict(asked or self.request(**changes))
        if self.told.get("require_pushed_authorization_requests") and "request_uri" not in asked:
            asked = self.pushed(asked)
        url = f"{self.at.address('authorization_endpoint')}?{urlencode(asked)}"
        return resident.visit(url, stop_at=stop_at, press=press, post=post)

    def pushed(self, asked: Mapping[str, str]) -> dict[str, str]:
        """Push a request; what is left for the address."""
        answer = self.push(asked)
        assert answer.status_code == 201, f"{answer.status_code} {answer.text}"
        return {"client_id": self.client_id, "request_uri": answer.json()["request_uri"]}

    def push(self, asked: Mapping[str, str], **changes: Any) -> requests.Response:
        return self.post("pushed_authorization_request_endpoint", dict(asked), **changes)

    def code(self, resident: Resident | None = None, **changes: Any) -> str:
        """A code for a usual request."""
        landing = self.authorize(resident or self.at.friend(), **changes)
        assert "code" in landing.sent, f"{landing.by} {landing.url} {landing.sent} {landing.status}"
        return landing.sent["code"]

    # the token endpoint and its neighbours

    def redeem(self, code: str, **changes: Any) -> requests.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        if self.told.get("token_endpoint_auth_method") == "none" or self.is_bound:
            form["code_verifier"] = VERIFIER
        how = {name: changes.pop(name) for name in ("auth", "proof", "assertion") if name in changes}
        sent = {name: value for name, value in {**form, **changes}.items() if value is not None}
        return self.post("token_endpoint", sent, **how)

    def tokens(self, resident: Resident | None = None, **changes: Any) -> dict[str, Any]:
        """The tokens of a usual request."""
        verifier = {"code_verifier": VERIFIER} if "code_challenge" in changes else {}
        answer = self.redeem(self.code(resident, **changes), **verifier)
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    def refresh(self, token: str, **changes: Any) -> requests.Response:
        return self.post("token_endpoint", {"grant_type": "refresh_token", "refresh_token": token, **changes})

    def post(
        self,
        endpoint: str,
        form: dict[str, str],
        *,
        auth: str | None = None,
        proof: dict[str, Any] | None = None,
        assertion: dict[str, Any] | None = None,
    ) -> requests.Response:
        """Call an endpoint as this client. `auth` names another way; `proof` and `assertion` change these JWTs."""
        url = self.at.address(endpoint)
        answer = self._posted(url, form, auth, proof, assertion)
        if self.is_bound and proof is None and "use_dpop_nonce" in answer.text:
            answer = self._posted(url, form, auth, proof, assertion)
        return answer

    def _posted(
        self,
        url: str,
        form: dict[str, str],
        auth: str | None,
        proof: dict[str, Any] | None,
        assertion: dict[str, Any] | None,
    ) -> requests.Response:
        headers, form = self._authenticated(form, auth, assertion)
        if self.is_bound:
            headers["DPoP"] = self.proof("POST", url, **(proof or {}))
        answer = self.at.web.post(url, data=form, headers=headers, timeout=20, allow_redirects=False)
        self._remember_nonce(url, answer)
        return answer

    def _remember_nonce(self, url: str, answer: requests.Response) -> None:
        if nonce := answer.headers.get("DPoP-Nonce"):
            self.nonces[url] = nonce

    def _authenticated(
        self, form: dict[str, str], auth: str | None, assertion: dict[str, Any] | None
    ) -> tuple[dict[str, str], dict[str, str]]:
        how = auth or self.told.get("token_endpoint_auth_method", "client_secret_basic")
        secret = str(self.told.get("client_secret", ""))
        if how == "client_secret_basic":
            pair = f"{quote(self.client_id, safe='')}:{quote(secret, safe='')}"
            return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}, dict(form)
        if how == "client_secret_post":
            return {}, {**form, "client_id": self.client_id, "client_secret": secret}
        if how == "private_key_jwt":
            shown = {"client_assertion_type": ASSERTION, "client_assertion": self.assertion(**(assertion or {}))}
            return {}, {"client_id": self.client_id, **form, **shown}
        return {}, {**form, "client_id": self.client_id}

    def assertion(self, **changes: Any) -> str:
        """RFC 7523. `alg`, `typ` and `key` change the signature; the others its claims."""
        now = int(time.time())
        header = {name: changes.pop(name) for name in ("alg", "typ", "kid") if name in changes}
        key = changes.pop("key", self.key)
        usual = {"iss": self.client_id, "sub": self.client_id, "aud": self.at.document["issuer"], "jti": fresh()}
        claims = {**usual, "iat": now, "exp": now + 60, **changes}
        return signed({name: value for name, value in claims.items() if value is not None}, key, **header)

    def proof(self, method: str, url: str, token: str | None = None, **changes: Any) -> str:
        """RFC 9449 section 4.2. `typ`, `alg` and `key` change the signature; the others its claims."""
        key = changes.pop("key", self.proof_key)
        heading = {"typ": changes.pop("typ", "dpop+jwt"), "alg": changes.pop("alg", "ES256")}
        heading["jwk"] = changes.pop("jwk", key.as_dict(private=False))
        usual: dict[str, Any] = {"htm": method, "htu": url.partition("?")[0], "iat": int(time.time()), "jti": fresh()}
        if url in self.nonces:
            usual["nonce"] = self.nonces[url]
        if token is not None:
            usual["ath"] = s256(token)
        claims = {name: value for name, value in {**usual, **changes}.items() if value is not None}
        import orjson

        protected = {name: value for name, value in heading.items() if value is not None}
        if protected["alg"] == "none":
            return f"{_b64(protected)}.{_b64(claims)}."
        registry = jws.JWSRegistry(algorithms=ALGORITHMS)
        return jws.serialize_compact(protected, orjson.dumps(claims), key, registry=registry)

    def userinfo(self, token: str, *, method: str = "GET", **proof: Any) -> requests.Response:
        """Ask with the token in the header, with a proof where tokens are bound."""
        url = self.at.address("userinfo_endpoint")
        answer = self._called(method, url, token, proof)
        if self.is_bound and not proof and answer.status_code == 401 and "use_dpop_nonce" in str(answer.headers):
            answer = self._called(method, url, token, proof)
        return answer

    def _called(self, method: str, url: str, token: str, proof: dict[str, Any]) -> requests.Response:
        headers = {"Authorization": f"{'DPoP' if self.is_bound else 'Bearer'} {token}"}
        if self.is_bound:
            headers["DPoP"] = self.proof(method, url, token, **proof)
        answer = self.at.web.request(method, url, headers=headers, timeout=20)
        self._remember_nonce(url, answer)
        return answer

    def read(self, token: str, *, nonce: str | None = None) -> dict[str, Any]:
        """The claims of an ID token, verified as Core section 3.1.3.7 says."""
        decoded = jwt.decode(token, self.at.keys(), algorithms=ALGORITHMS)
        wanted = self.told.get("id_token_signed_response_alg", "RS256")
        assert decoded.header["alg"] == wanted, f"{decoded.header['alg']} instead of {wanted}"
        claims, now = decoded.claims, time.time()
        assert claims["iss"] == self.at.document["issuer"], claims["iss"]
        assert claims["aud"] in (self.client_id, [self.client_id]), claims["aud"]
        assert claims["exp"] > now - 5 and claims["iat"] < now + 5, claims
        assert nonce is None or claims.get("nonce") == nonce, claims.get("nonce")
        return dict(claims)


VERIFIER = "a-verifier-of-forty-three-characters-or-more-0"
