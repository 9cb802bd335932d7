"""Authlib's authorization server for the endpoints that programs call: which grant, which client, which error shape.

Authlib reads the grammar; what a grant means, what is stored and when it is committed is ours (`identity.oidc`). Its
protocol half is used, not its Flask half: that one merges query and body, lets a parameter come twice, and hands the
flow to storage hooks that cannot consume a code in the statement that finds it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from authlib.consts import default_json_headers
from authlib.oauth2 import AuthorizationServer, OAuth2Error
from authlib.oauth2.rfc6749.errors import UnsupportedGrantTypeError
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Response, g, request

from identity.oidc import inspection, issuing
from identity.oidc.clients import Client
from identity.oidc.errors import ProtocolError
from identity.oidc.issuing import Caller, Counter
from portal.database import this_session
from portal.frame import Answer
from portal.oidc.client_auth import authenticate, binding_of, nonce_for
from portal.oidc.failures import note
from portal.oidc.posted import Posted
from portal.oidc.provider import key_ring, provider
from portal.services import now

SIGNED_INTROSPECTION = "application/token-introspection+jwt"
"""RFC 9701 section 4."""


class Grant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]
    """Authlib finds the grant; `answer` is a verb of `identity.oidc.issuing`."""

    def validate_token_request(self) -> None:
        posted: Posted = self.request
        client = self.server.authenticate_client(posted)
        if self.GRANT_TYPE not in client.grant_types:
            raise ProtocolError(
                "unauthorized_client", "The client is not registered for this grant", rule="RFC 6749 section 5.2"
            )

    def create_token_response(self) -> tuple[int, issuing.Answer, list[tuple[str, str]]]:
        posted: Posted = self.request
        counter = Counter(provider(), self.server.keys)
        caller = Caller(posted.client, binding_of(posted), tuple(posted.resources), posted.recipient)
        return 200, self.answer(counter, caller), [*self.TOKEN_RESPONSE_HEADER, *nonce_for(posted)]

    def answer(self, counter: Counter, caller: Caller) -> issuing.Answer:
        raise NotImplementedError


class CodeGrant(Grant):
    GRANT_TYPE = "authorization_code"

    def answer(self, counter: Counter, caller: Caller) -> issuing.Answer:
        code, address = self.request.field("code"), self.request.field("redirect_uri")
        verifier = self.request.sent.get("code_verifier", "")
        return issuing.for_code(
            this_session(), counter, caller, code=code, redirect_uri=address, verifier=verifier, now=now()
        )


class RefreshGrant(Grant):
    GRANT_TYPE = "refresh_token"

    def answer(self, counter: Counter, caller: Caller) -> issuing.Answer:
        token, scope = self.request.field("refresh_token"), self.request.sent.get("scope", "")
        return issuing.for_refresh(this_session(), counter, caller, token=token, scope=scope, now=now())


class MachineGrant(Grant):
    GRANT_TYPE = "client_credentials"

    def answer(self, counter: Counter, caller: Caller) -> issuing.Answer:
        scope = self.request.sent.get("scope", "")
        return issuing.for_machine(this_session(), counter, caller, scope=scope, now=now())


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    def authenticate_endpoint_client(self, posted: Posted) -> Client:
        return self.server.authenticate_client(posted, "revocation")  # type: ignore[no-any-return]

    def authenticate_token(self, posted: Posted, client: Client) -> str:
        return posted.field("token")

    def revoke_token(self, token: str, posted: Posted) -> None:
        inspection.revoke(this_session(), posted.client, token, now=now())


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    def authenticate_endpoint_client(self, posted: Posted) -> Client:
        return self.server.authenticate_client(posted, "introspection")  # type: ignore[no-any-return]

    def create_endpoint_response(self, posted: Posted) -> tuple[int, Any, list[tuple[str, str]]]:
        client = self.authenticate_endpoint_client(posted)
        hint = posted.sent.get("token_type_hint", "")
        token, keys = posted.field("token"), self.server.keys
        found = inspection.describe(this_session(), provider(), keys, client, token, hint=hint, now=now())
        if SIGNED_INTROSPECTION not in request.headers.get("Accept", ""):
            return 200, found, default_json_headers
        signed = inspection.signed(provider(), keys, client, found, now=now())
        return 200, signed, [("Content-Type", SIGNED_INTROSPECTION), ("Cache-Control", "no-store")]


class Server(AuthorizationServer):  # type: ignore[misc]
    """The table of contents: every grant and endpoint that there is."""

    def __init__(self) -> None:
        super().__init__()
        for grant in (CodeGrant, RefreshGrant, MachineGrant):
            self.register_grant(grant)
        for endpoint in (Revocation, Introspection):
            self.register_endpoint(endpoint)

    @property
    def keys(self) -> Any:
        return key_ring()

    def authenticate_client(self, posted: Posted, endpoint: str = "token") -> Client:
        """The client that made this request, at one of the endpoints that programs call."""
        return authenticate(posted, endpoint)

    def get_token_grant(self, posted: Posted) -> Any:
        posted.field("grant_type")  # missing is not the same as unknown (RFC 6749 section 5.2)
        try:
            return super().get_token_grant(posted)
        except UnsupportedGrantTypeError:
            words = "The grant_type is not one that we know"
            raise ProtocolError("unsupported_grant_type", words, rule="RFC 6749 section 5.2") from None

    def create_oauth2_request(self, _request: object) -> Posted:
        return Posted()

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        content = orjson.dumps(body) if isinstance(body, dict) else body
        said = [(name, value) for name, value in headers if name != "Cache-Control"]
        return Answer(content, status, [*said, ("Cache-Control", "no-store")])

    def handle_error_response(self, _request: object, error: OAuth2Error) -> Response:
        """The error in its shape, whoever caught it; the log tells the client's developer which rule was broken."""
        told = error if isinstance(error, ProtocolError) else ProtocolError(error.error, error.description or "")
        note(told, g.get("calling_client"))
        return self.handle_response(*error(self.get_error_uri(None, error)))

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens: what follows from an event is written where it happens."""

    def answer(self, call: Callable[[], Response]) -> Response:
        """The answer, or the error in its shape; an error is an answer too, so that what it wrote is kept."""
        try:
            return call()
        except OAuth2Error as error:
            return self.handle_error_response(None, error)


SERVER = Server()
