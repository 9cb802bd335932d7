"""One invitation, sixteen programs at once: one is let in."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from flask import Flask
from sqlalchemy import func, select

from identity.oidc.clients import RelyingParty
from identity.oidc.invitation import invite
from portal.database import Database
from tests.portal.oidc.browsing import bearer
from tests.races.at_once import CALLERS, at_once


def test_an_invitation_lets_one_program_in(app: Flask, database: Database, now: datetime) -> None:
    with database.transaction() as db:
        token = invite(db, "the quickest", now=now)
    document = {"redirect_uris": ["https://service.example/callback"], "profile": "standard"}
    answers = at_once(lambda: app.test_client().post("/oauth/register", json=document, headers=bearer(token)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 401: CALLERS - 1}
    with database.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(RelyingParty)) == 1
