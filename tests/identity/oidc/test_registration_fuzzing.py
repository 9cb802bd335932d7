"""Whatever a program sends to be registered is taken or refused by name; nothing else happens."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.oidc.client_keys import keys_for, suitable
from identity.oidc.client_metadata import ClientMetadata, restored
from identity.oidc.client_metadata import said as metadata_of
from identity.oidc.errors import ProtocolError
from identity.oidc.registration_request import NAMED, READERS, TRANSLATED, read_registration

ADDRESSES = st.sampled_from(
    [
        "https://a.example/",
        "http://a",
        "https://[",
        "https://[::1",
        "https://a:99999/",
        "https://a:x/",
        "//",
        "x:y",
        "#",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 2**40) | st.floats(allow_nan=False) | st.text(max_size=8) | ADDRESSES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
OTHERS = ("redirect_uris", "post_logout_redirect_uris", "grant_types", "response_types", "scope", "jwks", "profile")
MEMBERS = st.sampled_from(
    [
        *READERS,
        *TRANSLATED,
        *NAMED,
        *OTHERS,
        "subject_type",
        "token_endpoint_auth_method",
        "logo_uri#vi",
        "client_name#",
    ]
)
LISTS = ("contacts", "default_acr_values", "redirect_uris", "post_logout_redirect_uris", "request_uris")
KEYS = st.dictionaries(
    st.sampled_from(["kty", "crv", "x", "y", "n", "e", "use", "alg", "kid", "x5c", "key_ops", "d"]),
    VALUES | st.sampled_from(["EC", "RSA", "OKP", "P-256", "Ed25519", "X25519", "AQAB", "sig", "A" * 400]),
    max_size=8,
)


def read(document: dict[str, Any], *, is_open: bool) -> ClientMetadata | None:
    try:
        return read_registration(document, client_id="a-service", is_open=is_open)
    except ProtocolError as error:
        assert error.error in {"invalid_client_metadata", "invalid_redirect_uri"}
        assert error.description.isascii()
        return None


@given(st.dictionaries(MEMBERS, VALUES, max_size=6), st.booleans())
def test_any_document_is_taken_or_refused_by_name(document: dict[str, Any], is_open: bool) -> None:
    read(document, is_open=is_open)


@given(MEMBERS, VALUES)
def test_one_strange_member_beside_good_ones(member: str, value: Any) -> None:
    said = read({"redirect_uris": ["https://service.example/callback"], member: value}, is_open=True)
    if said is not None:
        kept = orjson.loads(orjson.dumps(metadata_of(said)))
        assert metadata_of(ClientMetadata(**restored(kept))) == metadata_of(said), "what is stored reads back"


@pytest.mark.parametrize("sign", ["\x00", "\n", "\u202e"])
@pytest.mark.parametrize("member", LISTS)
def test_lists_hold_no_sign_that_a_database_or_a_reader_stumbles_over(member: str, sign: str) -> None:
    """PostgreSQL keeps no NUL in a text: a contact with one was answered with our own mistake."""
    address = f"https://service.example/{sign}"
    with pytest.raises(ProtocolError, match=r"printable|must be absolute"):
        read_registration(
            {"redirect_uris": ["https://service.example/callback"], member: [address]}, client_id="c", is_open=True
        )


@given(st.lists(KEYS | VALUES, max_size=3))
def test_any_key_set_has_some_keys_or_none(keys: list[Any]) -> None:
    jwks = {"keys": keys}
    assert len(suitable(jwks, "sig")) <= len(keys)
    keys_for(ClientMetadata(jwks=jwks), None, use="enc")  # type: ignore[arg-type]
