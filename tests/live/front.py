"""The https front of a live portal: ends TLS, says so to the portal, and passes the client's certificate on.

It can be told to lie: between `front.lies.append(lie)` and its removal the portal behind looks broken from outside.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import urllib3
from werkzeug.datastructures import Headers
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from tests.live.authority import Pair

HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "te",
    "upgrade",
    "content-length",
    "host",
    "accept-encoding",
}
OF_A_SERVER = {"date", "server"}
"""What the server of this front says itself."""
OURS = {
    "accept-encoding",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-forwarded-port",
    "forwarded",
    "x-client-cert",
    "x-client-verify",
}


@dataclass
class Call:
    """What a caller sent."""

    method: str
    target: str
    headers: Headers
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass
class Answer:
    """What the portal answered."""

    status: int
    headers: Headers
    body: bytes


class Lie(Protocol):
    """What a broken provider does otherwise. `instead` may answer by itself; the others change what passes."""

    def asked(self, call: Call) -> None: ...
    def instead(self, call: Call) -> Answer | None: ...
    def answered(self, call: Call, answer: Answer) -> None: ...


@dataclass
class Front:
    """A WSGI application that passes everything on to `portal` (http://…)."""

    portal: str
    public: str
    lies: list[Any] = field(default_factory=list)
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(maxsize=8, retries=False))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        target = request.full_path if request.query_string else quote(request.path, safe="/%:@!$&'()*+,;=~")
        headers = Headers([pair for pair in request.headers if pair[0].lower() not in HOP_BY_HOP | OURS])
        self._say_who(headers, environ)
        call = Call(request.method, environ.get("RAW_URI") or target, headers, request.get_data())
        answer = self.pass_on(call)
        return Response(answer.body, answer.status, answer.headers)(environ, start_response)

    def pass_on(self, call: Call) -> Answer:
        for lie in self.lies:
            lie.asked(call)
        answer = next((found for lie in self.lies if (found := lie.instead(call))), None) or self.ask(call)
        for lie in self.lies:
            lie.answered(call, answer)
        return answer

    def ask(self, call: Call) -> Answer:
        """The portal itself."""
        url, headers = self.portal + call.target, dict(call.headers)
        headers["Accept-Encoding"] = "identity"  # a lie reads what it changes
        found = self.pool.request(call.method, url, body=call.body, headers=headers, redirect=False)
        kept = [(name, value) for name, value in found.headers.items() if name.lower() not in HOP_BY_HOP | OF_A_SERVER]
        return Answer(found.status, Headers(kept), found.data)

    def _say_who(self, headers: Headers, environ: dict[str, Any]) -> None:
        host = self.public.partition("://")[2]
        headers["Host"] = headers["X-Forwarded-Host"] = host
        headers["X-Forwarded-Proto"] = "https"
        headers["X-Forwarded-Port"] = host.rpartition(":")[2]
        headers["X-Forwarded-For"] = environ.get("REMOTE_ADDR", "127.0.0.1")
        shown = environ.get("SSL_CLIENT_CERT")
        headers["X-Client-Verify"] = "SUCCESS" if shown else "NONE"  # the handshake refuses what `trusted` did not sign
        if shown:
            headers["X-Client-Cert"] = quote(shown)


class _Handler(WSGIRequestHandler):
    """Quiet, one connection a call."""

    def log(self, *_arguments: Any, **_named: Any) -> None:
        pass


@contextmanager
def over_https(application: Any, port: int, pair: Pair, trusted: Path | None = None) -> Iterator[str]:
    """Serve a WSGI application at https://localhost:PORT; clients may show a certificate that `trusted` signed."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(trusted) if trusted else None)
    context.load_cert_chain(pair.certificate, pair.key)
    context.set_ciphers("ECDHE+AESGCM")  # RFC 9325 section 4.2
    context.verify_mode = ssl.CERT_OPTIONAL if trusted else ssl.CERT_NONE
    server = make_server("127.0.0.1", port, application, threaded=True, ssl_context=context, request_handler=_Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
