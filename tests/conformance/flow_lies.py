"""Lies about one flow each: codes taken twice, verifiers that nobody checks, people signed out unasked."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

import orjson
from werkzeug.datastructures import Headers

from tests.conformance.lies import (
    AUTHORIZE,
    END_SESSION,
    PAR,
    TOKEN,
    USERINFO,
    Lie,
    json_answer,
    json_of,
    send_instead,
    sent_in,
)
from tests.conformance.pages import forms_of
from tests.conformance.party import fresh, s256
from tests.live.front import Answer, Call, Front


class TakesCodesTwice(Lie):
    """Keeps what a code bought and gives it again."""

    noticed_by = ("a_code_is_redeemed_once", "a_code_of_the_profile_is_redeemed_once")

    def __init__(self) -> None:
        self.bought: dict[str, Answer] = {}

    def instead(self, call: Call) -> Answer | None:
        found = self.bought.get(sent_in(call).get("code", "")) if call.path == TOKEN else None
        return found and Answer(found.status, Headers(found.headers), found.body)

    def answered(self, call: Call, answer: Answer) -> None:
        if call.path == TOKEN and answer.status == 200 and (code := sent_in(call).get("code")):
            self.bought[code] = answer


class TakesPlain(Lie):
    """PKCE with `plain`: hashes the challenge on the way in."""

    noticed_by = ("plain_pkce_is_refused",)

    def asked(self, call: Call) -> None:
        sent = sent_in(call)
        if call.path in {AUTHORIZE, PAR} and sent.get("code_challenge_method", "plain") == "plain":
            challenge = s256(sent.get("code_challenge", ""))
            send_instead(call, {**sent, "code_challenge": challenge, "code_challenge_method": "S256"})


class TakesAnyVerifier(Lie):
    """PKCE that nobody checks: a challenge and a verifier of its own for everybody."""

    noticed_by = ("a_wrong_verifier_is_refused", "a_missing_verifier_is_refused")
    verifier = "x" * 50

    def asked(self, call: Call) -> None:
        sent = sent_in(call)
        if call.path == AUTHORIZE and "code_challenge" in sent:
            send_instead(call, {**sent, "code_challenge": s256(self.verifier)})
        if call.path == TOKEN and sent.get("grant_type") == "authorization_code":
            send_instead(call, {**sent, "code_verifier": self.verifier})


class MatchesPrefixes(Lie):
    """Redirects to whatever begins like the registered address."""

    noticed_by = ("an_address_that_is_not_registered_gets_no_answer",)
    registered = "https://service.example/callback"

    def __init__(self) -> None:
        self.wanted = self.registered

    def asked(self, call: Call) -> None:
        sent = sent_in(call)
        wanted = sent.get("redirect_uri", "")
        if call.path == AUTHORIZE and wanted.startswith(self.registered) and wanted != self.registered:
            self.wanted = wanted
            send_instead(call, {**sent, "redirect_uri": self.registered})

    def answered(self, call: Call, answer: Answer) -> None:
        if answer.headers.get("Location", "").startswith(self.registered + "?"):
            answer.headers["Location"] = answer.headers["Location"].replace(self.registered, self.wanted, 1)


class TakesUnsigned(Lie):
    """Reads request objects without looking at their signature."""

    noticed_by = ("an_unsigned_object_is_refused", "a_signature_of_another_key_is_refused")

    def asked(self, call: Call) -> None:
        sent = sent_in(call)
        if call.path == AUTHORIZE and sent.get("request", "").count(".") == 2:
            body = sent.pop("request").split(".")[1]
            claims = orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
            inside = {name: str(value) for name, value in claims.items() if name not in {"iss", "aud", "iat", "nbf"}}
            send_instead(call, {**sent, **inside})


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
        return json_answer({"sub": "somebody", "name": "Somebody", "phone_number": "+84900000000"})


class Rotates(Lie):
    """A new refresh token for everybody, and the old one goes on working."""

    noticed_by = ("a_refresh_token_of_the_profile_is_not_replaced", "a_refresh_token_that_was_replaced_ends_its_family")

    def __init__(self) -> None:
        self.behind: dict[str, str] = {}

    def asked(self, call: Call) -> None:
        sent = sent_in(call)
        if call.path == TOKEN and "refresh_token" in sent:
            send_instead(call, {**sent, "refresh_token": self.behind.get(sent["refresh_token"], sent["refresh_token"])})

    def answered(self, call: Call, answer: Answer) -> None:
        body = json_of(answer)
        if call.path != TOKEN or answer.status != 200 or not isinstance(body, dict):
            return
        behind = body.get("refresh_token") or sent_in(call).get("refresh_token")
        if behind:
            body["refresh_token"] = fresh()
            for shown in [body["refresh_token"], *[name for name, kept in self.behind.items() if kept == behind]]:
                self.behind[shown] = behind
            for shown, kept in list(self.behind.items()):
                if kept == sent_in(call).get("refresh_token"):
                    self.behind[shown] = behind
            answer.body = orjson.dumps(body)


class PostsByRedirect(Lie):
    """Answers by redirect where a posted form was wished."""

    noticed_by = ("the_answer_is_posted", "an_error_is_posted_too")

    def asked(self, call: Call) -> None:
        sent = sent_in(call)
        if call.path == AUTHORIZE and sent.get("response_mode") == "form_post":
            send_instead(call, {**sent, "response_mode": "query"})


class RepeatsOldKeys(Lie):
    """Publishes only the key that signs, without a successor, and forgets its name."""

    noticed_by = ("the_next_key_is_published_before_it_signs", "each_published_key_has_a_name_of_its_own_and_a_use")

    def answered(self, call: Call, answer: Answer) -> None:
        body = json_of(answer)
        if isinstance(body, dict) and isinstance(body.get("keys"), list):
            body["keys"] = [{**key, "kid": ""} for key in body["keys"][:1]]
            answer.body = orjson.dumps(body)
