"""Whether what a client says about itself can be meant (Registration 1.0 section 2, RFC 7591 section 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
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


def check_metadata(said: ClientMetadata, rules: Rules, auth_method: str) -> None:
    """Refused `client-metadata-invalid` with the member at fault as `field`."""
    wrong = next(_wrong(said, rules, auth_method), None)
    if wrong is not None:
        raise Refused("client-metadata-invalid", field=wrong, member=wrong)


def _wrong(said: ClientMetadata, rules: Rules, auth_method: str) -> Iterator[str]:
    yield from _wrong_algorithms(said, rules)
    yield from _wrong_encryption(said)
    yield from _wrong_keys(said, auth_method)
    yield from _wrong_addresses(said)
    if said.default_max_age is not None and not 0 <= said.default_max_age < 10**9:
        yield "default_max_age"
    if said.backchannel_logout_session_required and said.backchannel_logout_uri is None:
        yield "backchannel_logout_session_required"


def _wrong_algorithms(said: ClientMetadata, rules: Rules) -> Iterator[str]:
    if said.id_token_signed_response_alg not in rules.algorithms:
        yield "id_token_signed_response_alg"
    allowed = {
        "userinfo_signed_response_alg": rules.algorithms,
        "introspection_signed_response_alg": STRONG_ALGORITHMS,
        "token_endpoint_auth_signing_alg": rules.assertion_algorithms,
        "request_object_signing_alg": rules.object_algorithms,
    }
    for member, algorithms in allowed.items():
        if getattr(said, member) not in (None, *algorithms):
            yield member


def _wrong_encryption(said: ClientMetadata) -> Iterator[str]:
    for kind in ("id_token", "userinfo"):
        wrap = getattr(said, f"{kind}_encrypted_response_alg")
        cipher = getattr(said, f"{kind}_encrypted_response_enc")
        if wrap not in (None, *KEY_WRAPS):
            yield f"{kind}_encrypted_response_alg"
        if cipher not in (None, *CONTENT_CIPHERS) or (cipher and not wrap):
            yield f"{kind}_encrypted_response_enc"


def _wrong_keys(said: ClientMetadata, auth_method: str) -> Iterator[str]:
    """Keys are given by value or by reference, never both, and where something needs them."""
    if said.jwks is not None and said.jwks_uri is not None:
        yield "jwks"
    if said.jwks is not None and not _are_good(said.jwks):
        yield "jwks"
    if said.jwks is None and said.jwks_uri is None and _needs_keys(said, auth_method):
        yield "jwks_uri"
    names = [name for name in TLS_NAMES if getattr(said, name)]
    if len(names) != (1 if auth_method == "tls_client_auth" else 0):  # RFC 8705 section 2.1.2: exactly one
        yield names[0] if names else TLS_NAMES[0]
    if said.require_signed_request_object and said.request_object_signing_alg is None and not _has_keys(said):
        yield "require_signed_request_object"


def _are_good(jwks: Mapping[str, Any]) -> bool:
    """Public keys, one of them at least of use; a private one must not even be stored (RFC 7591 section 2)."""
    return not has_private_members(jwks) and bool(suitable(jwks, "sig") or suitable(jwks, "enc"))


def _has_keys(said: ClientMetadata) -> bool:
    return said.jwks is not None or said.jwks_uri is not None


def _needs_keys(said: ClientMetadata, auth_method: str) -> bool:
    encrypts = said.id_token_encrypted_response_alg or said.userinfo_encrypted_response_alg
    signs = said.request_object_signing_alg not in (None, UNSIGNED) or said.token_endpoint_auth_signing_alg
    return bool(encrypts or signs) or auth_method in ("private_key_jwt", MTLS_METHODS[1])


def _wrong_addresses(said: ClientMetadata) -> Iterator[str]:
    for member in ("jwks_uri", "sector_identifier_uri", "backchannel_logout_uri"):
        address = getattr(said, member)
        if address is not None and not is_remote_address(address):
            yield member
    if said.initiate_login_uri is not None and not is_safe_address(said.initiate_login_uri):
        yield "initiate_login_uri"
    for member in ("client_uri", "logo_uri", "policy_uri", "tos_uri"):
        if not all(is_safe_address(address) for address in getattr(said, member).values()):
            yield member
    without_digest = (address.partition("#")[0] for address in said.request_uris)  # Core section 6.2 allows one
    if len(said.request_uris) > MOST_ADDRESSES or not all(map(is_remote_address, without_digest)):
        yield "request_uris"
    if not all(urlsplit(address).scheme and "#" not in address for address in said.resources):
        yield "resources"
