"""Client metadata as a program sends them: read member by member, unknown ones ignored (RFC 7591, Registration 1.0).

What cannot be meant is refused with the error that the specification names and the member at fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, get_type_hints
from urllib.parse import urlsplit

import orjson

from identity.base import Refused
from identity.oidc.addresses import is_on_this_machine
from identity.oidc.claims import SCOPES
from identity.oidc.client_metadata import ClientMetadata, Texts
from identity.oidc.clients import Registration, check_registration
from identity.oidc.encryption import USUAL_CIPHER
from identity.oidc.errors import ProtocolError
from identity.oidc.profiles import KEY_METHODS, PUBLIC, RULES, Profile
from identity.oidc.sectors import sectors_of
from identity.oidc.tokens import LONGEST_SCOPE

Document = Mapping[str, Any]
RULE = "RFC 7591 section 2"
NAMED = ("client_name", "purpose")
OURS = {"resources", "claim_mapping", "jwks"}
"""Members of a client that are an operator's to give, or that are read apart."""
UNASKED_SCOPES = tuple(scope for scope in SCOPES if scope != "identity")
"""What a client may ask people for that names no scope: everything but the identity number."""
MOST, LONGEST, LONGEST_NAME = 50, 2_000, 200
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
MACHINE_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}")
WORDS = {
    "client-id-invalid": "is not one that we give",
    "client-id-taken": "is another client's, or was before it was closed",
    "client-auth-method-invalid": "is not one that a client of this profile may use (without a word, profile is fapi2)",
    "client-grant-invalid": "names a grant that a client of this profile is not given",
    "client-scope-invalid": "is missing, or not one that we know",
    "client-address-invalid": "must be absolute https addresses without a fragment",
    "client-sector-needed": "is needed: redirect_uris are on several hosts and subject_type is pairwise",
    "client-sector-clash": "has met people whom the sector of its addresses knows by another sub",
}


def read_registration(document: Document, *, client_id: str, is_open: bool) -> Registration:
    """What is asked to be registered. `ProtocolError` invalid_client_metadata or invalid_redirect_uri.

    `is_open` is the test setting: there a confidential `standard` client may leave PKCE out, loopback is a host, and
    the profile follows from what is said, because certification clients do not know ours.
    """
    document = {name: value for name, value in document.items() if value is not None}
    profile = _profile(document, is_open=is_open)
    rest = {name: reader(document, name) for name, reader in READERS.items() if document.get(name, "") != ""}
    rest |= {name: _texts(document, name) for name in TRANSLATED}
    method = _text(document, "token_endpoint_auth_method") or _usual_method(profile)
    registration = Registration(
        client_id=client_id,
        profile=profile,
        auth_method=method,
        name=_texts(document, "client_name"),
        purpose=_texts(document, "purpose"),
        home=next(iter(rest["client_uri"].values()), "")[:512],
        contact=next(iter(_list(document, "contacts")), "")[:200],
        redirect_uris=_list(document, "redirect_uris"),
        post_logout_redirect_uris=_list(document, "post_logout_redirect_uris"),
        grant_types=_grants(document, profile),
        scopes=_scopes(document, profile),
        subject_type=_subject_type(document, client_id),
        sector=_host(_text(document, "sector_identifier_uri")),
        pkce_required=not is_open or method == PUBLIC,
        **{**rest, **_defaults(rest, profile), "jwks": _jwks(document)},
    )
    _check(registration, is_open=is_open)
    return registration


def refuse(member: str, words: str, *, error: str = "invalid_client_metadata", rule: str = RULE) -> NoReturn:
    """The answer to a client's developer."""
    raise ProtocolError(error, f"{member} {words}", rule=rule)


def words_of(refused: Refused) -> str:
    """What is wrong with the member that `check_registration` refused, for whoever wrote it."""
    return WORDS.get(refused.code) or str(refused.facts["words"])


def _subject_type(document: Document, client_id: str) -> str:
    """Pairwise, unless it was left to us and the addresses on several hosts name no sector (Core section 8.1)."""
    sectors = sectors_of(_list(document, "redirect_uris"), _text(document, "application_type"), client_id)
    is_open = "subject_type" not in document and "sector_identifier_uri" not in document
    return "public" if is_open and len(sectors) > 1 else _one_of(document, "subject_type", ("pairwise", "public"))


def _profile(document: Document, *, is_open: bool) -> Profile:
    """By name (`profile`, a member of ours), else FAPI 2.0 for whoever signs people in.

    In the test setting the strictest that fits what is said.
    """
    if "profile" in document:
        return Profile(_one_of(document, "profile", tuple(Profile)))
    if _list(document, "grant_types") == ("client_credentials",):
        return Profile.MACHINE
    is_bound = "dpop_bound_access_tokens", "tls_client_certificate_bound_access_tokens"
    has_keys = document.get("token_endpoint_auth_method") in KEY_METHODS
    fits = has_keys and any(document.get(name) is True for name in is_bound)
    return Profile.FAPI2 if fits or not is_open else Profile.STANDARD


def _usual_method(profile: Profile) -> str:
    """What RFC 7591 section 2 says where nothing is said, if the profile has it."""
    allowed = RULES[profile].auth_methods
    return "client_secret_basic" if "client_secret_basic" in allowed else allowed[0]


def _grants(document: Document, profile: Profile) -> tuple[str, ...]:
    """Grants and response types must agree (RFC 7591 section 2.1)."""
    if profile is Profile.MACHINE:
        if _list(document, "response_types"):
            refuse("response_types", "cannot be used with client_credentials")
        return ("client_credentials",)
    grants = _list(document, "grant_types") or ("authorization_code",)
    if (_list(document, "response_types") or ("code",)) != ("code",):
        refuse("response_types", "must be code")
    if "authorization_code" not in grants:
        refuse("grant_types", "must contain authorization_code, which goes with the response type code")
    return grants


