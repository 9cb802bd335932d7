"""A front that lies: what a broken provider would do, done to the answers of the sound one on their way out.

Each lie says which checks must notice it. None knows the provider's inside, so they stay true when it changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import orjson
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.datastructures import Headers

from tests.live.front import Answer, Call

Claims = dict[str, Any]
Fields = dict[str, str]
AUTHORIZE, TOKEN, USERINFO = "/oauth/authorize", "/oauth/token", "/oauth/userinfo"
PAR, REGISTER, END_SESSION = "/oauth/par", "/oauth/register", "/oauth/end-session"
DISCOVERY, JWKS = "/.well-known/openid-configuration", "/oauth/jwks"


class Lie:
    """Changes nothing. `noticed_by` names the checks that must fail."""

    noticed_by: tuple[str, ...] = ()

    def asked(self, call: Call) -> None:
        """Change what a caller asks."""

    def instead(self, call: Call) -> Answer | None:
        """Answer in the provider's place."""
        return None

    def answered(self, call: Call, answer: Answer) -> None:
        """Change what the provider answers."""


def json_of(answer: Answer) -> Any:
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None


def json_answer(value: Any, status: int = 200) -> Answer:
    kept = Headers([("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return Answer(status, kept, orjson.dumps(value))


def sent_in(call: Call) -> Fields:
    query = call.body.decode(errors="replace") if call.method == "POST" else call.target.partition("?")[2]
    return dict(parse_qsl(query, keep_blank_values=True))


def send_instead(call: Call, fields: Fields) -> None:
    if call.method == "POST":
        call.body = urlencode(fields).encode()
    else:
        call.target = f"{call.path}?{urlencode(fields)}"


class Resigned(Lie):
    """ID tokens with other claims, signed by a key of its own that it slips into the published ones."""

    def __init__(self, change: Callable[[Claims], object], *noticed_by: str) -> None:
        self.change, self.noticed_by = change, noticed_by
        more = {"kid": "slipped-in", "use": "sig"}
        self.keys: dict[str, Any] = {
            "ES256": ECKey.generate_key("P-256", {**more, "kid": "slipped-in-ec"}, private=True),
            "RS256": RSAKey.generate_key(2048, more, private=True),
        }

    def answered(self, call: Call, answer: Answer) -> None:
        body = json_of(answer)
        if not isinstance(body, dict):
            return
        if isinstance(body.get("keys"), list):
            body["keys"] += [key.as_dict(private=False) for key in self.keys.values()]
        elif "id_token" in body:
            body["id_token"] = self._again(body["id_token"])
        else:
            return
        answer.body = orjson.dumps(body)

    def _again(self, token: str) -> str:
        parsed = jws.extract_compact(token.encode())
        claims, alg = orjson.loads(parsed.payload), parsed.headers()["alg"]
        self.change(claims)
        key = self.keys[alg]
        return jwt.encode({"alg": alg, "kid": key.kid}, claims, key, algorithms=[alg])


@dataclass
class Answers(Lie):
    """Says yes where the provider says no: an error at `path` becomes `status` with `content`."""

    path: str
    status: int
    content: dict[str, Any]
    noticed_by: tuple[str, ...]

    def answered(self, call: Call, answer: Answer) -> None:
        if call.method == "POST" and call.path == self.path and answer.status >= 400:
            changed = json_answer(self.content, self.status)
            answer.status, answer.headers, answer.body = changed.status, changed.headers, changed.body


@dataclass
class Document(Lie):
    """Other members in a published document."""

    path: str
    change: Callable[[dict[str, Any]], object]
    noticed_by: tuple[str, ...]

    def answered(self, call: Call, answer: Answer) -> None:
        if call.path == self.path and isinstance(body := json_of(answer), dict):
            self.change(body)
            answer.body = orjson.dumps(body)


@dataclass
class Drops(Lie):
    """Does not see some parameters at some endpoint."""

    path: str
    names: tuple[str, ...]
    noticed_by: tuple[str, ...]

    def asked(self, call: Call) -> None:
        if call.path == self.path:
            send_instead(call, {name: value for name, value in sent_in(call).items() if name not in self.names})


@dataclass
class Registers(Lie):
    """Drops some members of a registration, yet says them back."""

    names: tuple[str, ...]
    noticed_by: tuple[str, ...]
    dropped: list[dict[str, Any]] = field(default_factory=list)

    def asked(self, call: Call) -> None:
        if call.path == REGISTER and call.method == "POST":
            said = orjson.loads(call.body)
            call.body = orjson.dumps({name: value for name, value in said.items() if name not in self.names})


@dataclass
class AnswersWithout(Lie):
    """Leaves a parameter out of the answers that go back to services, by redirect or by form."""

    name: str
    noticed_by: tuple[str, ...]

    def answered(self, call: Call, answer: Answer) -> None:
        if there := answer.headers.get("Location"):
            parts = urlsplit(there)
            kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != self.name]
            if parts.netloc and not parts.path.startswith("/oauth/"):
                answer.headers["Location"] = urlunsplit(parts._replace(query=urlencode(kept)))
        answer.body = answer.body.replace(f'name="{self.name}"'.encode(), b'name="something-else"')
