"""Sixteen sign-outs at once: every service is told once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from flask import Flask
from sqlalchemy import select

from identity.oidc import grants
from identity.oidc.provider import Lifetimes
from identity.oidc.subjects import subject_for
from identity.outbox import Lane, lease
from identity.session import SignInSession
from portal.database import Database
from tests.identity.oidc.making import a_resident, a_service, asking, signed_in, visitor_of
from tests.races.at_once import at_once

SERVICES = 3


def test_each_service_is_told_once(app: Flask, database: Database, now: datetime) -> None:
    with database.transaction() as db:
        account = a_resident(db, now=now)
        opened = signed_in(db, account, now=now)
        for number in range(SERVICES):
            listens = {"backchannel_logout_uri": f"https://service.example/{number}"}
            client = a_service(db, now=now, client_id=f"service-{number}", **listens)
            grants.give_code(
                db,
                asking(client, client_id=client.client_id),
                visitor_of(account, opened, now=now),
                sub=subject_for(db, account.id, client),
                given=(),
                lifetimes=Lifetimes(),
                now=now,
            )
    ways = iter(["/sign-out", f"/account/sessions/{opened.session_id}/end", "/oauth/end-session/confirm"] * 16)

    def leave() -> int:
        browser = app.test_client()
        browser.set_cookie("eid_session", opened.token)
        return browser.post(next(ways)).status_code

    assert set(at_once(leave)) <= {302, 303, 404}, "a later one finds the session over, or is asked to sign in"
    with database.transaction() as db:
        told = Counter(message.address for message in lease(db, Lane.LOGOUT, now=now, most=100))
        assert db.scalars(select(SignInSession.ended_at)).all() == [now]
    assert told == {f"https://service.example/{number}": 1 for number in range(SERVICES)}
