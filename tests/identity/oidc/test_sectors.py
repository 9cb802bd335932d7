"""Sectors: a service cannot choose an address that makes it know people by another service's name."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from identity.base import Refused
from identity.oidc.clients import find_client
from identity.oidc.subjects import Subject, subject_for
from tests.identity.oidc.making import a_resident, a_service

NATIVE = {"application_type": "native"}
PUBLIC = {"subject_type": "public"}
ONE, OTHER = {"client_id": "one"}, {"client_id": "other"}


def names(db: Session, now: datetime, *said: dict) -> list[str]:
    account = a_resident(db, now=now)
    return [subject_for(db, account.id, a_service(db, now=now, **one)) for one in said]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"redirect_uris": ("https://victim.example/cb",)}, {"redirect_uris": ("com.evil.app://victim.example/cb",)}),
        ({"redirect_uris": ("com.aaa.app://callback",)}, {"redirect_uris": ("com.bbb.app://callback",)}),
        (PUBLIC, {"redirect_uris": ("com.evil.app://public/cb",)}),
        (PUBLIC, {"redirect_uris": ("https://public/cb",)}),
        (PUBLIC, {"sector": "public"}),
        ({"redirect_uris": ("http://127.0.0.1/cb",)}, {"redirect_uris": ("http://127.0.0.1/cb",)}),
        ({"redirect_uris": ("http://localhost/cb",)}, {"redirect_uris": ("http://localhost/cb",)}),
        ({"redirect_uris": ("http://[::1]/cb",)}, {"redirect_uris": ("http://[::1]/cb",)}),
        (
            {"client_id": "x" * 500 + "1", "redirect_uris": ("http://127.0.0.1/cb",)},
            {"client_id": "x" * 500 + "2", "redirect_uris": ("http://127.0.0.1/cb",)},
        ),
        (
            {"client_id": "c", "redirect_uris": ("http://127.0.0.1/cb",)},
            {"redirect_uris": ("https://c/cb",)},
        ),
    ],
)
def test_two_sectors_never_meet(db: Session, now: datetime, one: dict, other: dict) -> None:
    first, second = names(db, now, {**NATIVE, **ONE, **one}, {**NATIVE, **OTHER, **other})
    assert first != second


def test_applications_of_one_scheme_and_services_of_one_host_know_one_name(db: Session, now: datetime) -> None:
    scheme = {**NATIVE, "redirect_uris": ("com.aaa.app://callback", "com.aaa.app:/other")}
    host = ({"redirect_uris": ("https://service.example/other",)}, {**NATIVE, "client_id": "app"})
    found = names(db, now, {**scheme, **ONE}, {**scheme, **OTHER}, {**host[0], "client_id": "web"}, host[1])
    assert found[0] == found[1]
    assert found[2] == found[3]


def test_the_names_that_were_given_before_stay(db: Session, now: datetime) -> None:
    """The host for services on the web, the marker for public names: rows of both are kept."""
    web, open_one = a_service(db, now=now), a_service(db, now=now, client_id="open", **PUBLIC)
    assert find_client(db, web.client_id).sector == "service.example"  # type: ignore[union-attr]
    account = a_resident(db, now=now)
    for sector, sub in (("service.example", "pairwise-before"), ("public", "public-before")):
        db.add(Subject(account_id=account.id, sector=sector, sub=sub))
    db.flush()
    assert [subject_for(db, account.id, client) for client in (web, open_one)] == ["pairwise-before", "public-before"]


def test_one_loopback_by_two_names_needs_no_sector_and_two_schemes_do(db: Session, now: datetime) -> None:
    a_service(db, now=now, **NATIVE, redirect_uris=("http://127.0.0.1/cb", "http://localhost/cb"))
    with pytest.raises(Refused) as caught:
        a_service(db, now=now, **NATIVE, **OTHER, redirect_uris=("com.aaa.app:/cb", "com.bbb.app:/cb"))
    assert caught.value.code == "client-sector-needed"
