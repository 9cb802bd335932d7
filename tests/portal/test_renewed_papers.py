"""A paper was renewed: what was certified is not asked again, of oneself or of a child (Decree 45/2020 Art. 3)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from identity.account import Account
from identity.application import Draft, acknowledge, decide, request_supplement, save_step
from identity.registers.embedded import open_session
from portal.database import Database
from tests.identity import applicants as known
from tests.identity.applicants import (
    CHILD,
    a_guardian,
    a_ward,
    activated,
    an_officer,
    for_ward,
    issued,
    sent_online,
)
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
    with database.transaction() as db:
        draft = db.scalars(select(Draft).order_by(Draft.id.desc()).limit(1)).one()
        save_step(db, draft, {"portrait_file_id": str(draft.id), "portrait_matched": True}, now=now)
    assert "Known from the account; the register agrees" in client.get("/apply/check").text


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
    for step in ("personal-number", "name", "birth-date"):
        assert where(parent.get(f"/apply/{step}")) == "/apply/register"
    assert child.post("/account/renewed-paper").status_code == 403
    assert 'id="renew"' not in child.get("/account/papers").text
    assert child.post(address).status_code == 403


def test_what_moves_leads_to_the_file_and_says_until_when_an_answer_is_wanted(
    app: Flask, database: Database, now: datetime
) -> None:
    client = holder(app, database, known.CITIZEN, now)
    with database.transaction() as db:
        new = replace(known.CITIZEN, card_expires_on=NEW_CARD)
        file, _code = sent_online(db, new, now=now + timedelta(hours=1), sim=None)
        asker = an_officer(db, "receiving_officer", now=now)
        request_supplement(db, file, asker, ["phone-proof"], "", now=now + timedelta(hours=2))
        number = file.dossier_number
    page = client.get("/account").text
    assert f'<a href="/status/mine">{number}</a>' in page
    assert "answer by 23 December 2026" in page


def test_a_guardian_finds_the_file_of_a_child_after_its_refusal(app: Flask, database: Database, now: datetime) -> None:
    with database.transaction() as db:
        guardian = a_guardian(db, now=now)
        file, _code = for_ward(db, guardian, replace(CHILD, guardian_number=None), now=now)
        acknowledge(db, file, an_officer(db, "receiving_officer", now=now), now=now)
        decide(db, file, an_officer(db, "approving_officer", now=now), "refused", "guardian-missing", now=now)
        name, mine = CHILD.full_name, f'action="/status/mine/{file.id}"'
    page = browser(app, database, guardian, now).get("/status/mine").text
    assert name in page and mine in page
