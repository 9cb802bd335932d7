"""One pushed request, sixteen openings at once: one code."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from flask import Flask

from portal.database import Database
from tests.identity.oidc.making import a_resident, a_service, agreed
from tests.portal.oidc.browsing import browser, sent_back
from tests.portal.oidc.test_par import follow, reference
from tests.races.at_once import CALLERS, at_once


def test_a_pushed_request_buys_one_code(app: Flask, database: Database, now: datetime) -> None:
    with database.transaction() as db:
        account, client = a_resident(db, now=now), a_service(db, now=now)
        agreed(db, account, client, now=now)
    uri = reference(app.test_client())
    callers = [browser(app, database, account, now) for _ in range(CALLERS)]
    answers = at_once(lambda: sent_back(follow(callers.pop(), uri)))
    assert Counter(answer.get("error", "code") for answer in answers) == {"code": 1, "invalid_request_uri": CALLERS - 1}


def test_a_pushed_request_waits_for_one_browser(app: Flask, database: Database, now: datetime) -> None:
    with database.transaction() as db:
        a_service(db, now=now)
    uri = reference(app.test_client())
    answers = at_once(lambda: follow(app.test_client(), uri).status_code)
    assert Counter(answers) == {303: 1, 400: CALLERS - 1}
