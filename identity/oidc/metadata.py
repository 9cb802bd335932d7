"""The discovery document, made of the constants that the provider enforces (Discovery 1.0 section 3, RFC 8414).

Authlib's validators read it once at the start, so that a member that breaks a specification stops the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata

from identity.oidc.acr import ACR_VALUES
from identity.oidc.claims import CLAIMS_SUPPORTED, SCOPES
from identity.oidc.grammar import CHALLENGE_METHODS, DISPLAYS, PROMPTS, RESPONSE_MODES, RESPONSE_TYPES
from identity.oidc.profiles import (
    CLIENT_ALGORITHMS,
    CONTENT_CIPHERS,
    KEY_WRAPS,
    PUBLIC,
    RULES,
    STRONG_ALGORITHMS,
    assertion_algorithms,
    auth_methods,
    grant_types,
    object_algorithms,
    signing_algorithms,
)


def describe(issuer: str, paths: Mapping[str, str], locales: tuple[str, ...]) -> dict[str, Any]:
    """The document; `paths` maps its endpoint members to local paths."""
    document = {
        "issuer": issuer,
        **{member: issuer + path for member, path in paths.items()},
        **_requests(),
        **_clients(),
        **_answers(),
        "ui_locales_supported": list(locales),
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }
    OpenIDProviderMetadata(document).validate()
    AuthorizationServerMetadata(document).validate()
    return document


def _requests() -> dict[str, Any]:
    """What an authorization request may say, and how it may come."""
    return {
        "response_types_supported": list(RESPONSE_TYPES),
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": grant_types(),
        "scopes_supported": list(SCOPES),
        "prompt_values_supported": list(PROMPTS),
        "display_values_supported": list(DISPLAYS),
        "acr_values_supported": list(ACR_VALUES),
        "claims_parameter_supported": True,
        "code_challenge_methods_supported": list(CHALLENGE_METHODS),
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "request_object_signing_alg_values_supported": object_algorithms(),
        "require_pushed_authorization_requests": all(rules.pushed_only for rules in RULES.values()),
        "authorization_response_iss_parameter_supported": True,
    }


def _clients() -> dict[str, Any]:
    """How a client shows who it is."""
    confidential = [method for method in auth_methods() if method != PUBLIC]
    methods = {"token": auth_methods(), "revocation": auth_methods(), "introspection": confidential}
    return {
        **{f"{name}_endpoint_auth_methods_supported": list(those) for name, those in methods.items()},
        **{f"{name}_endpoint_auth_signing_alg_values_supported": assertion_algorithms() for name in methods},
        "dpop_signing_alg_values_supported": list(CLIENT_ALGORITHMS),
        "tls_client_certificate_bound_access_tokens": True,
    }


def _answers() -> dict[str, Any]:
    """What ID tokens and userinfo hold, and how they are protected."""
    return {
        "subject_types_supported": ["pairwise", "public"],
        "claim_types_supported": ["normal"],
        "claims_supported": list(CLAIMS_SUPPORTED),
        **{f"{kind}_signing_alg_values_supported": signing_algorithms() for kind in ("id_token", "userinfo")},
        **{f"{kind}_encryption_alg_values_supported": list(KEY_WRAPS) for kind in ("id_token", "userinfo")},
        **{f"{kind}_encryption_enc_values_supported": list(CONTENT_CIPHERS) for kind in ("id_token", "userinfo")},
        "introspection_signing_alg_values_supported": list(STRONG_ALGORITHMS),
    }
