"""Relying parties: what may be registered, and that their secrets are not ours to read."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.base import Refused
from identity.oidc.addresses import is_safe_address
from identity.oidc.clients import Directory, Profile, RelyingParty, find_client
from identity.oidc.subjects import subject_for
from tests.identity.oidc.making import SECRET, a_resident, a_service


def test_the_secret_is_known_by_a_keyed_hash_only(db: Session, now: datetime) -> None:
    client = a_service(db, now=now)
    assert client.has_secret(db.info["vault"], SECRET)
    assert not client.has_secret(db.info["vault"], SECRET + " ")
    assert SECRET not in str(db.execute(select(RelyingParty.__table__)).one())


def test_a_public_client_has_no_secret_and_must_use_pkce(db: Session, now: datetime) -> None:
    client = a_service(db, now=now, auth_method="none", pkce_required=False)
    assert client.pkce_required
    assert client.secret_digest is None
    assert not client.has_secret(db.info["vault"], "")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"client_id": "a\nb"}, "client-id-invalid"),
        ({"client_id": "dịch-vụ"}, "client-id-invalid"),
        ({"auth_method": "telepathy"}, "client-auth-method-invalid"),
        ({"grant_types": ("password",)}, "client-grant-invalid"),
        ({"profile": Profile.MACHINE, "auth_method": "none"}, "client-auth-method-invalid"),
        ({"scopes": ("openid", "everything")}, "client-scope-invalid"),
        ({"redirect_uris": ()}, "client-scope-invalid"),
        ({"redirect_uris": ("http://service.example/cb",)}, "client-address-invalid"),
        ({"post_logout_redirect_uris": ("javascript:alert(1)",)}, "client-address-invalid"),
        ({"redirect_uris": ("https://a.example/cb", "https://b.example/cb")}, "client-sector-needed"),
    ],
)
def test_what_a_profile_does_not_allow_is_refused(db: Session, now: datetime, said: dict, code: str) -> None:
    with pytest.raises(Refused) as caught:
        a_service(db, now=now, **said)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "address", ["https://a.example/cb", "http://127.0.0.1:8081/cb", "http://localhost/cb", "http://[::1]:9/cb"]
)
def test_https_and_loopback_are_safe(address: str) -> None:
    assert is_safe_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://a.example/cb",
        "https://a.example/cb#x",
        "https://u:p@a.example/cb",
        "https:///cb",
        "//a.example/cb",
        "data:text/html,x",
        "http://127.0.0.1.evil.example/",
        "https://a.example/c b\n",
        "https://[/",
    ],
)
def test_other_addresses_are_not(address: str) -> None:
    assert not is_safe_address(address)


def test_a_closed_client_is_gone_within_seconds(db: Session, now: datetime) -> None:
    a_service(db, now=now)
    assert Directory().find(db, "a-service")
    db.get_one(RelyingParty, find_client(db, "a-service").id).closed_at = now  # type: ignore[union-attr]
    db.flush()
    assert Directory().find(db, "a-service") is None


def test_ids_that_no_client_can_have_are_not_looked_up(db: Session) -> None:
    assert Directory().find(db, "a\0b") is None


def test_each_sector_knows_a_person_by_another_name(db: Session, now: datetime) -> None:
    account = a_resident(db, now=now)
    one = a_service(db, now=now)
    same_sector = a_service(db, now=now, client_id="sister")
    other = a_service(db, now=now, client_id="other", redirect_uris=("https://other.example/cb",))
    public = a_service(db, now=now, client_id="public", subject_type="public")
    names = [subject_for(db, account.id, client) for client in (one, same_sector, other, public)]
    assert names[0] == names[1]
    assert len(set(names)) == 3
    assert subject_for(db, account.id, one) == names[0]
    assert account.login not in str(names)
