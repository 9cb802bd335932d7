"""The parameters of an authorization request one by one: what each may be, and the error when it is something else.

OpenID Connect Core section 3.1.2.1, RFC 7636, RFC 8707, RFC 9449 section 10, Form Post Response Mode.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from identity.oidc.claims import SCOPES
from identity.oidc.clients import Client
from identity.oidc.errors import FORM_POST, QUERY, ProtocolError

Parameters = Mapping[str, Sequence[str]]
RESPONSE_TYPES = ("code",)
RESPONSE_MODES = (QUERY, FORM_POST)
CHALLENGE_METHODS = ("S256",)
PROMPTS = ("none", "login", "consent", "select_account", "create")
DISPLAYS = ("page", "popup", "touch", "wap")
REPEATABLE = {"resource"}
REFUSED_PARAMETERS = {
    "registration": ("registration_not_supported", "OpenID Connect Core section 3.1.2.6"),
    "authorization_details": ("invalid_authorization_details", "RFC 9396 section 5"),
}
KNOWN = {
    *("client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "display", "prompt"),
    *("max_age", "ui_locales", "id_token_hint", "login_hint", "acr_values", "claims", "resource", "dpop_jkt"),
    *("code_challenge", "code_challenge_method", "request", "request_uri", *REFUSED_PARAMETERS),
}
LONGEST = 8_000
LONGEST_NONCE = 512
MOST_RESOURCES = 10
CORE = "OpenID Connect Core section 3.1.2.1"
THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
"""43 characters of base64url: a SHA-256, as code challenges and key thumbprints are."""
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


def singles(sent: Parameters) -> dict[str, str]:
    """Each parameter once (RFC 6749 section 3.1); none longer than `LONGEST`, none of a feature that is not offered."""
    twice = sorted(name for name, values in sent.items() if len(values) > 1 and name not in REPEATABLE)
    if twice:
        rule = "RFC 6749 section 3.1"
        raise ProtocolError("invalid_request", f"The parameter {twice[0]} was sent more than once", rule=rule)
    for name, (error, rule) in REFUSED_PARAMETERS.items():
        if sent.get(name):
            raise ProtocolError(error, f"The parameter {name} is not supported", rule=rule)
    if any(len(value) > LONGEST for values in sent.values() for value in values):
        raise ProtocolError("invalid_request", "A parameter is too long", rule=f"at most {LONGEST} characters")
    return {name: values[0] for name, values in sent.items() if values and name not in REPEATABLE}


def check_response(sent: Mapping[str, str], client: Client) -> None:
    """An answer that we give and that this client may get."""
    if sent.get("response_type") not in RESPONSE_TYPES:
        error = "unsupported_response_type" if "response_type" in sent else "invalid_request"
        raise ProtocolError(error, "The response_type must be code", rule="RFC 6749 section 4.1.1")
    if "authorization_code" not in client.grant_types:
        words = "This client is not registered for the authorization code grant"
        raise ProtocolError("unauthorized_client", words, rule="RFC 6749 section 4.1.2.1")
    one_of(sent, "response_mode", client.rules.response_modes)


def one_of(sent: Mapping[str, str], name: str, allowed: Sequence[str]) -> str | None:
    """The value, which is one of `allowed` when there is one."""
    if name in sent and sent[name] not in allowed:
        raise ProtocolError("invalid_request", f"The {name} must be one of: {', '.join(allowed)}", rule=CORE)
    return sent.get(name)


def scopes(sent: Mapping[str, str], client: Client) -> tuple[str, ...]:
    """Scopes that nobody here knows are ignored (Core section 3.1.2.1); known ones must be registered."""
    known = tuple(dict.fromkeys(scope for scope in sent.get("scope", "").split() if scope in SCOPES))
    if "openid" not in known:
        raise ProtocolError("invalid_scope", "The scope must contain openid", rule=CORE)
    if not set(known) <= set(client.scopes):
        words = "The client is not registered for one of the scopes"
        raise ProtocolError("invalid_scope", words, rule="RFC 6749 section 3.3")
    return known


def nonce(sent: Mapping[str, str]) -> str | None:
    """Echoed in the ID token, so it is bounded and printable."""
    value = sent.get("nonce")
    if value is not None and (len(value) > LONGEST_NONCE or not value.isprintable()):
        words = f"The nonce must be printable, at most {LONGEST_NONCE} characters"
        raise ProtocolError("invalid_request", words, rule=CORE)
    return value


def code_challenge(sent: Mapping[str, str], client: Client) -> str | None:
    """S256 only (RFC 7636, RFC 9700 section 2.1.1); a missing method would mean `plain`."""
    challenge, method = sent.get("code_challenge"), sent.get("code_challenge_method")
    rule = "RFC 7636 section 4.3, RFC 9700 section 2.1.1"
    if challenge is None and method is None:
        if client.pkce_required or client.rules.pkce == "always":
            words = "PKCE is required: send code_challenge with method S256"
            raise ProtocolError("invalid_request", words, rule=rule)
        return None
    if method not in CHALLENGE_METHODS or not THUMBPRINT.fullmatch(challenge or ""):
        raise ProtocolError("invalid_request", "The code_challenge must be 43 characters with method S256", rule=rule)
    return challenge


def prompts(sent: Mapping[str, str]) -> frozenset[str]:
    """Known ones; `none` stands alone."""
    found = frozenset(sent.get("prompt", "").split())
    if not found <= set(PROMPTS) or ("none" in found and len(found) > 1):
        words = "The prompt is unknown, or none was sent together with another"
        raise ProtocolError("invalid_request", words, rule=CORE)
    return found


def max_age(sent: Mapping[str, str], client: Client) -> int | None:
    """Seconds; without a word, what the client was registered with (Registration section 2)."""
    value = sent.get("max_age")
    if value is None:
        return client.default_max_age
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise ProtocolError("invalid_request", "The max_age must be a number of seconds", rule=CORE)
    return int(value)


def dpop_jkt(sent: Mapping[str, str]) -> str | None:
    """The thumbprint of the key to which the code will be bound (RFC 9449 section 10)."""
    value = sent.get("dpop_jkt")
    if value is not None and not THUMBPRINT.fullmatch(value):
        words = "The dpop_jkt must be a SHA-256 thumbprint in base64url"
        raise ProtocolError("invalid_request", words, rule="RFC 9449 section 10")
    return value


def resources(values: Sequence[str], client: Client) -> tuple[str, ...]:
    """Absolute addresses without fragment for which the client is registered (RFC 8707 section 2)."""
    found = tuple(dict.fromkeys(values))
    right = all(_is_resource(value) and value in client.resources for value in found)
    if not right or len(found) > MOST_RESOURCES:
        words = "A resource is not an absolute address without fragment, or the client is not registered for it"
        raise ProtocolError("invalid_target", words, rule="RFC 8707 section 2")
    return found


def _is_resource(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.scheme) and "#" not in value


def languages(sent: Mapping[str, str]) -> tuple[str, ...]:
    """The tags of `ui_locales` that are tags; a wrong one is no error (Core section 3.1.2.1)."""
    return tuple(tag for tag in sent.get("ui_locales", "").split() if LANGUAGE.fullmatch(tag))
