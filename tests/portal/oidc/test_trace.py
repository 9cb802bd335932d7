"""Each token in the database can be traced to a consent and to an event in the audit trail."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from identity.consent import Consent
from identity.oidc.grants import Grant
from identity.oidc.profiles import Profile
from identity.oidc.tokens import AccessToken
from portal.database import Database
from tests.fakes import Clock
from tests.identity.oidc.making import a_service
from tests.identity.oidc.tracing import untraceable
from tests.portal.oidc.browsing import authorize, basic, redeem, sent_back
from tests.portal.oidc.test_consent_page import decide

OFFLINE = "openid profile phone offline_access"


@pytest.fixture
def trail(resident: FlaskClient, database: Database, world: Any, clock: Clock) -> Database:
    """Twice: a consent on its page, a code, a refresh, a narrowed one, a silent code, the withdrawal. And a machine."""
    for _ in range(2):
        agreed = decide(resident, "approve", ("phone_number", "offline_access"), scope=OFFLINE)
        refresh = redeem(resident, sent_back(agreed)["code"]).json["refresh_token"]
        for scope in (OFFLINE, "openid"):
            clock.advance(seconds=40)
            form = {"grant_type": "refresh_token", "refresh_token": refresh, "scope": scope}
            refresh = resident.post("/oauth/token", data=form, headers=basic()).json["refresh_token"]
        assert redeem(resident, sent_back(authorize(resident))["code"]).status_code == 200
        resident.post(f"/account/consents/{world.client.id}/withdraw")
    with database.transaction() as db:
        said: dict[str, Any] = {"profile": Profile.MACHINE, "redirect_uris": (), "post_logout_redirect_uris": ()}
        a_service(db, now=clock(), client_id="machine", scopes=("a:read",), items={}, **said)
    machine = resident.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=basic("machine"))
    assert machine.status_code == 200, machine.text
    return database


def test_every_token_follows_from_a_consent_and_stands_in_the_trail(trail: Database) -> None:
    with trail.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(AccessToken)) == 2 * 4 + 1
        assert untraceable(db) == []


def test_what_does_not_would_be_found(trail: Database) -> None:
    with trail.session(write=True) as db:
        db.execute(update(AccessToken).values(issued_at=AccessToken.expires_at))
        db.execute(update(Grant).values(userinfo_items=["identity_number"]))
        db.execute(update(Consent).where(Consent.item == "offline_access").values(given=False))
        found = set(untraceable(db))
    assert found == {
        "access token: no word of it",
        "grant: identity_number without consent",
        "grant: offline_access without consent",
    }
