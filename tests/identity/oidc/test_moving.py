"""A service finds people by `sub`: it stays when addresses or our rules change, or the change is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from identity.account import Account
from identity.base import Refused
from identity.consent import Consent
from identity.oidc import registration
from identity.oidc.clients import Client, Registration, RelyingParty, find_client, register
from identity.oidc.errors import ProtocolError
from identity.oidc.grants import Grant
from identity.oidc.moving import is_elsewhere, move
from identity.oidc.subjects import subject_for
from tests.identity.oidc.making import a_code, a_resident, a_service

APP: dict[str, Any] = {
    "application_type": "native",
    "auth_method": "none",
    "redirect_uris": ("http://127.0.0.1/cb",),
    "items": {},
}
BY_THE_OLD_RULE = "127.0.0.1"


def an_old_application(db: Session, client_id: str, now: datetime, **said: Any) -> Client:
    """Registered when the loopback, or what stands behind a private scheme, counted as a host."""
    client = a_service(db, now=now, client_id=client_id, **{**APP, **said})
    db.get_one(RelyingParty, client.id).sector = BY_THE_OLD_RULE
    db.flush()
    return replace(client, sector=BY_THE_OLD_RULE)


def told(db: Session, account: Account, client: Client, now: datetime) -> str:
    """The account signs in there; how the client knows it now."""
    said = {"client_id": client.client_id, "redirect_uri": client.redirect_uris[0], "scope": "openid"}
    a_code(db, account, client, now=now, **said)
    return subject_for(db, account.id, client)


def again(db: Session, client: Client) -> Client:
    found = find_client(db, client.client_id)
    assert found is not None
    return found


def test_an_application_moves_and_everybody_keeps_the_name_it_knows(db: Session, now: datetime) -> None:
    one, other = (an_old_application(db, name, now) for name in ("one", "other"))
    known, stranger = a_resident(db, now=now), a_resident(db, now=now, login="001158012346")
    before = told(db, known, one, now)
    told(db, stranger, other, now)
    assert is_elsewhere(one)
    assert move(db, one, now=now) == 1
    moved = again(db, one)
    assert not is_elsewhere(moved)
    assert subject_for(db, known.id, moved) == before
    assert subject_for(db, stranger.id, moved) != subject_for(db, stranger.id, other), "nobody new is shared"
    assert subject_for(db, known.id, other) == before, "the others keep their names too"


def test_whom_it_met_is_known_after_consent_and_grant_are_gone(db: Session, now: datetime) -> None:
    client, account = an_old_application(db, "one", now), a_resident(db, now=now)
    before = told(db, account, client, now)
    db.execute(delete(Consent))
    db.execute(delete(Grant))
    assert move(db, client, now=now) == 1
    assert subject_for(db, account.id, again(db, client)) == before


def test_a_move_that_would_rename_somebody_is_refused(db: Session, now: datetime) -> None:
    scheme = {"redirect_uris": ("com.aaa.app://callback",)}
    old, account = an_old_application(db, "old", now, **scheme), a_resident(db, now=now)
    young = a_service(db, now=now, client_id="young", **{**APP, **scheme})
    told(db, account, old, now)
    told(db, account, young, now)
    with pytest.raises(Refused) as caught:
        move(db, old, now=now)
    assert caught.value.code == "client-sector-clash"
    assert again(db, old).sector == BY_THE_OLD_RULE


@pytest.mark.parametrize(
    "said",
    [{}, APP, {"subject_type": "public"}, {"sector_identifier_uri": "https://s.example/x", "sector": "s.example"}],
    ids=["web", "application", "public", "named"],
)
def test_nobody_else_has_to_move(db: Session, now: datetime, said: dict[str, Any]) -> None:
    assert not is_elsewhere(a_service(db, now=now, **said))


def registered(db: Session, now: datetime, **said: Any) -> tuple[Client, Registration]:
    wish = Registration(client_id="it", name={}, redirect_uris=("https://service.example/cb",), items={}, **said)
    return register(db, wish, now=now)[0], wish


def change(db: Session, client: Client, said: Registration, now: datetime) -> Client:
    document = {"client_id": client.client_id}
    return registration.change(db, client, document, said, is_right=True, now=now)[0]


@pytest.mark.parametrize(
    "wish",
    [{"redirect_uris": ("https://elsewhere.example/cb",)}, {"subject_type": "public"}],
    ids=["host", "type"],
)
def test_a_change_that_would_rename_people_is_refused(db: Session, now: datetime, wish: dict[str, Any]) -> None:
    client, said = registered(db, now)
    moved = change(db, client, replace(said, **wish), now)
    assert (moved.redirect_uris, moved.subject_type) != (client.redirect_uris, client.subject_type), (
        "nobody was met yet"
    )
    client = change(db, moved, said, now)
    before = told(db, account := a_resident(db, now=now), client, now)
    with pytest.raises(ProtocolError) as caught:
        change(db, client, replace(said, **wish), now)
    assert (caught.value.error, "sub" in caught.value.description) == ("invalid_client_metadata", True)
    assert subject_for(db, account.id, again(db, client)) == before


def test_other_paths_of_the_same_host_rename_nobody(db: Session, now: datetime) -> None:
    client, said = registered(db, now)
    before = told(db, account := a_resident(db, now=now), client, now)
    client = change(db, client, replace(said, redirect_uris=("https://service.example/new",)), now)
    assert subject_for(db, account.id, client) == before


def test_a_change_moves_no_application_behind_its_back(db: Session, now: datetime) -> None:
    client, account = an_old_application(db, "one", now), a_resident(db, now=now)
    before = told(db, account, client, now)
    wish = Registration(client_id="one", name={"": "Another name"}, **APP)
    client = change(db, client, wish, now)
    assert (client.sector, subject_for(db, account.id, client)) == (BY_THE_OLD_RULE, before)
    assert move(db, client, now=now) == 1
    wish = replace(wish, redirect_uris=("http://127.0.0.1/other",))
    assert subject_for(db, account.id, change(db, again(db, client), wish, now)) == before
