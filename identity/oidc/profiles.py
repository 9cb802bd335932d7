"""Client profiles: what each kind of client may do. The one place where a profile is written down.

`fapi2` follows the FAPI 2.0 Security Profile and is the default; `standard` is OpenID Connect with the advice of
RFC 9700, for services that cannot do better yet; `machine` calls in its own name. Whoever enforces a rule reads it
here, and so does the discovery document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

PUBLIC = "none"
UNSIGNED = "none"
SECRET_METHODS = ("client_secret_basic", "client_secret_post")
MTLS_METHODS = ("tls_client_auth", "self_signed_tls_client_auth")
KEY_METHODS = ("private_key_jwt", *MTLS_METHODS)
STRONG_ALGORITHMS = ("ES256", "PS256", "EdDSA")
CLIENT_ALGORITHMS = (*STRONG_ALGORITHMS, "Ed25519")
"""What clients may sign with. `EdDSA` and `Ed25519` name one algorithm (RFC 9864); both are read."""

KEY_WRAPS = ("RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW")
CONTENT_CIPHERS = ("A128CBC-HS256", "A128GCM", "A256GCM")
"""How an answer may be encrypted to a client (RFC 7518 sections 4 and 5)."""


class Profile(StrEnum):
    """Which rules a client is held to."""

    FAPI2 = "fapi2"
    STANDARD = "standard"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one profile. `algorithms` are those of ID tokens and signed userinfo."""

    auth_methods: tuple[str, ...]
    grants: tuple[str, ...]
    response_modes: tuple[str, ...] = ("query", "form_post")
    algorithms: tuple[str, ...] = STRONG_ALGORITHMS
    object_algorithms: tuple[str, ...] = CLIENT_ALGORITHMS
    """With which a client may sign its request objects; it may be registered for one of them alone."""
    assertion_algorithms: tuple[str, ...] = CLIENT_ALGORITHMS
    """With which a client may sign the assertions that authenticate it."""
    pushed_only: bool = False
    pkce: Literal["always", "unless-waived"] = "always"
    sender_constrained: bool = False
    rotate_refresh: bool = True
    code_life: timedelta = timedelta(seconds=60)
    audience_of_assertion: Literal["issuer"] = "issuer"
    """RFC 10070: the issuer, alone, is the audience of a client assertion."""


RULES: Mapping[Profile, Rules] = MappingProxyType(
    {
        Profile.FAPI2: Rules(
            auth_methods=KEY_METHODS,
            grants=("authorization_code", "refresh_token"),
            pushed_only=True,  # FAPI 2.0 section 5.3.2.2
            sender_constrained=True,
            rotate_refresh=False,  # FAPI 2.0 section 5.3.2.1: no rotation save in extraordinary circumstances
        ),
        Profile.STANDARD: Rules(
            auth_methods=(*KEY_METHODS, *SECRET_METHODS, PUBLIC),
            grants=("authorization_code", "refresh_token"),
            algorithms=(*STRONG_ALGORITHMS, "RS256"),
            object_algorithms=(*CLIENT_ALGORITHMS, "RS256", UNSIGNED),  # Core section 6.1, Registration section 2
            assertion_algorithms=(*CLIENT_ALGORITHMS, "RS256"),  # Core section 9; what most libraries use unasked
            pkce="unless-waived",
        ),
        Profile.MACHINE: Rules(auth_methods=(*KEY_METHODS, "client_secret_basic"), grants=("client_credentials",)),
    }
)


def auth_methods() -> list[str]:
    """Every way in which some client may authenticate."""
    return list(dict.fromkeys(method for rules in RULES.values() for method in rules.auth_methods))


def grant_types() -> list[str]:
    """Every grant that some client may be given."""
    return list(dict.fromkeys(grant for rules in RULES.values() for grant in rules.grants))


def signing_algorithms() -> list[str]:
    """Every algorithm with which we sign for some client."""
    return list(dict.fromkeys(name for rules in RULES.values() for name in rules.algorithms))


def assertion_algorithms() -> list[str]:
    """Every algorithm with which some client may authenticate itself."""
    return list(dict.fromkeys(name for rules in RULES.values() for name in rules.assertion_algorithms))


def object_algorithms() -> list[str]:
    """Every algorithm with which some client may sign its request objects."""
    return list(dict.fromkeys(name for rules in RULES.values() for name in rules.object_algorithms))
