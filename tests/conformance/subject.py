"""The provider under test, as one sees it from outside, and how services come into being there."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import requests
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from tests.conformance.pages import Resident
from tests.conformance.party import Party
from tests.conformance.receiver import Receiver

CALLBACK = "https://service.example/callback"


class NotOffered(Exception):
    """The provider does not say that it has this, or the check lacks what it needs to look."""


@dataclass(frozen=True)
class Credentials:
    """How a resident signs in."""

    login: str
    password: str
    otp: str


@dataclass
class Subject:
    """`fapi2_clients`: registered beforehand, each with `client_id`, `redirect_uri` and its private `jwks`."""

    issuer: str
    trust: str | bool
    people: tuple[Credentials, ...]
    receiver: Receiver | None = None
    fapi2_clients: tuple[Mapping[str, Any], ...] = ()
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    kept: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def web(self) -> requests.Session:
        """Calls without any cookie."""
        session = requests.Session()
        session.verify, session.trust_env = self.trust, False
        session.cookies.set_policy(_NoCookies())
        return session

    @cached_property
    def document(self) -> dict[str, Any]:
        answer = self.web.get(f"{self.issuer}/.well-known/openid-configuration", timeout=20)
        assert answer.status_code == 200, answer.status_code
        document: dict[str, Any] = answer.json()
        return document

    def address(self, name: str) -> str:
        """An endpoint by its name in the metadata."""
        if name not in self.document:
            raise NotOffered(name)
        return str(self.document[name])

    def needs(self, name: str, value: Any) -> None:
        """This check is about something that the metadata must offer."""
        offered = self.document.get(name)
        if offered != value and not (isinstance(offered, list) and value in offered):
            raise NotOffered(f"{name} without {value}")

    def keys(self) -> KeySet:
        """The provider's keys as they are now."""
        answer = self.web.get(self.address("jwks_uri"), timeout=20)
        assert answer.status_code == 200, answer.status_code
        return KeySet.import_key_set(answer.json())

    # people

    def resident(self, number: int = 0) -> Resident:
        """A person with a new browser."""
        who = self.people[number]
        return Resident(self.issuer, self.trust, who.login, who.password, who.otp)

    def friend(self) -> Resident:
        """One and the same browser, in which somebody signed in some time ago."""
        if "friend" not in self.kept:
            self.kept["friend"] = self.resident()
            assert self.party().authorize(self.kept["friend"]).is_back
        found: Resident = self.kept["friend"]
        return found

    # services

    def party(self) -> Party:
        """A usual confidential service without PKCE, as certification registers one; made once."""
        return self._kept("usual", lambda: self.register())

    def other(self) -> Party:
        """Another one like it."""
        return self._kept("other", lambda: self.register())

    def public(self) -> Party:
        """A service without a secret."""
        return self._kept("public", lambda: self.register(token_endpoint_auth_method="none"))

    def with_key(self) -> Party:
        """A service that authenticates with a signature."""
        return self._kept("with key", lambda: self.register_with_key())

    def fapi2(self, number: int = 0) -> Party:
        """A service of the FAPI 2.0 profile."""
        return self._kept(f"fapi2 {number}", lambda: self._fapi2(number))

    def _kept(self, name: str, make: Any) -> Party:
        if name not in self.kept:
            self.kept[name] = make()
        found: Party = self.kept[name]
        return found

    def _fapi2(self, number: int) -> Party:
        if number < len(self.fapi2_clients):
            known = self.fapi2_clients[number]
            key = KeySet.import_key_set(known["jwks"]).keys[0]
            told = {"client_id": known["client_id"], "redirect_uris": [known["redirect_uri"]]}
            return Party(self, told | FAPI2, key=key, wish=known.get("wish", {}))
        return self.register_with_key(**FAPI2)

    def register_with_key(self, **metadata: Any) -> Party:
        """Register a service with a signing key of its own."""
        key = a_key(f"key-{next(self.numbers)}")
        told = {"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "ES256"}
        told |= {"jwks": {"keys": [key.as_dict(private=False)]}}
        return self.register(key=key, **{**told, **metadata})

    def register(self, *, key: Any = None, **metadata: Any) -> Party:
        """Register a service dynamically; must succeed."""
        answer = self.try_register(**metadata)
        assert answer.status_code == 201, f"{answer.status_code} {answer.text}"
        return Party(self, answer.json(), key=key)

    def try_register(self, **metadata: Any) -> requests.Response:
        """The answer to a registration with usual metadata, changed by `metadata`; None leaves a member out."""
        usual: dict[str, Any] = {
            "client_name": "A service of the checks",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "scope": "openid profile phone offline_access",
        }
        sent = {name: value for name, value in {**usual, **metadata}.items() if value is not None}
        return self.web.post(self.address("registration_endpoint"), json=sent, timeout=20)

    def place(self) -> Receiver:
        """Our own place on the web."""
        if self.receiver is None:
            raise NotOffered("no receiver: the provider cannot reach these checks")
        return self.receiver


FAPI2 = {
    "token_endpoint_auth_method": "private_key_jwt",
    "token_endpoint_auth_signing_alg": "ES256",
    "dpop_bound_access_tokens": True,
    "require_pushed_authorization_requests": True,
    "id_token_signed_response_alg": "ES256",
}


class _NoCookies(requests.cookies.cookielib.DefaultCookiePolicy):  # type: ignore[misc]
    def set_ok(self, cookie: Any, request: Any) -> bool:
        return False


def a_key(kid: str, alg: str = "ES256") -> Any:
    """A fresh key for signatures, with all the members that a published key carries."""
    more = {"kid": kid, "use": "sig", "alg": alg}
    if alg == "ES256":
        return ECKey.generate_key("P-256", more, private=True)
    if alg == "EdDSA":
        return OKPKey.generate_key("Ed25519", more, private=True)
    return RSAKey.generate_key(2048, more, private=True)
