"""What a relying party says about itself beyond the basics (Registration 1.0 section 2, RFC 7591, 8705, 9126, 9449).

One declaration for the client that the flow sees and for the registration that makes it. Kept as one JSON value: no
row is looked for by any of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Literal

Texts = Mapping[str, str]
"""A text or address by language tag; the empty tag stands for any language."""
SUBJECT_ALT_NAMES = ("tls_client_auth_san_dns", "tls_client_auth_san_uri", "tls_client_auth_san_ip")
TLS_NAMES = ("tls_client_auth_subject_dn", *SUBJECT_ALT_NAMES, "tls_client_auth_san_email")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientMetadata:
    """Members carry the names of the specifications; None and empty mean that nothing was said."""

    application_type: Literal["web", "native"] = "web"
    contacts: tuple[str, ...] = ()
    client_uri: Texts = field(default_factory=dict)
    logo_uri: Texts = field(default_factory=dict)
    policy_uri: Texts = field(default_factory=dict)
    tos_uri: Texts = field(default_factory=dict)
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None
    sector_identifier_uri: str | None = None
    token_endpoint_auth_signing_alg: str | None = None
    id_token_signed_response_alg: str = "ES256"  # noqa: S105 - an algorithm
    id_token_encrypted_response_alg: str | None = None
    id_token_encrypted_response_enc: str | None = None
    userinfo_signed_response_alg: str | None = None
    userinfo_encrypted_response_alg: str | None = None
    userinfo_encrypted_response_enc: str | None = None
    introspection_signed_response_alg: str | None = None
    request_object_signing_alg: str | None = None
    request_uris: tuple[str, ...] = ()
    require_pushed_authorization_requests: bool = False
    require_signed_request_object: bool = False
    dpop_bound_access_tokens: bool = False
    tls_client_certificate_bound_access_tokens: bool = False
    tls_client_auth_subject_dn: str | None = None
    tls_client_auth_san_dns: str | None = None
    tls_client_auth_san_uri: str | None = None
    tls_client_auth_san_ip: str | None = None
    tls_client_auth_san_email: str | None = None
    default_max_age: int | None = None
    default_acr_values: tuple[str, ...] = ()
    require_auth_time: bool = False
    initiate_login_uri: str | None = None
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool = False
    resources: tuple[str, ...] = ()
    """Resource servers for which it may ask tokens (RFC 8707)."""
    claim_mapping: Mapping[str, str] | None = None
    """Our claim → the name under which this client gets it."""


def said(metadata: ClientMetadata) -> dict[str, Any]:
    """What was said, as JSON: members that differ from their default."""
    told = ((one.name, one, getattr(metadata, one.name)) for one in fields(ClientMetadata))
    return {name: _plain(value) for name, one, value in told if value != _default(one)}


def restored(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a `ClientMetadata` (or of a child of it) from what `said` gave; unknown members are dropped."""
    known = {one.name for one in fields(ClientMetadata)}
    return {name: tuple(v) if isinstance(v, list) else v for name, v in stored.items() if name in known}


def _default(one: Any) -> Any:
    return one.default if one.default is not MISSING else one.default_factory()


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
