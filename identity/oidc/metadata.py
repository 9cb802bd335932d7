"""The discovery document, made of the constants that the provider enforces (Discovery 1.0 section 3, RFC 8414).

Authlib's validator reads it once at the start, so that a member that breaks the specification stops the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.oidc.discovery import OpenIDProviderMetadata

from identity.oidc.acr import ACR_VALUES
from identity.oidc.claims import CLAIMS_SUPPORTED, SCOPES
from identity.oidc.profiles import PUBLIC, RULES, Profile, auth_methods, grant_types
from identity.oidc.request import CHALLENGE_METHODS, DISPLAYS, PROMPTS, RESPONSE_MODES, RESPONSE_TYPES


def describe(issuer: str, paths: Mapping[str, str], locales: tuple[str, ...]) -> dict[str, Any]:
    """The document; `paths` maps its endpoint members to local paths."""
    confidential = [method for method in auth_methods() if method != PUBLIC]
    document: dict[str, Any] = {
        "issuer": issuer,
        **{member: issuer + path for member, path in paths.items()},
        "scopes_supported": list(SCOPES),
        "response_types_supported": list(RESPONSE_TYPES),
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": grant_types(),
        "subject_types_supported": ["pairwise", "public"],
        "id_token_signing_alg_values_supported": list(RULES[Profile.STANDARD].algorithms),
        "token_endpoint_auth_methods_supported": auth_methods(),
        "revocation_endpoint_auth_methods_supported": auth_methods(),
        "introspection_endpoint_auth_methods_supported": confidential,
        "code_challenge_methods_supported": list(CHALLENGE_METHODS),
        "acr_values_supported": list(ACR_VALUES),
        "claims_supported": list(CLAIMS_SUPPORTED),
        "claim_types_supported": ["normal"],
        "prompt_values_supported": list(PROMPTS),
        "display_values_supported": list(DISPLAYS),
        "ui_locales_supported": list(locales),
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
        "authorization_response_iss_parameter_supported": True,
    }
    _check(document)
    return document


def _check(document: dict[str, Any]) -> None:
    OpenIDProviderMetadata(document).validate()
