"""What a program posted to an endpoint of ours, and with which proofs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import OAuth2Payload
from flask import request
from joserfc.jwk import KeySet

from identity.oidc.dpop import DpopProof
from identity.oidc.errors import ProtocolError
from identity.oidc.mtls import Certificate, certificate_of
from portal.oidc.provider import provider

REPEATABLE = {"resource"}
"""RFC 8707 section 2; everything else may come once (RFC 6749 section 3.2)."""
FORM = "application/x-www-form-urlencoded"
SHORT = 64 * 1024
ERRORS = "werkzeug.url_quote"
"""What Werkzeug does with signs that are not UTF-8."""
VERIFIED, UNVERIFIED = "SUCCESS", "FAILED:"
"""What nginx says of a certificate that was shown (`$ssl_client_verify`); "NONE" where there was none."""


class Body(OAuth2Payload):  # type: ignore[misc]
    """The parameters of a body, each once."""

    def __init__(self, sent: dict[str, str]) -> None:
        self.sent = sent

    @property
    def data(self) -> dict[str, str]:
        return self.sent


class Posted(OAuth2Request):  # type: ignore[misc]
    """The body of this request; nothing counts that came in the address (RFC 6749 section 3.2)."""

    proof: DpopProof | None = None
    """The DPoP proof that came with it, once the client was authenticated."""
    recipient: KeySet | None = None
    """The client's keys for encryption, where its ID tokens are encrypted."""

    def __init__(self) -> None:
        # Authlib would look at the scheme of the address anew each time; the settings did, once.
        self.method, self.uri, self.headers = request.method, provider().issuer + request.path, request.headers
        self.client = self.auth_method = self.user = self._body = None
        self.sent: dict[str, str] = {}
        self.resources: list[str] = []
        for name, values in _parameters():
            if len(values) > 1 and name not in REPEATABLE:
                raise ProtocolError("invalid_request", "A parameter was sent more than once", rule="RFC 6749 3.2")
            if name == "resource":
                self.resources = [value for value in values if value]
            if values[0]:
                self.sent[name] = values[0]
        self.payload = Body(self.sent)

    @property
    def form(self) -> dict[str, str]:
        return self.sent

    def field(self, name: str) -> str:
        """A parameter of the grant, which must be there."""
        if name not in self.sent:
            raise ProtocolError("invalid_request", f"The parameter {name} is missing")
        return self.sent[name]


def _parameters() -> Iterable[tuple[str, Sequence[str]]]:
    """As `request.form` has them, without its way there for a short body of the usual kind."""
    length = request.content_length
    if length is None or length > SHORT or request.mimetype != FORM:
        return request.form.lists()
    try:
        pairs = parse_qsl(request.get_data().decode(), keep_blank_values=True, errors=ERRORS)
    except ValueError:
        return request.form.lists()
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found.items()


def certificate() -> Certificate | None:
    """The client certificate of this connection, which only a trusted proxy can have told.

    One that the proxy does not say it looked at was never shown: somebody sent the header through it.
    """
    verify = request.headers.get("X-Client-Verify", "")
    was_shown = verify == VERIFIED or verify.startswith(UNVERIFIED)
    return certificate_of(request.headers.get("X-Client-Cert", "")) if was_shown else None


def is_certificate_verified() -> bool:
    """Whether the proxy verified the chain (nginx: `$ssl_client_verify`)."""
    return request.headers.get("X-Client-Verify") == VERIFIED