def _scopes(document: Document, profile: Profile) -> tuple[str, ...]:
    """The scopes of `scope`; for people's data only known ones count (RFC 7591 section 2)."""
    asked = tuple(dict.fromkeys(_text(document, "scope").split()))
    if profile is Profile.MACHINE:
        if not all(MACHINE_SCOPE.fullmatch(scope) for scope in asked) or len(asked) > MOST:
            refuse("scope", "is not a list of scopes")
        if len(" ".join(asked)) > LONGEST_SCOPE:  # a token names them all
            refuse("scope", f"may have at most {LONGEST_SCOPE} characters")
        return asked
    known = tuple(scope for scope in asked if scope in SCOPES) if asked else UNASKED_SCOPES
    return known if "openid" in known else ("openid", *known)


def _defaults(rest: Mapping[str, Any], profile: Profile) -> dict[str, Any]:
    """What the specification says where nothing is said: RS256 where the profile has it, a cipher beside a key wrap."""
    found: dict[str, Any] = {}
    if "id_token_signed_response_alg" not in rest and "RS256" in RULES[profile].algorithms:
        found |= {"id_token_signed_response_alg": "RS256"}
    for kind in ("id_token", "userinfo"):
        if f"{kind}_encrypted_response_alg" in rest and f"{kind}_encrypted_response_enc" not in rest:
            found[f"{kind}_encrypted_response_enc"] = USUAL_CIPHER
    return found


def _check(said: Registration, *, is_open: bool) -> None:
    if said.application_type != "native" and not is_open:
        for member, addresses in _addresses(said).items():
            if any(map(is_on_this_machine, addresses)):
                refuse(member, "may be on this machine for native applications only", error=_error_of(member))
    try:
        check_registration(said)
    except Refused as refused:
        error = "invalid_redirect_uri" if refused.field == "redirect_uris" else "invalid_client_metadata"
        refuse(refused.field or "client_id", words_of(refused), error=error, rule=refused.facts.get("rule", RULE))


def _addresses(said: Registration) -> dict[str, tuple[str, ...]]:
    """Where a person's browser is sent, or what it is shown."""
    return {
        "redirect_uris": said.redirect_uris,
        "post_logout_redirect_uris": said.post_logout_redirect_uris,
        "initiate_login_uri": (said.initiate_login_uri or "",),
        **{name: tuple(getattr(said, name).values()) for name in ("client_uri", "logo_uri", "policy_uri", "tos_uri")},
    }


def _text(document: Document, name: str) -> str:
    value = document.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
        refuse(name, f"must be printable text of at most {LONGEST} characters")
    return value


def _list(document: Document, name: str) -> tuple[str, ...]:
    value = document.get(name, ())
    if not isinstance(value, list | tuple) or len(value) > MOST:
        refuse(name, f"must be a list of at most {MOST} texts", error=_error_of(name))
    if not all(isinstance(one, str) and len(one) <= LONGEST and one.isprintable() for one in value):
        refuse(name, f"must be a list of printable texts of at most {LONGEST} characters", error=_error_of(name))
    return tuple(dict.fromkeys(value))


def _error_of(name: str) -> str:
    return "invalid_redirect_uri" if name == "redirect_uris" else "invalid_client_metadata"


def _flag(document: Document, name: str) -> bool:
    value = document[name]
    if not isinstance(value, bool):
        refuse(name, "must be true or false")
    return value


def _number(document: Document, name: str) -> int:
    value = document[name]
    if isinstance(value, bool) or not isinstance(value, int):
        refuse(name, "must be a whole number")
    return value


def _one_of(document: Document, name: str, allowed: tuple[str, ...]) -> str:
    value = _text(document, name) or allowed[0]
    if value not in allowed:
        refuse(name, f"must be one of: {', '.join(allowed)}")
    return value


def _texts(document: Document, name: str) -> Texts:
    """A text and its translations: `name`, `name#vi` (Registration section 2.1)."""
    found = {}
    for member in document:
        base, _mark, language = member.partition("#")
        if base == name and (language == "" or LANGUAGE.fullmatch(language)):
            found[language] = _text(document, member)
    if name in NAMED and any(len(text) > LONGEST_NAME for text in found.values()):
        refuse(name, f"may have at most {LONGEST_NAME} characters")
    return {language: text for language, text in found.items() if text}


def _jwks(document: Document) -> dict[str, Any] | None:
    value = document.get("jwks")
    if value is not None and not isinstance(value, dict):
        refuse("jwks", "must be a JWK Set")
    try:
        orjson.dumps(value)  # as it is told and read later on
    except orjson.JSONEncodeError:
        refuse("jwks", "is nested too deeply")
    return value


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


_KINDS: Mapping[Any, Callable[[Document, str], Any]] = {
    str: _text,
    str | None: _text,
    tuple[str, ...]: _list,
    bool: _flag,
    int | None: _number,
}
_MEMBERS = {name: kind for name, kind in get_type_hints(ClientMetadata).items() if name not in OURS}
READERS: Mapping[str, Callable[[Document, str], Any]] = {
    **{name: _KINDS[kind] for name, kind in _MEMBERS.items() if kind in _KINDS},
    "application_type": lambda document, name: _one_of(document, name, ("web", "native")),
}
"""How each member is read: by its type in `ClientMetadata`."""
TRANSLATED = tuple(name for name, kind in _MEMBERS.items() if kind == Texts)
