"""A front that lies: what a broken provider would do, done to the answers of the sound one on their way out.

Each lie says which checks must notice it. None knows the provider's inside, so they stay true when it changes.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import orjson
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.datastructures import Headers

from tests.conformance.pages import forms_of
from tests.conformance.party import fresh, s256
from tests.live.front import Answer, Call, Front

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


def _json(answer: Answer) -> Any:
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None


def _json_answer(value: Any, status: int = 200) -> Answer:
    kept = Headers([("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return Answer(status, kept, orjson.dumps(value))


def _sent(call: Call) -> Fields:
    query = call.body.decode(errors="replace") if call.method == "POST" else call.target.partition("?")[2]
    return dict(parse_qsl(query, keep_blank_values=True))


def _send(call: Call, fields: Fields) -> None:
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
        body = _json(answer)
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
            changed = _json_answer(self.content, self.status)
            answer.status, answer.headers, answer.body = changed.status, changed.headers, changed.body


@dataclass
class Document(Lie):
    """Other members in a published document."""

    path: str
    change: Callable[[dict[str, Any]], object]
    noticed_by: tuple[str, ...]

    def answered(self, call: Call, answer: Answer) -> None:
        if call.path == self.path and isinstance(body := _json(answer), dict):
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
            _send(call, {name: value for name, value in _sent(call).items() if name not in self.names})


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


class TakesCodesTwice(Lie):
    """Keeps what a code bought and gives it again."""

    noticed_by = ("a_code_is_redeemed_once", "a_code_of_the_profile_is_redeemed_once")

    def __init__(self) -> None:
        self.bought: dict[str, Answer] = {}

    def instead(self, call: Call) -> Answer | None:
        found = self.bought.get(_sent(call).get("code", "")) if call.path == TOKEN else None
        return found and Answer(found.status, Headers(found.headers), found.body)

    def answered(self, call: Call, answer: Answer) -> None:
        if call.path == TOKEN and answer.status == 200 and (code := _sent(call).get("code")):
            self.bought[code] = answer


class TakesPlain(Lie):
    """PKCE with `plain`: hashes the challenge on the way in."""

    noticed_by = ("plain_pkce_is_refused",)

    def asked(self, call: Call) -> None:
        sent = _sent(call)
        if call.path in {AUTHORIZE, PAR} and sent.get("code_challenge_method", "plain") == "plain":
            challenge = s256(sent.get("code_challenge", ""))
            _send(call, {**sent, "code_challenge": challenge, "code_challenge_method": "S256"})


class TakesAnyVerifier(Lie):
    """PKCE that nobody checks: a challenge and a verifier of its own for everybody."""

    noticed_by = ("a_wrong_verifier_is_refused", "a_missing_verifier_is_refused")
    verifier = "x" * 50

    def asked(self, call: Call) -> None:
        sent = _sent(call)
        if call.path == AUTHORIZE and "code_challenge" in sent:
            _send(call, {**sent, "code_challenge": s256(self.verifier)})
        if call.path == TOKEN and sent.get("grant_type") == "authorization_code":
            _send(call, {**sent, "code_verifier": self.verifier})


class MatchesPrefixes(Lie):
    """Redirects to whatever begins like the registered address."""

    noticed_by = ("an_address_that_is_not_registered_gets_no_answer",)
    registered = "https://service.example/callback"

    def __init__(self) -> None:
        self.wanted = self.registered

    def asked(self, call: Call) -> None:
        sent = _sent(call)
        wanted = sent.get("redirect_uri", "")
        if call.path == AUTHORIZE and wanted.startswith(self.registered) and wanted != self.registered:
            self.wanted = wanted
            _send(call, {**sent, "redirect_uri": self.registered})

    def answered(self, call: Call, answer: Answer) -> None:
        if answer.headers.get("Location", "").startswith(self.registered + "?"):
            answer.headers["Location"] = answer.headers["Location"].replace(self.registered, self.wanted, 1)


class TakesUnsigned(Lie):
    """Reads request objects without looking at their signature."""

    noticed_by = ("an_unsigned_object_is_refused", "a_signature_of_another_key_is_refused")

    def asked(self, call: Call) -> None:
        sent = _sent(call)
        if call.path == AUTHORIZE and sent.get("request", "").count(".") == 2:
            body = sent.pop("request").split(".")[1]
            claims = orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
            inside = {name: str(value) for name, value in claims.items() if name not in {"iss", "aud", "iat", "nbf"}}
            _send(call, {**sent, **inside})


@dataclass
class SignsOutUnasked(Lie):
    """Presses the button of the question itself."""

    front: Front
    noticed_by = ("nobody_is_signed_out_without_being_asked_when_there_is_no_hint",)

    def answered(self, call: Call, answer: Answer) -> None:
        if call.path != END_SESSION or b'id="confirm-logout"' not in answer.body:
            return
        form = next(found for found in forms_of(answer.body.decode()) if "confirm-logout" in found.ids)
        headers = Headers(call.headers)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        target = urlsplit(urljoin(self.front.public, form.action))._replace(scheme="", netloc="").geturl()
        said = self.front.ask(Call("POST", target, headers, urlencode(form.fields).encode()))
        answer.status, answer.headers, answer.body = said.status, said.headers, said.body


class SaysTooMuch(Lie):
    """User information with a number nobody asked for, about somebody else, whoever asks."""

    noticed_by = (
        "no_scope_no_claim",
        "userinfo_is_about_the_same_person",
        "userinfo_asks_for_a_token",
        "an_invented_token_opens_nothing",
        "a_bound_token_is_worth_nothing_as_a_bearer",
        "a_bound_token_with_another_key_opens_nothing",
        "a_proof_for_another_token_opens_nothing",
    )

    def instead(self, call: Call) -> Answer | None:
        if call.path != USERINFO:
            return None
        return _json_answer({"sub": "somebody", "name": "Somebody", "phone_number": "+84900000000"})


class Rotates(Lie):
    """A new refresh token for everybody, and the old one goes on working."""

    noticed_by = ("a_refresh_token_of_the_profile_is_not_replaced", "a_refresh_token_that_was_replaced_ends_its_family")

    def __init__(self) -> None:
        self.behind: dict[str, str] = {}

    def asked(self, call: Call) -> None:
        sent = _sent(call)
        if call.path == TOKEN and "refresh_token" in sent:
            _send(call, {**sent, "refresh_token": self.behind.get(sent["refresh_token"], sent["refresh_token"])})

    def answered(self, call: Call, answer: Answer) -> None:
        body = _json(answer)
        if call.path != TOKEN or answer.status != 200 or not isinstance(body, dict):
            return
        behind = body.get("refresh_token") or _sent(call).get("refresh_token")
        if behind:
            body["refresh_token"] = fresh()
            for shown in [body["refresh_token"], *[name for name, kept in self.behind.items() if kept == behind]]:
                self.behind[shown] = behind
            for shown, kept in list(self.behind.items()):
                if kept == _sent(call).get("refresh_token"):
                    self.behind[shown] = behind
            answer.body = orjson.dumps(body)


class PostsByRedirect(Lie):
    """Answers by redirect where a posted form was wished."""

    noticed_by = ("the_answer_is_posted", "an_error_is_posted_too")

    def asked(self, call: Call) -> None:
        sent = _sent(call)
        if call.path == AUTHORIZE and sent.get("response_mode") == "form_post":
            _send(call, {**sent, "response_mode": "query"})


class RepeatsOldKeys(Lie):
    """Publishes only the key that signs, without a successor, and forgets its name."""

    noticed_by = ("the_next_key_is_published_before_it_signs", "each_published_key_has_a_name_of_its_own_and_a_use")

    def answered(self, call: Call, answer: Answer) -> None:
        body = _json(answer)
        if isinstance(body, dict) and isinstance(body.get("keys"), list):
            body["keys"] = [{**key, "kid": ""} for key in body["keys"][:1]]
            answer.body = orjson.dumps(body)
