"""Whether what a client says about itself can be meant (Registration 1.0 section 2, RFC 7591 section 2)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from identity.base import Refused
from identity.oidc.addresses import is_remote_address, is_safe_address
from identity.oidc.client_keys import has_private_members, suitable
from identity.oidc.client_metadata import TLS_NAMES, ClientMetadata
from identity.oidc.profiles import (
    CONTENT_CIPHERS,
    KEY_WRAPS,
    MTLS_METHODS,
    STRONG_ALGORITHMS,
    UNSIGNED,
    Rules,
)

MOST_ADDRESSES = 50
REGISTRATION = "OpenID Connect Registration 1.0 section 2"
REMOTE = "must be an https address without user or fragment"
SAFE = f"{REMOTE} (http on loopback only)"
LONGEST_AGE = 10**9


class Fault(NamedTuple):
    """A member that cannot be meant: what is wrong, for the client's developer, and the section that says so."""

    member: str
    words: str
    rule: str


def check_metadata(said: ClientMetadata, rules: Rules, auth_method: str) -> None:
    """Refused `client-metadata-invalid`: the member at fault as `field`, with `words` and `rule` among the facts."""
    found = next(_faults(said, rules, auth_method), None)
    if found is not None:
        raise Refused("client-metadata-invalid", field=found.member, **found._asdict())


def _faults(said: ClientMetadata, rules: Rules, auth_method: str) -> Iterator[Fault]:
    yield from _faults_of_algorithms(said, rules)
    yield from _faults_of_encryption(said)
    yield from _faults_of_keys(said, auth_method)
    yield from _faults_of_addresses(said)
    if said.default_max_age is not None and not 0 <= said.default_max_age < LONGEST_AGE:
        yield Fault("default_max_age", "must be seconds, 0 or more", REGISTRATION)
    if said.backchannel_logout_session_required and said.backchannel_logout_uri is None:
        words = "is of use only beside backchannel_logout_uri"
        yield Fault("backchannel_logout_session_required", words, "Back-Channel Logout 1.0 section 2.2")


def _faults_of_algorithms(said: ClientMetadata, rules: Rules) -> Iterator[Fault]:
    allowed = {
        "id_token_signed_response_alg": (rules.algorithms, REGISTRATION),
        "userinfo_signed_response_alg": (rules.algorithms, REGISTRATION),
        "introspection_signed_response_alg": (STRONG_ALGORITHMS, "RFC 9701 section 6"),
        "token_endpoint_auth_signing_alg": (rules.assertion_algorithms, REGISTRATION),
        "request_object_signing_alg": (rules.object_algorithms, REGISTRATION),
    }
    for member, (algorithms, rule) in allowed.items():
        if getattr(said, member) not in (None, *algorithms):
            yield Fault(member, _one_of(algorithms), rule)


def _faults_of_encryption(said: ClientMetadata) -> Iterator[Fault]:
    for kind in ("id_token", "userinfo"):
        names = f"{kind}_encrypted_response_alg", f"{kind}_encrypted_response_enc"
        wrap, cipher = (getattr(said, name) for name in names)
        if wrap not in (None, *KEY_WRAPS):
            yield Fault(names[0], _one_of(KEY_WRAPS), REGISTRATION)
        if cipher not in (None, *CONTENT_CIPHERS):
            yield Fault(names[1], _one_of(CONTENT_CIPHERS), REGISTRATION)
        if cipher and not wrap:
            yield Fault(names[1], f"is of use only beside {names[0]}", REGISTRATION)


def _faults_of_keys(said: ClientMetadata, auth_method: str) -> Iterator[Fault]:
    """Keys are given by value or by reference, never both, and where something needs them."""
    if said.jwks is not None and said.jwks_uri is not None:
        yield Fault("jwks", "must not be given beside jwks_uri", REGISTRATION)
    if said.jwks is not None and has_private_members(said.jwks):  # it must not even be stored
        yield Fault("jwks", "must contain public keys only", "RFC 7591 section 2")
    if said.jwks is not None and not (suitable(said.jwks, "sig") or suitable(said.jwks, "enc")):
        yield Fault("jwks", "contains no key that we can use", REGISTRATION)
    if not _has_keys(said) and (needing := _needs_keys(said, auth_method)):
        yield Fault("jwks_uri", f"or jwks is needed for {needing}", REGISTRATION)
    names = [name for name in TLS_NAMES if getattr(said, name)]
    if len(names) != (1 if auth_method == "tls_client_auth" else 0):
        words = f"tls_client_auth goes with exactly one of {', '.join(TLS_NAMES)}"
        yield Fault(names[0] if names else TLS_NAMES[0], f"does not fit: {words}", "RFC 8705 section 2.1.2")
    if said.require_signed_request_object and said.request_object_signing_alg is None and not _has_keys(said):
        words = "needs jwks, jwks_uri or request_object_signing_alg"
        yield Fault("require_signed_request_object", words, "RFC 9101 section 10.5")


def _one_of(values: Collection[str]) -> str:
    return f"must be one of: {', '.join(values)}"


def _has_keys(said: ClientMetadata) -> bool:
    return said.jwks is not None or said.jwks_uri is not None


def _needs_keys(said: ClientMetadata, auth_method: str) -> str | None:
    """What was said, or holds without being said, that takes keys of the client's own."""
    if auth_method in ("private_key_jwt", MTLS_METHODS[1]):
        return f"token_endpoint_auth_method {auth_method}"
    if said.request_object_signing_alg not in (None, UNSIGNED):
        return "request_object_signing_alg"
    members = (
        "id_token_encrypted_response_alg",
        "userinfo_encrypted_response_alg",
        "token_endpoint_auth_signing_alg",
    )
    return next((member for member in members if getattr(said, member)), None)


def _faults_of_addresses(said: ClientMetadata) -> Iterator[Fault]:
    remote = {
        "jwks_uri": REGISTRATION,
        "sector_identifier_uri": REGISTRATION,
        "backchannel_logout_uri": "Back-Channel Logout 1.0 section 2.2",
    }
    for member, rule in remote.items():
        address = getattr(said, member)
        if address is not None and not is_remote_address(address):
            yield Fault(member, REMOTE, rule)
    if said.initiate_login_uri is not None and not is_safe_address(said.initiate_login_uri):
        yield Fault("initiate_login_uri", SAFE, "OpenID Connect Core section 4")
    for member in ("client_uri", "logo_uri", "policy_uri", "tos_uri"):
        if not all(is_safe_address(address) for address in getattr(said, member).values()):
            yield Fault(member, SAFE, REGISTRATION)
    without_digest = (address.partition("#")[0] for address in said.request_uris)  # Core section 6.2 allows one
    if len(said.request_uris) > MOST_ADDRESSES or not all(map(is_remote_address, without_digest)):
        words = f"may hold at most {MOST_ADDRESSES} addresses, each of which {REMOTE}"
        yield Fault("request_uris", words, REGISTRATION)
    if not all(urlsplit(address).scheme and "#" not in address for address in said.resources):
        yield Fault("resources", "must be absolute addresses without a fragment", "RFC 8707 section 2")
