"""Authlib's authorization server for the endpoints that programs call: which grant, which client, which error shape.

Authlib reads the grammar; what a grant means, what is stored and when it is committed is ours (`identity.oidc`). Its
protocol half is used, not its Flask half: that one merges query and body, lets a parameter come twice, and hands the
flow to storage hooks that cannot consume a code in the statement that finds it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from authlib.oauth2 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import InvalidClientError, OAuth2Payload, UnauthorizedClientError
from authlib.oauth2.rfc6749.authenticate_client import authenticate_client_secret_basic
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Response, request

from identity.oidc import inspection, issuing
from identity.oidc.clients import PUBLIC, Client
from identity.oidc.errors import ProtocolError
from identity.oidc.issuing import Counter
from identity.oidc.profiles import KEY_METHODS, auth_methods
from portal.database import db
from portal.oidc.provider import find_client, key_ring, provider
from portal.services import now, services

METHODS = [method for method in auth_methods() if method not in KEY_METHODS]
CONFIDENTIAL = [method for method in METHODS if method != PUBLIC]


@dataclass(frozen=True, slots=True)
class Caller:
    """A client as Authlib asks about it."""

    client: Client

    def check_client_secret(self, secret: str) -> bool:
        return self.client.has_secret(services().vault, secret)

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method == self.client.auth_method


class Body(OAuth2Payload):  # type: ignore[misc]
    """The parameters of a body, each once."""

    def __init__(self, sent: dict[str, str]) -> None:
        self.sent = sent

    @property
    def data(self) -> dict[str, str]:
        return self.sent


class Posted(OAuth2Request):  # type: ignore[misc]
    """The body of this request; nothing counts that came in the address (RFC 6749 section 3.2)."""

    def __init__(self) -> None:
        super().__init__(request.method, provider().issuer + request.path, headers=request.headers)
        self.sent: dict[str, str] = {}
        for name, values in request.form.lists():
            if len(values) > 1:
                raise ProtocolError("invalid_request", "A parameter was sent more than once")
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


class Grant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]
    """Authlib finds the grant and authenticates the client; `answer` is a verb of `identity.oidc.issuing`."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_token_request(self) -> None:
        caller: Caller = self.authenticate_token_endpoint_client()
        if self.GRANT_TYPE not in caller.client.grant_types:
            raise UnauthorizedClientError("The client is not registered for this grant")
        self.request.client = caller

    def create_token_response(self) -> tuple[int, issuing.Answer, list[tuple[str, str]]]:
        counter = Counter(provider(), self.server.keys)
        return 200, self.answer(counter, self.request.client.client), self.TOKEN_RESPONSE_HEADER

    def answer(self, counter: Counter, client: Client) -> issuing.Answer:
        raise NotImplementedError


class CodeGrant(Grant):
    GRANT_TYPE = "authorization_code"

    def answer(self, counter: Counter, client: Client) -> issuing.Answer:
        code, address = self.request.field("code"), self.request.field("redirect_uri")
        verifier = self.request.sent.get("code_verifier", "")
        return issuing.for_code(db, counter, client, code=code, redirect_uri=address, verifier=verifier, now=now())


class RefreshGrant(Grant):
    GRANT_TYPE = "refresh_token"

    def answer(self, counter: Counter, client: Client) -> issuing.Answer:
        token, scope = self.request.field("refresh_token"), self.request.sent.get("scope", "")
        return issuing.for_refresh(db, counter, client, token=token, scope=scope, now=now())


class MachineGrant(Grant):
    GRANT_TYPE = "client_credentials"
    TOKEN_ENDPOINT_AUTH_METHODS = CONFIDENTIAL

    def answer(self, counter: Counter, client: Client) -> issuing.Answer:
        return issuing.for_machine(db, counter, client, scope=self.request.sent.get("scope", ""), now=now())


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = METHODS

    def authenticate_token(self, posted: Posted, caller: Caller) -> str:
        return posted.field("token")

    def revoke_token(self, token: str, posted: Posted) -> None:
        inspection.revoke(db, posted.client.client, token, now=now())


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = CONFIDENTIAL

    def authenticate_token(self, posted: Posted, caller: Caller) -> inspection.Description:
        return inspection.describe(db, provider(), caller.client, posted.field("token"), now=now())

    def create_introspection_payload(self, description: inspection.Description) -> inspection.Description:
        return description


class Server(AuthorizationServer):  # type: ignore[misc]
    """The table of contents: every grant and endpoint that there is."""

    def __init__(self) -> None:
        super().__init__()
        self.register_client_auth_method("client_secret_basic", _basic)
        for grant in (CodeGrant, RefreshGrant, MachineGrant):
            self.register_grant(grant)
        for endpoint in (Revocation, Introspection):
            self.register_endpoint(endpoint)

    @property
    def keys(self) -> Any:
        return key_ring()

    def query_client(self, client_id: str) -> Caller | None:
        client = find_client(client_id)
        return None if client is None else Caller(client)

    def get_token_grant(self, posted: Posted) -> Any:
        posted.field("grant_type")  # missing is not the same as unknown (RFC 6749 section 5.2)
        return super().get_token_grant(posted)

    def create_oauth2_request(self, _request: object) -> Posted:
        return Posted()

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        content = orjson.dumps(body) if isinstance(body, dict) else body
        response = Response(content, status, [(name, _with_realm(name, value)) for name, value in headers])
        response.headers["Cache-Control"] = "no-store"
        return response

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens: what follows from an event is written where it happens."""

    def answer(self, call: Callable[[], Response]) -> Response:
        """The answer, or the error in its shape; an error is an answer too, so that what it wrote is kept."""
        try:
            return call()
        except OAuth2Error as error:
            return self.handle_error_response(None, error)


def _with_realm(name: str, value: str) -> str:
    """A Basic challenge names its realm (RFC 7617 section 2); Authlib's does not."""
    is_basic = name == "WWW-Authenticate" and value.startswith("Basic ")
    return value.replace("Basic ", 'Basic realm="oauth", ', 1) if is_basic else value


def _basic(query_client: Callable[[str], Caller | None], posted: Posted) -> Caller | None:
    """HTTP Basic, alone: two ways of authenticating at once are refused (RFC 6749 section 2.3)."""
    if "Authorization" not in posted.headers:
        return None
    if "client_secret" in posted.sent:
        raise ProtocolError("invalid_request", "The client authenticated in two ways")
    try:
        caller: Caller | None = authenticate_client_secret_basic(query_client, posted)
    except ValueError:  # not base64, not UTF-8, or nothing after the scheme
        raise InvalidClientError(status_code=401, description="The Authorization header cannot be read") from None
    return caller


SERVER = Server()
