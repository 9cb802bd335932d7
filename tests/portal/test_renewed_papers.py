"""A paper was renewed: what was certified is not asked again, of oneself or of a child (Decree 45/2020 Art. 3)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from identity.account import Account
from identity.registers.embedded import open_session
from portal.database import Database
from tests.identity import applicants as known
from tests.identity.applicants import a_ward, activated, issued
from tests.portal.applicant import CITIZEN, FOREIGNER, copied
from tests.portal.oidc.browsing import browser

NEW_CARD = date(2045, 9, 2)


def holder(app: Flask, database: Database, base: Any, now: datetime) -> FlaskClient:
    """A signed-in browser of somebody whose papers of today were certified at a counter."""
    with database.transaction() as db:
        account: Account = activated(db, issued(db, base, now=now)[1].account_id, now=now)
    client = browser(app, database, account, now)
    client.set_cookie("language", "en")
    return client


def registered(tmp_path: Any, row: Any, **changes: Any) -> None:
    with open_session(f"sqlite:///{tmp_path / 'registers.db'}") as session:
        session.merge(copied(row, **changes))
        session.commit()


def where(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


@pytest.mark.usefixtures("services")
def test_a_citizen_with_a_new_card_types_nothing(app: Flask, database: Database, tmp_path: Any, now: datetime) -> None:
    client = holder(app, database, known.CITIZEN, now)
    assert 'action="/account/renewed-paper"' in client.get("/account/papers").text
    assert where(client.post("/account/renewed-paper")) == "/apply/register"
    for step in ("phone", "personal-number", "name", "birth-date"):
        assert where(client.get(f"/apply/{step}")) == "/apply/register"
    registered(tmp_path, CITIZEN)
    assert "The register knows no newer paper" in client.post("/apply/register").text
    registered(tmp_path, CITIZEN, card_expires_on=NEW_CARD)
    assert where(client.post("/apply/register")) == "/apply/confirmed"
    assert "/apply/portrait" in client.get("/apply/confirmed").text


@pytest.mark.usefixtures("services")
def test_a_foreign_resident_changes_the_number_that_is_new_and_finds_the_rest(
    app: Flask, database: Database, tmp_path: Any, now: datetime
) -> None:
    client = holder(app, database, replace(known.FOREIGNER, residence_card=FOREIGNER.residence_card), now)
    assert where(client.post("/account/renewed-paper")) == "/apply/passport-number"
    assert re.search(
        rf'name="passport_number"[^>]*value="{FOREIGNER.passport_number}"', client.get("/apply/passport-number").text
    )
    assert where(client.post("/apply/passport-number", data={"passport_number": "M99887766"})) == "/apply/register"
    page = client.get("/apply/register").text
    assert "M99887766" in page and FOREIGNER.residence_card in page and "/apply/residence-card" in page
    registered(tmp_path, FOREIGNER, passport_number="M99887766", passport_expires_on=date(2041, 1, 1))
    assert where(client.post("/apply/register")) == "/apply/confirmed"


def test_a_guardian_applies_with_the_new_paper_of_a_child_and_the_child_does_not(
    app: Flask, database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        ward, guardian = a_ward(db, now=now)
        address = f"/account/wards/{ward.person_id}/renewed-paper"
    parent, child = (browser(app, database, one, now) for one in (guardian, ward))
    assert f'action="{address}"' in parent.get("/account/wards").text
    assert where(parent.post(address)) == "/apply/register"
    assert child.post("/account/renewed-paper").status_code == 403
    assert 'id="renew"' not in child.get("/account/papers").text
    assert child.post(address).status_code == 403
