"""One code, sixteen callers at once: one buys, the others are refused, and the replay takes everything back."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

from flask import Flask

from portal.database import Database
from tests.identity.oidc.making import a_code, a_resident, a_service
from tests.portal.oidc.browsing import bearer, redeem

CALLERS = 16


def at_once(call: Any) -> list[Any]:
    """Call sixteen times at the same moment."""
    gate = Barrier(CALLERS)

    def wait_and_call(_number: int) -> Any:
        gate.wait()
        return call()

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(wait_and_call, range(CALLERS)))


def test_a_code_buys_once(app: Flask, database: Database, now: datetime) -> None:
    with database.transaction() as db:
        account, client = a_resident(db, now=now), a_service(db, now=now)
        code, _session = a_code(db, account, client, now=now)
    app.test_client().get("/oauth/jwks")
    answers = at_once(lambda: redeem(app.test_client(), code))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: CALLERS - 1}
    assert {answer.json["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}
    winner = next(answer for answer in answers if answer.status_code == 200)
    told = app.test_client().get("/oauth/userinfo", headers=bearer(winner.json["access_token"]))
    assert told.status_code == 401


def test_first_meetings_at_once_agree_on_the_name(app: Flask, database: Database, now: datetime) -> None:
    from identity.oidc.subjects import subject_for

    with database.transaction() as db:
        account, client = a_resident(db, now=now), a_service(db, now=now)

    def meet() -> str:
        with database.transaction() as db:
            return subject_for(db, account.id, client)

    assert len(set(at_once(meet))) == 1


def test_processes_that_start_at_once_agree_on_the_keys(database: Database, now: datetime) -> None:
    from identity.oidc.keys import Keychain, keep_ahead

    def start() -> str:
        with database.transaction() as db:
            keep_ahead(db, now=now)
        with database.transaction() as db:
            ring = Keychain().load(db, now=now)
        assert ring
        return ring.signing["ES256"].kid

    assert len(set(at_once(start))) == 1
