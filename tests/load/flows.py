"""What relying parties and people do, as operations to measure: each gives the bytes of its last answer."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pyotp
import requests

from tests.browser.conftest import TEST_OTP, Demo

LEVEL_1 = {"acr_values": "urn:vn:eid:aal:1"}
CALLBACK = "https://service.example/callback"
"""Nobody listens there: the code is read from the redirect."""
FORM_OF_CONSENT = re.compile(r'<form class="consent"[^>]* action="([^"]+)"')


def like(visitor: requests.Session) -> requests.Session:
    """Another connection with the same cookies."""
    session = requests.Session()
    session.cookies.update(visitor.cookies)
    return session


def token_in(html: str) -> str:
    return html.partition('name="csrf_token" value="')[2].partition('"')[0]


def signed_in(demo: Demo, person: dict[str, Any]) -> requests.Session:
    session = requests.Session()
    for path, answers in (
        ("/sign-in", {"login": person["login"], "password": person["password"]}),
        ("/sign-in/second", {"otp": pyotp.TOTP(person["totp_secret"]).now()}),
    ):
        form = session.get(f"{demo.portal}{path}", timeout=30).text
        session.post(f"{demo.portal}{path}", data={**answers, "csrf_token": token_in(form)}, timeout=30)
    return session


@dataclass(frozen=True)
class Provider:
    """A provider to be measured: its endpoints, two clients, a browser in which somebody has signed in."""

    paths: dict[str, Any]
    client: dict[str, Any]
    machine: dict[str, Any]
    refreshing: dict[str, Any]
    """A client that gets refresh tokens; ours gives them to every client of the code flow."""
    browser: requests.Session
    rsa: dict[str, Any] = field(default_factory=dict)
    """A client whose ID tokens are signed with RS256, where it takes one of its own."""

    @classmethod
    def of(cls, demo: Demo, browser: requests.Session) -> Provider:
        """The portal of the demonstration."""
        by_profile = {client["profile"]: client for client in reversed(demo.known["clients"])}
        paths = requests.get(f"{demo.portal}/.well-known/openid-configuration", timeout=30).json()
        standard = by_profile["standard"]
        return cls(paths, standard, by_profile["machine"], standard, browser)


def wish(client: dict[str, Any], verifier: str) -> dict[str, str]:
    """An authorization request."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": client["redirect_uris"][0],
        "scope": "openid profile",
        "state": "s",
        "nonce": "n",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }


class CodeFlow:
    """Authorize → code → token → userinfo, as a relying party's server would do it."""

    def __init__(self, at: Provider) -> None:
        self.paths, self.client, self.session = at.paths, at.client, like(at.browser)
        self.service = requests.Session()  # a relying party keeps its connection

    def consent(self) -> None:
        """Once, so that the flows find it remembered."""
        self._agree(self._authorize("v" * 43, allow_redirects=True))

    def _agree(self, page: requests.Response) -> None:
        where = urljoin(page.url, FORM_OF_CONSENT.findall(page.text)[0].replace("&amp;", "&"))
        form = {"csrf_token": token_in(page.text), "decision": "approve"}
        given = self.session.post(where, data=form, allow_redirects=False, timeout=30)
        assert "code=" in given.headers["Location"], given.headers

    def __call__(self) -> int:
        token = self.tokens()
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        told = self.service.get(self.paths["userinfo_endpoint"], headers=bearer, timeout=30)
        assert "sub" in told.json()
        return len(told.content)

    def _authorize(self, verifier: str, *, allow_redirects: bool, **more: str) -> requests.Response:
        url, asked = self.paths["authorization_endpoint"], {**wish(self.client, verifier), **more}
        return self.session.get(url, params=asked, allow_redirects=allow_redirects, timeout=30)

    def tokens(self) -> dict[str, Any]:
        """What the flow buys, without asking userinfo."""
        verifier = secrets.token_urlsafe(32)
        where = self._authorize(verifier, allow_redirects=False).headers["Location"]
        code = parse_qs(urlsplit(where).query)["code"][0]
        said = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        return self.post("token_endpoint", {**said, "redirect_uri": self.client["redirect_uris"][0]}).json()  # type: ignore[no-any-return]

    def post(self, endpoint: str, said: dict[str, str]) -> requests.Response:
        secret = (self.client["client_id"], self.client["client_secret"])
        answer = self.service.post(self.paths[endpoint], data=said, auth=secret, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer


class Refresh(CodeFlow):
    """One refresh token after the other."""

    token = ""

    def __init__(self, at: Provider) -> None:
        super().__init__(at)
        self.client = at.refreshing

    def __call__(self) -> int:
        self.token = self.token or self.tokens()["refresh_token"]
        answer = self.post("token_endpoint", {"grant_type": "refresh_token", "refresh_token": self.token})
        self.token = answer.json()["refresh_token"]
        return len(answer.content)


class Introspection(CodeFlow):
    """The same access token again and again."""

    token = ""

    def __call__(self) -> int:
        self.token = self.token or self.tokens()["access_token"]
        answer = self.post("introspection_endpoint", {"token": self.token})
        assert answer.json()["active"], "the token has expired meanwhile"
        return len(answer.content)


class Machine(CodeFlow):
    """A service on its own account."""

    def __init__(self, at: Provider) -> None:
        super().__init__(at)
        self.client = at.machine

    def __call__(self) -> int:
        return len(self.post("token_endpoint", {"grant_type": "client_credentials"}).content)


class Documents:
    """Discovery and the key set, as a relying party reads them when it starts."""

    def __init__(self, at: Provider) -> None:
        self.urls = f"{at.paths['issuer']}/.well-known/openid-configuration", at.paths["jwks_uri"]
        self.service = requests.Session()

    def __call__(self) -> int:
        answers = [self.service.get(url, timeout=30) for url in self.urls]
        assert all(answer.status_code == 200 for answer in answers)
        return sum(len(answer.content) for answer in answers)


class SignIn(CodeFlow):
    """A person comes from a service in a new browser, signs in, and goes back with a code.

    With the password alone (an account without an app, a service that asks for level 1) these are the steps that the
    peers are measured by: authorize, the form, the form sent, and on until there is a code. With the code of an app
    there are two more.
    """

    def __init__(self, at: Provider, person: dict[str, Any], *, has_app: bool) -> None:
        super().__init__(at)
        self.person, self.has_app = person, has_app

    def __call__(self) -> int:
        self.session = requests.Session()
        page = self._authorize("v" * 43, allow_redirects=True, **({} if self.has_app else LEVEL_1))
        said = {"login": self.person["login"], "password": self.person["password"]}
        page = self._send(page, said, allow_redirects=False)
        if self.has_app:
            page = self.session.get(urljoin(page.url, page.headers["Location"]), timeout=30)
            page = self._send(page, {"otp": TEST_OTP}, allow_redirects=False)
        while not page.headers["Location"].startswith(self.client["redirect_uris"][0]):
            page = self.session.get(urljoin(page.url, page.headers["Location"]), allow_redirects=False, timeout=30)
        assert "code=" in page.headers["Location"], page.headers
        return len(page.content)

    def _send(self, page: requests.Response, said: dict[str, str], **options: Any) -> requests.Response:
        form = {**said, "csrf_token": token_in(page.text)}
        return self.session.post(page.url, data=form, timeout=30, **options)
